"""Laws of detection, risk and masking, for any text and any spans."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from pathlib import Path
from random import Random
from time import process_time

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from triage.domain.scores import Intent, PrivacyRisk, Span
from triage.privacy.detect import Detector, detect
from triage.privacy.findings import TYPES, Finding, Ground, settle
from triage.privacy.redact import ReasonMask, mask, redact
from triage.privacy.risk import assess, exposed_level, raise_to
from triage.privacy.view import view_of
from triage.text.normalise import normalise

_PIECES = st.sampled_from(
    [
        *"abcXYZ 0123456789.,-/+()#@:'\n４’😡İß",
        *("4111 1111 1111 1111", "07700 900123", "jo@post.example", "order no ", "my name is ", "Jane Roe", "1️⃣"),
        *("Mrs. ", "Gustav", " Hendricks ", "for ", "thanks ", "\r\n", "\t", "  ", "ÅSA ", "de la "),
        *("12 High Street", "LS6 4QN", "QX7T2P", "dob 1/2/1990", " password is ", "I have cancer", "@brand "),
    ]
)
TEXTS = st.one_of(st.text(max_size=120), st.lists(_PIECES, max_size=25).map("".join))
SPANS = st.lists(
    st.builds(
        lambda start, length, kind: Span(start, start + length, kind),
        st.integers(0, 50),
        st.integers(1, 9),
        st.sampled_from(TYPES),
    ),
    max_size=6,
)
LEVELS = [PrivacyRisk.NONE, PrivacyRisk.LOW, PrivacyRisk.MEDIUM, PrivacyRisk.HIGH]


@given(TEXTS)
def test_spans_lie_inside_the_text_sorted_and_apart(text: str) -> None:
    spans = detect(text)
    assert all(0 <= span.start < span.end <= len(text) and span.type in TYPES for span in spans)
    assert all(left.end <= right.start for left, right in pairwise(spans))


@cache
def with_people() -> Detector:
    return Detector.load(Path(__file__).parents[2] / "models" / "people-en")


@given(st.lists(TEXTS, max_size=6))
@settings(deadline=None)
def test_spans_of_rules_and_model_lie_inside_the_text_sorted_and_apart(texts: list[str]) -> None:
    for text, spans in zip(texts, with_people().find_all(texts), strict=True):
        assert all(0 <= span.start < span.end <= len(text) and span.type in TYPES for span in spans)
        assert all(left.end <= right.start for left, right in pairwise(spans))


@given(st.lists(TEXTS, max_size=6))
@settings(deadline=None)
def test_many_texts_are_read_as_each_alone(texts: list[str]) -> None:
    assert with_people().find_all(texts) == [with_people().find(text) for text in texts]


@given(TEXTS)
def test_the_view_has_the_length_of_the_text(text: str) -> None:
    assert len(view_of(text)) == len(text)


@given(
    st.text(st.characters(exclude_characters="0123456789@", codec="ascii", categories=["Lu", "Ll", "Po"]), max_size=60)
)
def test_a_handle_or_link_never_counts_whatever_stands_in_it(name: str) -> None:
    link = f"https://t.co/{name.replace(' ', '')}4111111111111111"
    assert detect(link) == ()


@given(SPANS, SPANS)
def test_adding_spans_never_lowers_the_level(some: list[Span], more: list[Span]) -> None:
    assert LEVELS.index(exposed_level(some + more)) >= LEVELS.index(exposed_level(some))


@given(st.sampled_from(LEVELS), SPANS)
def test_raising_never_lowers_and_reaches_what_is_exposed(level: PrivacyRisk, spans: list[Span]) -> None:
    raised = raise_to(level, spans)
    assert LEVELS.index(raised) == max(LEVELS.index(level), LEVELS.index(exposed_level(spans)))


CHANCES = (
    st.lists(st.floats(0, 1), min_size=4, max_size=4)
    .filter(any)
    .map(lambda parts: dict(zip(LEVELS, (part / sum(parts) for part in parts), strict=True)))
)


@given(st.sampled_from(LEVELS), CHANCES, st.sampled_from(Intent), SPANS, SPANS)
def test_one_more_item_never_lowers_the_risk(
    verdict: PrivacyRisk, chances: dict[PrivacyRisk, float], intent: Intent, some: list[Span], more: list[Span]
) -> None:
    before, after = (assess(verdict, chances, intent, spans) for spans in (some, some + more))
    assert LEVELS.index(after.level) >= LEVELS.index(before.level)
    assert after.score >= before.score
    assert {reason.split(" (")[0] for reason in before.reasons} <= {
        reason.split(" (")[0] for reason in after.reasons
    } or before.level != after.level


@given(st.sampled_from(LEVELS), CHANCES, st.sampled_from(Intent), SPANS, st.randoms())
def test_the_order_of_the_items_does_not_change_the_risk(
    verdict: PrivacyRisk, chances: dict[PrivacyRisk, float], intent: Intent, spans: list[Span], dice: Random
) -> None:
    assert assess(verdict, chances, intent, dice.sample(spans, len(spans))) == assess(verdict, chances, intent, spans)


@given(st.sampled_from(LEVELS), CHANCES, st.sampled_from(Intent), SPANS)
def test_the_score_lies_in_the_quarter_of_its_level(
    verdict: PrivacyRisk, chances: dict[PrivacyRisk, float], intent: Intent, spans: list[Span]
) -> None:
    risk = assess(verdict, chances, intent, spans)
    assert risk.level == raise_to(verdict, spans)
    assert LEVELS.index(risk.level) / 4 <= risk.score <= (LEVELS.index(risk.level) + 1) / 4


@given(st.text(st.characters(exclude_characters="[]", exclude_categories=["Cs"]), min_size=60, max_size=80), SPANS)
def test_masking_keeps_every_character_outside_the_spans_and_none_inside(text: str, spans: list[Span]) -> None:
    covered = {index for span in spans for index in range(span.start, span.end)}
    kept = "".join(character for index, character in enumerate(text) if index not in covered)
    masked = mask(text, spans)
    for kind in TYPES:
        masked = masked.replace(f"[{kind}]", "")
    assert masked == kept


@given(
    st.lists(
        st.builds(
            Finding, st.integers(0, 40), st.integers(41, 80), st.sampled_from(TYPES), st.sampled_from(list(Ground))
        )
    )
)
def test_of_overlapping_findings_one_with_the_strongest_ground_stands(findings: list[Finding]) -> None:
    kept = settle(findings)
    assert len(kept) == min(1, len(findings))  # all of them overlap at 40
    if kept:
        strongest = max(finding.ground for finding in findings)
        assert kept[0] in {Span(f.start, f.end, f.type) for f in findings if f.ground == strongest}


@given(st.text("0123456789", min_size=15, max_size=15).map("4{}".format))
def test_of_all_last_digits_exactly_one_makes_a_card(number: str) -> None:
    found = [detect(f"my card is {number[:-1]}{digit} ok") for digit in "0123456789"]
    assert sum(any(span.type == "CARD" for span in spans) for spans in found) == 1


@given(st.integers(2, 21), st.sampled_from("0123456789"))
def test_changing_any_one_digit_of_an_iban_is_noticed(place: int, digit: str) -> None:
    good = "DE89370400440532013000"
    changed = good[:place] + digit + good[place + 1 :]
    assert any(span.type == "BANK_ACCOUNT" for span in detect(f"pay {changed}")) is (changed == good)


_IN_WORDS = dict(zip("0123456789", "zero one two three four five six seven eight nine".split(), strict=True))  # noqa: SIM905


@given(st.text("0123456789", min_size=6, max_size=10).map("8{}8".format), st.sampled_from(["", "double ", "triple "]))
def test_a_number_in_words_is_found_where_the_words_stand(number: str, twice: str) -> None:
    words = twice + " ".join(_IN_WORDS[digit] for digit in number)
    text = f"order number is {words}, thanks"
    assume(len(set(number)) > 1)
    assert words in [text[span.start : span.end] for span in detect(text)]


@pytest.mark.parametrize(
    "unit",
    [
        "12 ",
        "a_",
        "A-",
        "1.",
        "gift ",
        "a dot ",
        "My Name ",
        "ref ",
        "pass:",
        "\n",
        "@a ",
        "Anna Smith 12345678 ",
        "username abc   ",
        "one ",
        "four one double ",
        "a at b dot ",
        "x [at] ",
        "1/2/3/4/5/",
        "AB1234567 ",
        "2001:db8::",
        "Flat 3, A, ",
        "pin to 1 ",
        "K4T9, that's ",
        "KVZFAK flight ",
    ],
)
def test_the_longest_text_is_read_in_a_time_that_grows_with_its_length_only(unit: str) -> None:
    # 25,000 characters take a second; a rule that backtracks takes minutes.
    begin = process_time()
    detect((unit * 25_000)[:25_000])
    assert process_time() - begin < 10


@given(TEXTS.filter(bool), SPANS)
def test_a_masked_text_is_what_no_span_covers_and_its_masks(text: str, spans: list[Span]) -> None:
    inside = [span for span in spans if span.end <= len(text)]
    covered = {place for span in inside for place in range(span.start, span.end)}
    shown = redact(text, inside)
    bounds = [0, *(bound for one in shown.masks for bound in (one.start, one.end)), len(shown.text)]
    left = "".join(shown.text[start:end] for start, end in zip(bounds[::2], bounds[1::2], strict=True))
    assert left == "".join(character for place, character in enumerate(text) if place not in covered)
    assert all(shown.text[one.start : one.end] == f"[{one.type}]" for one in shown.masks)


@given(TEXTS, st.lists(st.tuples(st.text(min_size=1, max_size=8), st.floats(-5, 5)), max_size=4))
def test_a_masked_reason_says_a_type_or_what_is_shown_anyway(text: str, why: list[tuple[str, float]]) -> None:
    spans = detect(text)
    shown = normalise(mask(text, spans)).casefold()
    for (word, share), (said, kept) in zip(why, ReasonMask(text, spans)(why), strict=True):
        assert kept == share
        if spans and said == word:
            is_cue = word[0] == "(" and word[-1] == ")"
            assert is_cue or word.strip().casefold() in shown or word in {f"[{kind}]" for kind in TYPES}
