"""Which texts of a snippet may be sent by themselves, and what is said where none may."""

from __future__ import annotations

import pytest

from triage.answers.compose import Said
from triage.answers.wording import Demands, following, has_link, wording
from triage.domain.limits import Lack

TEXTS = ("Dogs fly.", "Dogs may fly.", "Dogs fly, see https://marram.example/dogs")
CAREFUL = Demands(links=False, fits=True)


def test_a_text_with_a_link_is_left_out_where_another_will_do() -> None:
    assert {wording(TEXTS, str(variant), demands=CAREFUL) for variant in range(30)} == set(TEXTS[:2])
    assert {wording(TEXTS, str(variant)) for variant in range(30)} == set(TEXTS)


@pytest.mark.parametrize(
    ("texts", "said", "demands", "lack"),
    [
        (TEXTS, Said(frozenset(TEXTS)), CAREFUL, Lack.ALL_SAID),
        (TEXTS[2:], Said(), CAREFUL, Lack.LINK_COSTS),
        (TEXTS, Said(frozenset(TEXTS[:2])), CAREFUL, Lack.LINK_COSTS),
        (("x" * 281,), Said(), CAREFUL, Lack.TOO_LONG),
        (TEXTS[:2], Said(), Demands(refused=set(TEXTS)), Lack.SAID_LATELY),
    ],
)
def test_where_no_text_may_be_sent_it_is_said_why(texts, said, demands, lack) -> None:
    assert wording(texts, "1", said, demands) is lack


def test_a_bare_domain_counts_as_a_link() -> None:
    assert has_link("Write to us at marram.com any time")
    assert not has_link("Bags up to 10 kg. Dogs too.")


def test_the_next_text_is_taken_in_a_circle_and_never_the_refused_one() -> None:
    assert following(TEXTS, TEXTS[0], Said(), CAREFUL) == TEXTS[1]
    assert following(TEXTS, TEXTS[1], Said(), CAREFUL) == TEXTS[0]
    assert following(TEXTS, TEXTS[1], Said(), Demands(refused={TEXTS[0]}, links=False)) is None
    assert following(TEXTS, "not of the snippet any more", Said(), CAREFUL) == TEXTS[0]
