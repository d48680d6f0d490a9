"""What may be shown of a message: nothing that is exposed, whoever found it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.doubles import NOON, scores
from triage.domain.decision import Action, Decision
from triage.domain.message import MessageState, StoredMessage
from triage.domain.scores import UNSCORED, Head, Judgement, Span
from triage.privacy.detect import detect
from triage.privacy.published import Published
from triage.service.showing import Showing
from triage.store.judgements import Judged

TEXT = "@MarramAir refund for Jo, mail jo.marsh@example.org please"
EMAIL = Span(TEXT.index("jo.m"), TEXT.index(" please"), "EMAIL")
NAME = Span(TEXT.index("Jo"), TEXT.index(","), "PERSON")
SHOWING = Showing(detect, Published(["0117 496 0140"]))


def stored(text: str = TEXT, *, inbound: bool = True) -> StoredMessage:
    return StoredMessage(
        1, 2, "memory", "m1", "500", inbound, NOON, text, text.lower(), MessageState.QUEUED, None, "en"
    )


def judged(*spans: Span, model: str = "double-1", why: tuple = ()) -> Judged:
    made = replace(scores(), spans=spans, model=model, privacy=Judgement("medium", 0.9, why))
    return Judged(1, made, Decision(Action.QUEUE, "general", 2, ()))


def test_what_the_judgement_found_and_what_is_found_now_are_both_masked() -> None:
    shown = SHOWING.message(stored(), judged(NAME))  # the rules know no lone first name
    assert shown.text == "@MarramAir refund for [PERSON], mail [EMAIL] please"
    assert shown.exposed == ("PERSON", "EMAIL")
    assert [shown.text[one.start : one.end] for one in shown.masks] == ["[PERSON]", "[EMAIL]"]


def test_spans_that_overlap_are_one_mask() -> None:
    shown = SHOWING.message(stored(), judged(replace(EMAIL, start=EMAIL.start - 5, end=EMAIL.end - 3)))
    assert shown.text == "@MarramAir refund for Jo, [EMAIL] please"


@pytest.mark.parametrize("verdict", [None, judged(model=UNSCORED.model)], ids=["not judged yet", "not scored"])
def test_a_message_without_a_verdict_is_masked_too(verdict: Judged | None) -> None:
    assert SHOWING.message(stored(), verdict).text.endswith("mail [EMAIL] please")


def test_a_verdict_on_another_text_neither_fails_nor_unmasks() -> None:
    assert SHOWING.message(stored(), judged(Span(500, 520, "EMAIL"))).text.endswith("mail [EMAIL] please")


def test_the_scores_that_are_shown_have_the_masks_as_spans_and_no_word_of_what_is_masked() -> None:
    shown = SHOWING.message(stored(), judged(EMAIL, why=(("marsh", 0.7), ("refund", 0.2), ("(length)", 0.1))))
    assert shown.scores is not None
    assert shown.scores.spans == shown.masks
    assert shown.scores.head(Head.PRIVACY).why == (("[EMAIL]", 0.7), ("refund", 0.2), ("(length)", 0.1))


def test_nothing_of_what_is_shown_says_what_is_masked() -> None:
    assert "marsh" not in repr(SHOWING.message(stored(), judged(EMAIL, why=(("marsh", 0.7),)))).lower()


def test_what_the_brand_has_published_stays_in_its_own_texts_however_it_is_written() -> None:
    said = "Call (0117) 496-0140, not 0161 496 0000"
    assert SHOWING.own(said).text == "Call (0117) 496-0140, not [PHONE]"
    assert SHOWING.message(stored(said, inbound=False)).text == "Call (0117) 496-0140, not [PHONE]"


def test_messages_with_pictures_say_so() -> None:
    assert SHOWING.message(stored("look https://t.co/a1B2c3D4e5")).pictures
    assert not SHOWING.message(stored()).pictures
