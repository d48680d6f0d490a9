"""The gate: figures as the card has them, differences with intervals, and rules that refuse what got worse."""

from __future__ import annotations

import dataclasses
import functools
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from training import gate, metrics, splits
from training.__main__ import main
from training.corpus import Example, own_files, read_corpus
from training.evaluate import OWN_TEST, Verdicts
from training.gate import Evidence
from training.recipe import Recipe, read_recipe
from triage import artifact
from triage.domain.scores import LABELS, Head, Utterance
from triage.scoring import classifier
from triage.scoring.second import ARRAYS, ENTRY

ROOT = Path(__file__).parents[2]
RECIPE = ROOT / "training" / "recipes" / "triage-en.toml"
SHIPPED = ROOT / "models" / "triage-en"
FEW_LABELS = 4


def verdicts(count: int, share_right: float, seed: int = 0, confidence: float | None = None) -> Verdicts:
    """``count`` messages whose truth is always the same and of which a share is judged rightly."""
    true = np.random.default_rng(99).integers(0, FEW_LABELS, count)
    chance = np.random.default_rng(seed)
    said = np.where(chance.uniform(size=count) < share_right, true, (true + 1) % FEW_LABELS)
    return Verdicts(true, said, np.full(count, share_right if confidence is None else confidence), FEW_LABELS)


def rule(measure: gate.Measure) -> gate.Rule:
    return next(one for one in gate.RULES if one.measure is measure)


def found(measure: gate.Measure, live: Verdicts, candidate: Verdicts, why_not: str = "") -> gate.Finding:
    return gate.find(rule(measure), rule(measure).heads[0], Evidence("some", (), why_not), candidate, live)


def test_the_figures_are_those_of_evaluate() -> None:
    chance = np.random.default_rng(3)
    one = Verdicts(chance.integers(0, 4, 300), chance.integers(0, 3, 300), chance.uniform(size=300), 4)
    rows = metrics.present(metrics.per_class(one.true, one.said, ("a", "b", "c", "d")), one.said)
    expected = {
        gate.MACRO_F1: metrics.macro_f1(rows),
        gate.QUADRATIC_KAPPA: metrics.quadratic_kappa(one.true, one.said, 4),
        gate.CALIBRATION_ERROR: metrics.calibration_error(one.confidence, one.true == one.said),
        gate.URGENT_RECALL: float(np.isin(one.said[one.true < 2], (0, 1)).mean()),
    }
    for measure, figure in expected.items():
        assert gate.paired(measure, one, one)[:2] == (pytest.approx(figure), pytest.approx(figure)), measure.name


def test_a_label_that_never_occurs_does_not_count_in_a_macro_average() -> None:
    one = Verdicts(np.array([0, 0, 1]), np.array([0, 1, 1]), np.ones(3), 9)
    assert gate.paired(gate.MACRO_F1, one, one)[0] == pytest.approx(2 / 3)


def test_a_model_compared_with_itself_differs_by_nothing() -> None:
    one = verdicts(200, 0.7)
    for each in gate.RULES:
        assert gate.paired(each.measure, one, one)[2] == (0.0, 0.0)


def test_the_interval_holds_the_true_difference_in_about_95_of_100_worlds() -> None:
    """Both models are equally good, so the true difference is 0."""
    outside = 0
    for seed in range(60):
        _, _, (low, high) = gate.paired(gate.MACRO_F1, verdicts(300, 0.7, seed), verdicts(300, 0.7, seed + 1000))
        outside += not low <= 0 <= high
    assert outside <= 8  # 3 are expected; more than 8 of 60 would come by chance once in 300


def test_equal_models_and_messages_get_equal_intervals() -> None:
    one, other = verdicts(300, 0.7, 1), verdicts(300, 0.6, 2)
    assert gate.paired(gate.MACRO_F1, one, other) == gate.paired(gate.MACRO_F1, one, other)


def test_a_candidate_that_is_better_or_as_good_passes() -> None:
    assert found(gate.MACRO_F1, verdicts(500, 0.6, 1), verdicts(500, 0.8, 2)).verdict == gate.PASSED
    assert found(gate.MACRO_F1, verdicts(500, 0.6, 1), verdicts(500, 0.6, 1)).verdict == gate.PASSED


def test_a_candidate_that_is_worse_beyond_noise_is_refused_even_within_the_margin() -> None:
    live = verdicts(20_000, 0.80, 1)
    worse = live.said.copy()
    worse[:300] = (live.true[:300] + 1) % FEW_LABELS
    one = found(gate.MACRO_F1, live, dataclasses.replace(live, said=worse))
    assert -gate.MARGIN < one.difference < 0
    assert one.interval[1] < 0
    assert (one.verdict, one.words.split(":")[0]) == (gate.REFUSED, "worse beyond noise")


