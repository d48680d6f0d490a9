"""The shipped scorer: verdicts, reasons, exposed items, languages, batches and processes."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from triage.domain.scores import LABELS, Head, Utterance
from triage.scoring.scorer import REASONS, Scorer
from triage.text.normalise import normalise

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "models" / "triage-en"

MESSAGES = [
    Utterance("@MarramAir my suitcase is lost, it never made it to Porto"),
    Utterance("Thank you so much Anna, you were brilliant 😊"),
    Utterance("DM sent", in_reply_to="Can you send us a DM with your reference?"),
    Utterance("why was I charged twice for one coffee, I want my money back"),
    Utterance("AM STUCK IN THE LIFT WITH MY BABY PLEASE SEND HELP NOW"),
    Utterance("my card is 4111 1111 1111 1111, is it blocked?"),
    Utterance("¿Por qué mi pedido no ha llegado todavía? Estoy esperando desde el lunes"),
    Utterance("?"),
    Utterance("@someone"),
    Utterance("https://t.co/abcdefghij"),
    Utterance("\u200b \u200b."),
    Utterance("supercalifragilisticexpialidocious " * 40),
    Utterance("日本語のメッセージです"),
]


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    return Scorer.load(SHIPPED)


def test_plain_messages_get_the_obvious_verdicts(scorer: Scorer) -> None:
    bag, thanks, sent, charged = scorer.score(MESSAGES[:4])
    assert bag.intent.label == "lost_damaged_item"
    assert (thanks.intent.label, thanks.sentiment.label, thanks.urgency.label) == ("praise", "positive", "low")
    assert not thanks.actionable
    assert sent.intent.label == "follow_up"
    assert charged.sentiment.label == "negative"
    assert charged.intent.label in ("billing_payment", "refund_return")


def test_every_verdict_is_a_label_with_a_probability_from_the_model(scorer: Scorer) -> None:
    for score in scorer.score(MESSAGES):
        assert score.model == scorer.version
        for head in Head:
            assert score.head(head).label in LABELS[head]
            assert 0.0 < score.head(head).confidence <= 1.0


def test_the_risk_has_the_level_of_the_verdict_and_names_what_is_exposed(scorer: Scorer) -> None:
    scored = scorer.score(MESSAGES)
    assert [score.risk.level for score in scored] == [score.privacy.label for score in scored]
    card = scored[5]
    assert "exposes CARD" in card.risk.reasons
    assert card.risk.score > max(score.risk.score for score in scored if score.privacy.label != "high")


def test_no_messages_get_no_scores(scorer: Scorer) -> None:
    assert scorer.score([]) == []


def test_scores_do_not_depend_on_the_batch(scorer: Scorer) -> None:
    together = scorer.score(MESSAGES)
    assert [scorer.score([message])[0] for message in MESSAGES] == together
    assert scorer.score(MESSAGES[::-1])[::-1] == together
    assert scorer.score(MESSAGES * 7)[-len(MESSAGES) :] == together


def test_scores_do_not_depend_on_what_was_scored_before(scorer: Scorer) -> None:
    fresh = Scorer.load(SHIPPED)
    assert fresh.score(MESSAGES[::-1])[::-1] == scorer.score(MESSAGES)


def test_scores_are_equal_in_another_process(scorer: Scorer) -> None:
    program = (
        "import json, sys; from pathlib import Path; from triage.domain.scores import Utterance;"
        "from triage.scoring.scorer import Scorer; told = json.load(sys.stdin);"
        f"scores = Scorer.load(Path({str(SHIPPED)!r})).score([Utterance(*one) for one in told]);"
        "print(repr(scores))"
    )
    told = json.dumps([[one.text, one.in_reply_to, one.lang] for one in MESSAGES])
    ran = subprocess.run(
        [sys.executable, "-c", program], input=told, capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert ran.stdout.strip() == repr(scorer.score(MESSAGES))


def test_scores_are_equal_on_many_threads(scorer: Scorer) -> None:
    fresh = Scorer.load(SHIPPED)
    expected = scorer.score(MESSAGES)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: fresh.score(MESSAGES), range(12)))
    assert all(one == expected for one in found)


def test_reasons_are_the_strongest_words_of_the_text(scorer: Scorer) -> None:
    message = MESSAGES[0]
    score = scorer.score([message])[0]
    full = scorer.explain(message)
    words = normalise(message.text)
    for head in Head:
        why = score.head(head).why
        assert len(why) == REASONS
        assert [abs(share) for _, share in why] == sorted((abs(share) for _, share in why), reverse=True)
        assert all(token in words for token, _ in why)
        assert set(why) <= set(full[head].reasons)


def test_without_explaining_the_verdicts_are_the_same_and_the_reasons_empty(scorer: Scorer) -> None:
    for plain, told in zip(scorer.score(MESSAGES, explain=False), scorer.score(MESSAGES), strict=True):
        for head in Head:
            assert plain.head(head).why == ()
            assert (plain.head(head).label, plain.head(head).confidence) == (
                told.head(head).label,
                told.head(head).confidence,
            )


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message.text[:20])
def test_all_reasons_together_sum_to_the_decision_value(scorer: Scorer, message: Utterance) -> None:
    for head, told in scorer.explain(message).items():
        assert sum(share for _, share in told.reasons) == pytest.approx(told.value, abs=1e-9)
        assert told.label == scorer.score([message])[0].head(head).label
        assert told.reasons[-1][0] == "(bias)"


def test_an_exposed_card_number_is_a_high_risk_with_its_span(scorer: Scorer) -> None:
    score = scorer.score([Utterance("my card is 4111 1111 1111 1111")])[0]
    assert score.privacy.label == "high"
    assert [(span.start, span.end, span.type) for span in score.spans] == [(11, 30, "CARD")]


def test_one_exposed_item_is_at_least_a_medium_risk_and_two_are_high(scorer: Scorer) -> None:
    one, two = scorer.score(
        [Utterance("mail me at jo@example.com"), Utterance("mail me at jo@example.com or ring 07700 900123")]
    )
    assert one.privacy.label in ("medium", "high")
    assert two.privacy.label == "high"


def test_spans_index_the_text_as_given(scorer: Scorer) -> None:
    text = "  hiiii &amp; hello\u200b, write to jo@example.com"
    (span,) = scorer.score([Utterance(text)])[0].spans
    assert text[span.start : span.end] == "jo@example.com"


def test_another_language_is_named_and_out_of_scope(scorer: Scorer) -> None:
    spanish, tagged, english = scorer.score(
        [MESSAGES[6], Utterance("where is my order please", lang="fr"), Utterance("where is my order please")]
    )
    assert (spanish.language, spanish.in_scope_language) == ("es", False)
    assert (tagged.language, tagged.in_scope_language) == ("fr", False)
    assert (english.language, english.in_scope_language) == ("en", True)


def test_the_model_loads_in_under_two_seconds() -> None:
    start = time.perf_counter()
    Scorer.load(SHIPPED)
    assert time.perf_counter() - start < 2


def test_serving_imports_nothing_of_the_fitting_stack() -> None:
    program = (
        "import sys; from pathlib import Path; from triage.scoring.scorer import Scorer;"
        f"Scorer.load(Path({str(SHIPPED)!r}));"
        "print([name for name in ('sklearn', 'joblib', 'torch', 'training') if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True)
    assert ran.stdout.strip() == "[]"
