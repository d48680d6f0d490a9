"""Scoring, for any text: defined, repeatable, explained to the last part, and never blind to an exposed item."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.domain.scores import LABELS, Head, PrivacyRisk, Span, Utterance
from triage.privacy.detect import Detector
from triage.scoring.heads import expected_costs
from triage.scoring.scorer import Scorer

SHIPPED = Path(__file__).parents[2] / "models" / "triage-en"
ORDER = list(reversed(PrivacyRisk))  # from none to high

words = st.sampled_from(
    [
        "my",
        "bag",
        "is",
        "lost",
        "thanks",
        "refund",
        "where",
        "when",
        "why",
        "not",
        "the",
        "a",
        "flight",
        "delayed",
        "card",
        "app",
        "crashed",
        "DM",
        "sent",
        "!",
        "?",
        "😀",
        "😡",
        "@brand",
        "https://t.co/abcdefghij",
        "12345",
        "QX7T2P",
        "can't",
        "LATE",
        "soooo",
    ]
)
sentences = st.lists(words, min_size=1, max_size=40).map(" ".join)
any_text = st.one_of(sentences, st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200))
spans = st.builds(
    Span,
    start=st.integers(0, 5),
    end=st.integers(6, 9),
    type=st.sampled_from(["EMAIL", "PHONE", "CARD", "POSTCODE", "ORDER_NO", "MEDICAL", "PERSON"]),
)


@cache
def shipped() -> Scorer:
    return Scorer.load(SHIPPED)


@given(any_text)
@settings(max_examples=150, deadline=None)
def test_any_text_gets_four_verdicts(text: str) -> None:
    (score,) = shipped().score([Utterance(text)])
    for head in Head:
        verdict = score.head(head)
        assert verdict.label in LABELS[head]
        assert 0.0 <= verdict.confidence <= 1.0


@given(st.lists(any_text, min_size=2, max_size=12), st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_scores_do_not_depend_on_the_other_messages_of_a_batch(texts: list[str], random) -> None:
    alone = {text: shipped().score([Utterance(text)])[0] for text in texts}
    random.shuffle(texts)
    assert shipped().score([Utterance(text) for text in texts]) == [alone[text] for text in texts]


@given(any_text)
@settings(max_examples=60, deadline=None)
def test_the_reasons_of_any_text_sum_to_its_decision_value(text: str) -> None:
    for told in shipped().explain(Utterance(text)).values():
        assert sum(share for _, share in told.reasons) == pytest.approx(told.value, abs=1e-8)


@given(sentences, st.lists(spans, max_size=4), spans)
@settings(max_examples=120, deadline=None)
def test_one_more_exposed_item_never_lowers_the_privacy_level(text: str, found: list[Span], more: Span) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Detector, "find_all", lambda *_: [tuple(found)])
        before = shipped().score([Utterance(text)])[0].privacy.label
        patch.setattr(Detector, "find_all", lambda *_: [(*found, more)])
        after = shipped().score([Utterance(text)])[0].privacy.label
    assert ORDER.index(PrivacyRisk(after)) >= ORDER.index(PrivacyRisk(before))


@given(sentences, st.sampled_from(["jo@example.com", "4111 1111 1111 1111", "07700 900123"]))
@settings(max_examples=60, deadline=None)
def test_a_message_that_exposes_something_is_never_a_low_risk(text: str, item: str) -> None:
    (score,) = shipped().score([Utterance(f"{text}, {item} .")])
    assert not score.spans or score.privacy.label in ("high", "medium")


@given(st.lists(st.floats(0.01, 1), min_size=2, max_size=6))
def test_expected_costs_are_those_of_the_definition(weights: list[float]) -> None:
    p = np.array([weights]) / sum(weights)
    steps = range(len(weights))
    expected = [sum(p[0, true] * (said - true) ** 2 for true in steps) for said in steps]
    assert expected_costs(p)[0] == pytest.approx(expected)