def test_a_candidate_that_looks_worse_by_more_than_the_margin_is_refused_even_within_noise() -> None:
    live = verdicts(120, 0.7, 1)
    candidate = next(
        one
        for one in (verdicts(120, 0.67, seed) for seed in range(2, 200))
        if gate.paired(gate.MACRO_F1, live, one)[2][1] > 0.02
        and gate.paired(gate.MACRO_F1, live, one)[1] < gate.paired(gate.MACRO_F1, live, live)[0] - 0.04
    )
    assert found(gate.MACRO_F1, live, candidate).words == "worse by more than 0.03"


def test_a_calibration_error_may_grow_by_no_more_than_its_bound() -> None:
    live = verdicts(1000, 0.7, 1)
    share = float((live.true == live.said).mean())
    slightly, much = (dataclasses.replace(live, confidence=np.full(1000, share + gap)) for gap in (0.015, 0.08))
    exact = dataclasses.replace(live, confidence=np.full(1000, share))
    assert found(gate.CALIBRATION_ERROR, exact, slightly).verdict == gate.PASSED
    assert found(gate.CALIBRATION_ERROR, exact, much).verdict == gate.REFUSED
    assert found(gate.CALIBRATION_ERROR, much, exact).verdict == gate.PASSED


def test_missing_more_urgent_messages_is_refused_and_only_those_messages_count() -> None:
    true = np.array([0, 1] * 50 + [2, 3] * 200)
    live = Verdicts(true, true, np.ones(500), 4)
    missed = true.copy()
    missed[:20] = 2
    one = found(gate.URGENT_RECALL, live, dataclasses.replace(live, said=missed))
    assert (one.messages, one.candidate, one.verdict) == (100, pytest.approx(0.8), gate.REFUSED)
    swapped = dataclasses.replace(live, said=np.where(true < 2, 1 - true, true))
    assert found(gate.URGENT_RECALL, live, swapped).verdict == gate.PASSED


def test_too_few_messages_are_no_evidence_for_or_against() -> None:
    one = found(gate.MACRO_F1, verdicts(99, 0.9), verdicts(99, 0.1))
    assert one.verdict == gate.NOT_COUNTED
    assert "only 99 messages" in one.words


def test_what_no_set_could_judge_is_refused() -> None:
    good = verdicts(500, 0.8)
    told = gate.refusals([found(gate.MACRO_F1, good, good), found(gate.QUADRATIC_KAPPA, good, good, "seen in fitting")])
    assert not any(line.startswith("intent, macro-F1") for line in told)
    assert any(line.startswith("urgency, quadratic kappa: no set that counts") for line in told)
    assert any(line.startswith("sentiment, macro-F1: no set that counts") for line in told)


