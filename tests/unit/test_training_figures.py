"""Measures: what each says on a few messages whose figures are known by hand."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from training import metrics
from training.corpus import Example
from training.evaluate import OWN_TEST, Verdicts
from training.figures import curve, invariance, label_sets, memory, probabilities, reasons, resident, urgent, verdicts
from training.figures.figure import Goal, Unit
from training.figures.intervals import accuracy, interval, macro_f1, quadratic_kappa
from training.figures.setting import Absent, Setting
from training.figures.single_head import folds, judged, read_rows
from training.recipe import Recipe, read_recipe
from training.single import Row, Sources
from triage.domain.scores import LABELS, Head, Intent, Utterance
from triage.errors import InvalidInput
from triage.privacy.detect import detect
from triage.scoring.classifier import Classifier
from triage.scoring.scorer import Scorer

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "models" / "triage-en"
PEOPLE = ROOT / "models" / "people-en"
SOURCES = Sources(ROOT / "models" / "vectors-minilm", None)
TEXTS = (
    "@115 my flight was cancelled and I am stuck in Porto",
    "where is my parcel? order 11482",
    "someone is using my card right now, block it",
    "you are all so kind, thank you",
)


@pytest.fixture(scope="module")
def recipe() -> Recipe:
    return read_recipe(ROOT / "training" / "recipes" / "triage-en.toml")


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    return Scorer.load(SHIPPED)


def places(*numbers: int) -> np.ndarray:
    return np.array(numbers, np.int64)


def lines(path: Path, *rows: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


# intervals


def test_the_quick_macro_f1_is_that_of_the_card() -> None:
    chance = np.random.default_rng(1)
    true, said = chance.integers(0, 3, 200), chance.integers(0, 4, 200)
    rows = metrics.present(metrics.per_class(true, said, ("a", "b", "c", "d", "never")), said)
    assert macro_f1(5)(true, said) == pytest.approx(metrics.macro_f1(rows))


def test_an_interval_holds_its_figure_and_is_narrower_over_more_messages() -> None:
    chance = np.random.default_rng(2)
    true = chance.integers(0, 2, 1000)
    said = np.where(chance.random(1000) < 0.7, true, 1 - true)
    few, many = interval(accuracy, true[:100], said[:100]), interval(accuracy, true, said)
    assert many[0] < accuracy(true, said) < many[1]
    assert many[1] - many[0] < few[1] - few[0]
    assert many[1] - many[0] == pytest.approx(2 * 1.96 * (0.7 * 0.3 / 1000) ** 0.5, rel=0.15)


def test_equal_verdicts_get_equal_intervals_and_no_verdicts_get_the_widest() -> None:
    true, said = places(0, 1, 2, 3, 3), places(0, 1, 2, 2, 3)
    assert interval(quadratic_kappa(4), true, said) == interval(quadratic_kappa(4), true, said)
    assert interval(accuracy, places(), places()) == (0.0, 1.0)


# care, airline, own


def test_each_aim_is_measured_on_the_head_that_it_names_and_heads_without_labels_are_left_out() -> None:
    one = Verdicts(places(0, 1, 2, 3), places(0, 1, 2, 2), np.ones(4), 4)
    (figure,) = verdicts.against(verdicts.CARE, {Head.URGENCY: one})
    assert figure.name == "urgency: quadratic kappa"
    assert figure.value == pytest.approx(metrics.quadratic_kappa(one.true, one.said, 4))
    assert figure.messages == 4
    assert figure.interval is not None
    assert figure.interval[0] <= figure.value <= figure.interval[1]
    assert figure.goal == Goal(0.55, 0.75)


def test_the_figures_of_the_held_out_part_are_read_from_the_manifest(recipe: Recipe) -> None:
    told = json.loads((SHIPPED / "manifest.json").read_text())["metrics"][OWN_TEST]
    found = {
        figure.name: figure.value for figure in verdicts.own(Setting(SHIPPED, recipe, ROOT / "nowhere", print)).figures
    }
    assert found["intent: macro-F1"] == told["intent"]["macro_f1"]
    assert found["urgency: quadratic kappa"] == told["urgency"]["quadratic_kappa"]
    assert found["privacy: calibration error"] == told["privacy"]["calibration_error"]
    assert len(found) == len(verdicts.OWN)


def test_what_a_manifest_does_not_tell_is_left_out() -> None:
    found = verdicts.as_told(verdicts.OWN, {"sentiment": {"macro_f1": 0.83, "calibration_error": 0.04}})
    assert [(one.name, one.value) for one in found] == [
        ("sentiment: macro-F1", 0.83),
        ("sentiment: calibration error", 0.04),
    ]


# urgent


def test_the_probabilities_are_those_behind_the_verdicts(scorer: Scorer) -> None:
    utterances = [Utterance(text) for text in TEXTS]
    given = scorer.score(utterances)
    for head in (Head.INTENT, Head.SENTIMENT, Head.URGENCY):
        chances = probabilities.of(Classifier.load(SHIPPED), utterances, head, scorer.detector)
        assert chances.sum(axis=1) == pytest.approx(np.ones(len(TEXTS)))
        for row, score in zip(chances, given, strict=True):
            verdict = score.head(head)
            assert row[LABELS[head].index(verdict.label)] == pytest.approx(verdict.confidence)


def test_probabilities_see_exposed_items_as_the_service_does(scorer: Scorer) -> None:
    text = "my e-mail is jo.bloggs@example.org, please write"
    assert detect(text)
    (row,) = probabilities.of(Classifier.load(SHIPPED), [Utterance(text)], Head.URGENCY, scorer.detector)
    verdict = scorer.score([Utterance(text)])[0].urgency
    assert row[LABELS[Head.URGENCY].index(verdict.label)] == pytest.approx(verdict.confidence)


def test_recall_counts_what_is_above_the_threshold_that_the_false_alarms_allow() -> None:
    score = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3])
    urgent_ones = np.array([True, False, True, True, False, False, False])  # four others: each is 25 % false alarms
    assert urgent.recall_at(score, urgent_ones, 0.0) == pytest.approx(1 / 3)
    assert urgent.recall_at(score, urgent_ones, 0.24) == pytest.approx(1 / 3)
    assert urgent.recall_at(score, urgent_ones, 0.25) == 1.0


def test_equal_scores_are_called_together_or_not_at_all() -> None:
    score, urgent_ones = np.array([0.9, 0.9, 0.1]), np.array([True, False, False])
    assert urgent.recall_at(score, urgent_ones, 0.4) == 0.0
    assert urgent.recall_at(score, urgent_ones, 0.5) == 1.0


def test_recall_of_nothing_is_nothing() -> None:
    assert urgent.recall_at(np.array([0.5]), np.array([False]), 0.5) == 0.0


def test_a_critical_message_called_high_is_found_and_one_called_normal_is_overlooked() -> None:
    told = urgent.found(places(0, 0, 1, 2, 3, 3), places(1, 2, 0, 1, 3, 2))
    assert told.recall == pytest.approx(2 / 3)
    assert told.false_alarms == pytest.approx(1 / 3)
    assert (told.overlooked, told.critical) == (1, 2)


def test_messages_without_an_urgency_do_not_count(scorer: Scorer) -> None:
    labels = ({Head.URGENCY: "critical"}, {Head.URGENCY: "normal"}, {}, {Head.URGENCY: "low"})
    examples = [
        Example(str(number), Utterance(text), own, (), "test")
        for number, (text, own) in enumerate(zip(TEXTS, labels, strict=True))
    ]
    found = urgent.on("some", scorer, Classifier.load(SHIPPED), examples)
    assert {one.messages for one in found} == {1, 2}
    assert [one.unit for one in found][-1] == Unit.COUNT


# reasons


def chances(**of: float) -> np.ndarray:
    return np.array([[of.get(intent, 0.0) for intent in LABELS[Head.INTENT]]])


def reason(text: str, **of: float) -> str:
    return reasons.REASONS[int(reasons.score(chances(**of), [text]).argmax())].name


@pytest.mark.parametrize(
    ("text", "of", "expected"),
    [
        ("flight 12 was CANCELLED, now what", {"service_disruption": 1.0}, "Cancelled Flight"),
        ("delayed for the third time", {"service_disruption": 1.0}, "Late Flight"),
        ("my bag never made it", {"lost_damaged_item": 1.0}, "Lost Luggage"),
        ("my bag arrived smashed", {"lost_damaged_item": 1.0}, "Damaged Luggage"),
        ("your crew shouted at us", {"service_complaint": 1.0}, "Flight Attendant Complaints"),
        ("two hours on hold", {"service_complaint": 1.0}, "Customer Service Issue"),
        ("cannot book on your website", {"technical_problem": 1.0}, "Flight Booking Problems"),
        ("no wifi and no food", {"product_complaint": 1.0}, "Bad Flight"),
        ("the queue at check in", {"service_complaint": 0.5, "service_disruption": 0.5}, "longlines"),
    ],
)
def test_intents_and_words_together_give_the_reason(text: str, of: dict[str, float], expected: str) -> None:
    assert reason(text, **of) == expected


def test_without_a_word_the_intents_alone_decide() -> None:
    assert reason("hm", service_disruption=1.0) == "Late Flight"
    assert reason("hm", service_complaint=1.0) == "Customer Service Issue"


def test_each_reason_says_why_and_names_intents_that_exist() -> None:
    for one in reasons.REASONS:
        assert one.why.endswith(".")
        assert one.intents
        assert set(one.intents) <= set(Intent)


def test_unsure_and_untold_reasons_are_left_out(tmp_path: Path) -> None:
    path = lines(
        tmp_path / "dev.jsonl",
        {"text": "a", "reason": "Late Flight", "reason_confidence": 0.61},
        {"text": "b", "reason": "Late Flight", "reason_confidence": 0.6},
        {"text": "c", "reason": "Can't Tell", "reason_confidence": 1.0},
        {"text": "d", "reason": None, "reason_confidence": 0.0},
        {"text": "e", "reason": "longlines", "reason_confidence": 1.0},
    )
    texts, true = reasons.read(path)
    assert texts == ["a", "e"]
    assert [reasons.REASONS[place].name for place in true] == ["Late Flight", "longlines"]


def test_a_reason_that_nobody_knows_is_named_with_its_line(tmp_path: Path) -> None:
    path = lines(tmp_path / "dev.jsonl", {"text": "a", "reason": "Bad Mood", "reason_confidence": 1})
    with pytest.raises(InvalidInput, match=r"line 1, dev.jsonl: .*Bad Mood"):
        reasons.read(path)


# one head on public label sets


def test_folds_are_equally_large_and_share_every_label_fairly() -> None:
    labels = ["a"] * 23 + ["b"] * 7 + ["c"] * 3
    place = folds(labels, 5, seed=1)
    sizes = np.bincount(place, minlength=5)
    assert sizes.max() - sizes.min() <= 1
    for label in "abc":
        own = np.bincount(place[np.array(labels) == label], minlength=5)
        assert own.max() - own.min() <= 1
    assert (place == folds(labels, 5, seed=1)).all()
    assert (place != folds(labels, 5, seed=2)).any()


def rows(*fillers: str) -> list[Row]:
    return [
        Row(f"{text} {filler}", label)
        for label, text in (("balance", "what is my balance"), ("card", "my card is blocked"))
        for filler in fillers
    ]


def test_a_head_is_judged_on_rows_that_it_was_not_fitted_on() -> None:
    train, held = rows("now", "today", "please", "asap"), rows("again")
    wrong = [Row(row.text, "card" if row.label == "balance" else "balance") for row in held]
    assert judged(train, held, SOURCES).in_scope.accuracy == 1.0
    assert judged(train, wrong, SOURCES).in_scope.accuracy == 0.0


def test_what_is_out_of_scope_has_no_label_and_is_told_from_what_is_in() -> None:
    train = [*rows("now", "today", "please", "asap"), Row("sing me a song", None), Row("tell me a joke", None)]
    found = judged(train, [*rows("again"), Row("sing a song, tell a joke", None)], SOURCES)
    assert found.in_scope.messages == 2
    assert found.auroc == 1.0


def test_every_fold_is_judged_once() -> None:
    found = label_sets.cross_validated(rows("now", "today", "please", "asap", "again", "thanks"), SOURCES, count=3)
    assert found == [1.0, 1.0, 1.0]


def test_rows_are_read_from_gzip_too_and_a_label_may_stand_for_none(tmp_path: Path) -> None:
    path = tmp_path / "train.jsonl.gz"
    path.write_bytes(gzip.compress(b'{"text": "a", "label": "x"}\n{"text": "b", "label": "oos"}\n'))
    assert read_rows(path, "oos") == [Row("a", "x"), Row("b", None)]
    assert read_rows(path) == [Row("a", "x"), Row("b", "oos")]


def test_a_row_without_a_label_is_named_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"line 1, t.jsonl"):
        read_rows(lines(tmp_path / "t.jsonl", {"text": "a"}))


def test_macro_recall_favours_what_is_likely_beside_its_share() -> None:
    chances = np.array([[0.6, 0.4], [0.9, 0.1]])
    assert label_sets.even_handed(chances, np.array([0.8, 0.2])).tolist() == [1, 0]
    assert label_sets.even_handed(chances, np.array([0.5, 0.5])).tolist() == [0, 0]


def test_tweets_are_judged_by_both_kinds_of_verdict(recipe: Recipe, tmp_path: Path) -> None:
    folder = tmp_path / "tweeteval_sentiment"
    told = [{"text": row.text, "label": row.label} for row in rows("now", "today", "please", "asap")]
    content = "".join(json.dumps(row) + "\n" for row in told)
    lines(folder / "val.jsonl", *told[:5])
    (folder / "train.jsonl.gz").write_bytes(gzip.compress(content.encode()))
    found = label_sets.tweeteval(Setting(SHIPPED, recipe, tmp_path, print))
    assert [(one.value, one.messages) for one in found.figures] == [(1.0, 5), (1.0, 5)]
    assert "all 8 training tweets" in found.details


# invariance


def examples(*texts: str) -> list[Example]:
    return [Example(str(number), Utterance(text), {}, (), "test") for number, text in enumerate(texts)]


def test_a_change_that_does_nothing_to_the_verdict_leaves_all_labels(scorer: Scorer) -> None:
    found = invariance.steadiness(scorer, examples(*TEXTS), "space", lambda text, _, __: f"{text}  ")
    assert found is not None
    assert found.messages == len(TEXTS)
    assert set(found.heads.values()) == {1.0}
    assert found.together == found.mean == 1.0


def test_a_change_of_meaning_counts_against_each_head_and_all_together(scorer: Scorer) -> None:
    found = invariance.steadiness(scorer, examples(*TEXTS[:3]), "meaning", lambda *_: "thank you so much, great crew!")
    assert found is not None
    assert found.heads[Head.INTENT] == 0.0
    assert found.together == 0.0
    assert found.mean == pytest.approx(np.mean(list(found.heads.values())))


def test_messages_that_have_nothing_to_change_do_not_count(scorer: Scorer) -> None:
    only_first = invariance.steadiness(
        scorer, examples(*TEXTS), "one", lambda text, _, __: text + "!" if text == TEXTS[0] else None
    )
    assert only_first is not None
    assert only_first.messages == 1
    assert invariance.steadiness(scorer, examples(*TEXTS), "none", lambda *_: None) is None


# curve


def test_an_author_is_always_in_the_same_half_and_both_halves_have_about_half() -> None:
    authors = [f"author {number}" for number in range(1000)]
    first = [curve.is_judged(author) for author in authors]
    assert first == [curve.is_judged(author) for author in authors]
    assert 430 < sum(first) < 570


def test_fewer_corrections_are_among_more_and_each_repeat_draws_others() -> None:
    drawn = curve.draw(50, (0, 5, 20), repeat=0)
    assert [len(drawn[count]) for count in (0, 5, 20)] == [0, 5, 20]
    assert set(drawn[5]) < set(drawn[20])
    assert len(set(drawn[20])) == 20
    assert set(drawn[20]) != set(curve.draw(50, (20,), repeat=1)[20])


def sentiments(recipe: Recipe, *told: tuple[str, str]) -> curve.Messages:
    found = [Example("", Utterance(text), {Head.SENTIMENT: label}, (), "test") for text, label in told]
    return curve.read(found, recipe)


def test_corrections_teach_what_the_corpus_does_not_know_and_more_so_with_weight(recipe: Recipe) -> None:
    corpus = sentiments(
        recipe,
        *[(f"zorp is {word}", "negative") for word in ("here", "there", "back", "up")],
        *[(f"hello {word}", "neutral") for word in ("here", "there", "back", "up")],
    )
    corrections = sentiments(recipe, ("zorp it is", "positive"), ("zorp again", "positive"))
    judged = sentiments(recipe, ("zorp", "positive"), ("hello", "neutral"))
    without = curve.judged_after(recipe, corpus, corrections.some(places()), 1, judged)
    heavy = curve.judged_after(recipe, corpus, corrections, 20, judged)
    assert without < heavy == 1.0


def test_the_curve_is_drawn(tmp_path: Path) -> None:
    path = tmp_path / "img" / "curve.png"
    curve.plot([curve.Point(0, 3, (0.6,)), curve.Point(100, 3, (0.65, 0.7))], path)
    assert path.read_bytes().startswith(b"\x89PNG")


# memory


def test_what_a_process_holds_is_read_in_millions_of_bytes() -> None:
    status = "Name:\tpython\nVmHWM:\t  250000 kB\nVmRSS:\t  125000 kB\n"
    assert resident.megabytes(status, "VmRSS") == 128.0
    assert resident.megabytes(status, "VmHWM") == 256.0
    with pytest.raises(KeyError):
        resident.megabytes(status, "VmSwap")


def test_memory_and_time_are_the_medians_of_the_runs() -> None:
    runs = [{"megabytes": m, "peak_megabytes": m + 10, "load_seconds": m / 100} for m in (200.0, 90.0, 100.0)]
    now, peak, load = memory.figures(runs, 7)
    assert (now.value, peak.value, load.value) == (100.0, 110.0, 1.0)
    assert now.messages == 7


@pytest.mark.skipif(not resident.STATUS.exists(), reason="this system does not say what a process holds")
def test_a_process_of_its_own_scores_and_says_what_it_holds() -> None:
    told = memory.run(SHIPPED, PEOPLE, [], list(TEXTS))
    assert 10 < told["megabytes"] <= told["peak_megabytes"] < 1000
    assert 0 < told["load_seconds"] < 60


# what is absent


def test_a_corpus_that_is_absent_is_named(recipe: Recipe, tmp_path: Path) -> None:
    setting = Setting(SHIPPED, recipe, tmp_path, print)
    for measure in (
        verdicts.care, verdicts.airline, reasons.measure, label_sets.banking77, label_sets.hwu64, label_sets.clinc150,
        label_sets.tweeteval, curve.measure,
    ):  # fmt: skip
        with pytest.raises(Absent, match=r"\.jsonl(\.gz)? is not in .*TRIAGE_CORPORA"):
            measure(setting)