@pytest.fixture(scope="module", autouse=True)
def corpus_read_once() -> Iterator[None]:
    """Nothing here changes a file between two readings."""
    kept = functools.cache(lambda paths: read_corpus(list(paths)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gate, "read_corpus", lambda paths: kept(tuple(paths)))
        yield


@pytest.fixture(scope="module")
def recipe() -> Recipe:
    return read_recipe(RECIPE)


@pytest.fixture(scope="module")
def honest(recipe: Recipe) -> dict[str, Any]:
    """What the manifest of a model says that was fitted by this recipe and not refitted on everything."""
    corpus = read_corpus(list(recipe.corpora))
    spoken = [one for one in corpus.examples if (one.utterance.lang or "en") in recipe.languages]
    parts = {part: len(own) for part, own in splits.split(spoken, recipe.split).items()}
    return {"recipe": {"refit_on_everything": False, "split": parts}, "data": {"files": dict(corpus.files)}}


def own_test(recipe: Recipe, candidate: Mapping[str, Any], live: Mapping[str, Any]) -> Evidence:
    [one] = gate.gather(recipe, Path("nowhere"), [], candidate, live)
    return one


def test_the_test_part_counts_where_neither_model_was_fitted_on_it(recipe: Recipe, honest: dict[str, Any]) -> None:
    one = own_test(recipe, honest, honest)
    assert (one.title, one.why_not) == (OWN_TEST, "")
    assert len(one.examples) == honest["recipe"]["split"]["test"]


def test_the_test_part_does_not_count_for_a_model_that_may_have_been_fitted_on_it(
    recipe: Recipe, honest: dict[str, Any]
) -> None:
    refitted = {**honest, "recipe": {**honest["recipe"], "refit_on_everything": True}}
    elsewhere = {**honest, "data": {"files": {"other.jsonl": "0"}}}
    assert own_test(recipe, refitted, honest).why_not.startswith("the candidate was refitted on everything")
    assert own_test(recipe, honest, refitted).why_not.startswith("the live model was refitted on everything")
    assert "does not say" in own_test(recipe, {}, honest).why_not
    assert "another corpus or split" in own_test(recipe, elsewhere, honest).why_not
    assert own_test(recipe, honest, elsewhere).why_not == ""


def written(path: Path, examples: list[Example], mark: str) -> Path:
    """The examples as a file for ``--on``; ``mark`` makes their texts others than those of the corpus."""
    rows = []
    for one in examples:
        labels = {head.value: label for head, label in one.labels.items()}
        rows.append({"text": one.text + mark, "in_reply_to": one.utterance.in_reply_to, **labels})
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.fixture(scope="module")
def messages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """600 messages with enough urgent ones among them."""
    examples = [one for one in read_corpus(own_files()).examples if len(one.labels) == len(Head)]
    return written(tmp_path_factory.mktemp("on") / "on.jsonl", examples[:600], " !")


def changed(folder: Path, head: Head | None) -> Path:
    """The shipped model without its second look, and with its weights for ``head`` turned against its labels."""
    checked = artifact.read(SHIPPED, kind=classifier.KIND)
    arrays = checked.arrays(classifier.WEIGHTS)
    if head is not None:
        start = sum(len(LABELS[one]) for one in Head if list(Head).index(one) < list(Head).index(head))
        arrays["grams"][:, start : start + len(LABELS[head])] *= -1
    left_out = ("files", "manifest_sha256", ENTRY)
    about = {key: value for key, value in checked.manifest.items() if key not in left_out}
    files = {**checked.files, classifier.WEIGHTS: artifact.pack(arrays)}
    del files[ARRAYS]
    artifact.write(folder, kind=classifier.KIND, name="triage-en-1", files=files, about=about)
    return folder


def run(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner(env={"TRIAGE_CORPORA": "/nowhere"}).invoke(main, ["gate", *map(str, arguments)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


def test_without_any_evidence_the_gate_refuses_and_says_so() -> None:
    code, out, said = run(SHIPPED, SHIPPED)
    assert code == 1
    assert "not counted: the candidate was refitted on everything" in out
    assert "refused: intent, macro-F1: no set that counts" in out
    assert "TRIAGE_CORPORA" in said


def test_other_messages_give_the_evidence_that_the_test_part_cannot(messages: Path) -> None:
    code, out, _ = run(SHIPPED, SHIPPED, "--on", messages)
    assert code == 0, out
    assert out.splitlines()[-1].startswith("passed: ")


def test_a_candidate_that_got_worse_at_one_head_is_refused_with_the_head_named(messages: Path, tmp_path: Path) -> None:
    live = changed(tmp_path / "live", None)
    code, out, _ = run(changed(tmp_path / "worse", Head.INTENT), live, "--on", messages, "--json")
    told = json.loads(out)
    assert (code, told["passed"], told["same_labels"]) == (1, False, True)
    assert any(line.startswith("intent, macro-F1 on ") for line in told["refusals"])
    others = ("sentiment", "privacy, quadratic", "urgency, quadratic")
    assert not any(line.startswith(others) for line in told["refusals"])
    [row] = [
        one
        for one in told["rules"]
        if (one["messages_of"], one["head"], one["figure"]) == (str(messages), "intent", "macro-F1")
    ]
    assert row["candidate"] - row["live"] == pytest.approx(row["difference"])
    assert row["interval"][0] < row["difference"] < row["interval"][1] < 0


def test_messages_that_are_in_the_corpus_are_left_out(tmp_path: Path, recipe: Recipe) -> None:
    corpus = list(read_corpus(list(recipe.corpora)).examples)
    path = written(
        tmp_path / "seen.jsonl", [*corpus[:200], dataclasses.replace(corpus[0], utterance=Utterance("new"))], ""
    )
    evidence = gate.gather(recipe, tmp_path, [path], {}, {})[-1]
    assert (len(evidence.examples), evidence.left_out) == (1, 200)


def test_other_label_sets_are_refused_without_comparing(tmp_path: Path) -> None:
    checked = artifact.read(SHIPPED, kind=classifier.KIND)
    about = {key: value for key, value in checked.manifest.items() if key not in ("files", "manifest_sha256")}
    about["heads"] = [{**head, "labels": head["labels"][::-1]} for head in about["heads"]]
    artifact.write(tmp_path / "m", kind=classifier.KIND, name="other", files=checked.files, about=about)
    code, out, _ = run(tmp_path / "m", SHIPPED)
    assert code == 1
    assert "refused: the label sets are not the same: intent, privacy, sentiment, urgency" in out


def test_what_cannot_be_compared_at_all_is_exit_code_2(tmp_path: Path) -> None:
    broken = tmp_path / "on.jsonl"
    broken.write_text("nonsense\n")
    unlabelled = tmp_path / "unlabelled.jsonl"
    unlabelled.write_text('{"text": "hello"}\n')
    for arguments in (
        (tmp_path / "nowhere", SHIPPED),
        (SHIPPED, tmp_path),
        (SHIPPED, SHIPPED, "--on", broken),
        (SHIPPED, SHIPPED, "--on", unlabelled),
    ):
        code, _, said = run(*arguments)
        assert code == 2
        assert said.splitlines()[-1].startswith("Error: ")
