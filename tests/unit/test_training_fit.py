"""Fitting and evaluating: figures by hand, equal bytes, cards, and one head on any labels."""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp
from click.testing import CliRunner
from scipy.stats import binom

from training import metrics, shipping
from training.__main__ import main
from training.certify import certified_threshold
from training.fit import fit_head, fit_temperature
from training.recipe import HeadChoice, Purpose, read_recipe
from training.single import OUT_OF_SCOPE
from triage.domain.scores import Utterance
from triage.scoring.classifier import Classifier
from triage.scoring.scorer import Scorer

ROOT = Path(__file__).parents[2]
TRUE = np.array([0, 0, 1, 1, 2])
SAID = np.array([0, 1, 1, 1, 0])


def test_per_class_figures_are_those_worked_out_by_hand() -> None:
    a, b, c = metrics.per_class(TRUE, SAID, ("a", "b", "c"))
    assert (a.precision, a.recall, a.f1, a.support) == (0.5, 0.5, 0.5, 2)
    assert (b.precision, b.recall, b.support) == (pytest.approx(2 / 3), 1.0, 2)
    assert (c.precision, c.recall, c.f1, c.support) == (0.0, 0.0, 0.0, 1)
    assert metrics.macro_f1([a, b, c]) == pytest.approx((0.5 + 0.8 + 0.0) / 3)
    assert metrics.macro_recall([a, b, c]) == pytest.approx(0.5)


def test_quadratic_kappa_is_that_of_the_definition() -> None:
    assert metrics.quadratic_kappa(TRUE, TRUE, 3) == 1.0
    # observed squared distances: 1 + 4 = 5; expected by chance: (2*(0*2+1*3) + 2*(1*2+0*3) + 1*(4*2+1*3)) / 5 = 21 / 5
    assert metrics.quadratic_kappa(TRUE, SAID, 3) == pytest.approx(1 - 5 / (21 / 5))


def test_calibration_error_is_the_mean_gap_between_confidence_and_accuracy() -> None:
    confidence = np.array([0.9, 0.9, 0.9, 0.9, 0.5, 0.5])
    right = np.array([True, True, True, False, False, False])
    assert metrics.calibration_error(confidence, right) == pytest.approx(4 / 6 * 0.15 + 2 / 6 * 0.5)
    assert metrics.calibration_error(np.array([1.0]), np.array([True])) == 0.0


def test_auroc_counts_ties_half_and_needs_both_kinds() -> None:
    assert metrics.auroc(np.array([0.1, 0.9, 0.5, 0.5]), np.array([False, True, False, True])) == pytest.approx(0.875)
    assert metrics.auroc(np.array([0.1, 0.9]), np.array([True, True])) is None


def test_what_is_answerable_in_hindsight_keeps_equal_confidences_together() -> None:
    confidence = np.array([0.9, 0.8, 0.8, 0.7])
    right = np.array([True, True, False, True])
    assert metrics.answerable(confidence, right, 0.0) == 0.25
    assert metrics.answerable(confidence, right, 0.25) == 1.0


def test_the_fitted_temperature_mends_overconfidence() -> None:
    values = np.array([[8.0, 0.0]] * 10)
    labels = np.array([0] * 8 + [1] * 2)
    assert fit_temperature(values, labels) == pytest.approx(8 / np.log(4), rel=0.01)
    assert fit_temperature(values[:0], labels[:0]) == 1.0


def test_caution_makes_a_head_more_modest_and_changes_no_weight() -> None:
    matrix = sp.csr_array(np.vstack([np.eye(2)] * 20))
    labels = np.array([0, 1] * 18 + [1, 0] * 2)
    rows = (matrix, labels)
    plain, careful = (
        fit_head("label", ("a", "b"), rows, rows, HeadChoice(10.0, caution=caution), 0) for caution in (1.0, 1.5)
    )
    assert careful.spec.temperature == pytest.approx(1.5 * plain.spec.temperature, abs=1e-3)
    assert np.array_equal(careful.coefficients, plain.coefficients)


def test_a_certified_threshold_keeps_its_limit_in_at_least_95_of_100_worlds() -> None:
    """True chance of being right is the confidence itself, so the true wrong share above t is known."""
    rng = np.random.default_rng(7)
    confidence_of_all = rng.uniform(0.5, 1.0, 200_000)
    broken = 0
    for _ in range(200):
        confidence = rng.uniform(0.5, 1.0, 1500)
        threshold = certified_threshold(confidence, rng.uniform(size=1500) < confidence, 0.05)
        if threshold is not None:
            broken += float((1 - confidence_of_all[confidence_of_all >= threshold]).mean()) > 0.05
    assert broken <= binom.ppf(0.999, 200, 0.05)


def test_no_threshold_is_certified_on_too_few_or_too_wrong_messages() -> None:
    assert certified_threshold(np.full(58, 0.9), np.ones(58, bool), 0.05) is None
    assert certified_threshold(np.full(59, 0.9), np.ones(59, bool), 0.05) is not None
    assert certified_threshold(np.full(500, 0.9), np.arange(500) % 5 > 0, 0.05) is None


@pytest.fixture(scope="module")
def small_recipe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped recipe on two of its files, so that fitting takes seconds."""
    folder = tmp_path_factory.mktemp("training")
    shutil.copytree(ROOT / "training" / "recipes", folder / "recipes")
    shutil.copy(ROOT / "training" / "lexicon.toml", folder)
    files = ("first/money.jsonl", "plain/shops.jsonl")
    for name in files:
        (folder / "corpus" / name).parent.mkdir(parents=True)
        shutil.copy(ROOT / "training" / "corpus" / name, folder / "corpus" / name)
    path = folder / "recipes" / "triage-en.toml"
    kept = [
        line
        for line in path.read_text().splitlines()
        if "../corpus/" not in line or line.strip(' ",') in {f"../corpus/{name}" for name in files}
    ]
    models = (ROOT / "models").as_posix()
    verdicts = (ROOT / "training" / "verdicts.npz").as_posix()
    told = "\n".join(kept).replace("../../models", models).replace("../verdicts.npz", verdicts)
    told, lessened = re.subn(r"parts = \d+", "parts = 500", told)
    assert lessened
    path.write_text(told)
    return path


@pytest.fixture(scope="module")
def fitted(small_recipe: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("fitted") / "model"
    shipping.fit_recipe(read_recipe(small_recipe), folder, folder / "no corpora", lambda _: None)
    return folder


def test_the_same_recipe_data_and_seed_give_the_same_bytes(fitted: Path, small_recipe: Path, tmp_path: Path) -> None:
    shipping.fit_recipe(read_recipe(small_recipe), tmp_path, tmp_path / "no corpora", lambda _: None)
    assert {path.name for path in tmp_path.iterdir()} == {path.name for path in fitted.iterdir()}
    for path in tmp_path.iterdir():
        assert path.read_bytes() == (fitted / path.name).read_bytes(), path.name


def test_what_serving_computes_is_what_was_fitted(small_recipe: Path) -> None:
    """The matrix of training and the tables of serving give the same decision values, but for weights of 8 bits."""
    from training.corpus import read_corpus

    recipe = read_recipe(small_recipe)
    examples = read_corpus(list(recipe.corpora)).examples[:300]
    model = shipping._fit(recipe, examples, examples[:50], lambda _: None)
    weights = model.design.weights(
        np.vstack([head.coefficients for head in model.heads]),
        np.concatenate([head.intercepts for head in model.heads]),
    )
    from triage.scoring.linear import LinearModel

    read = shipping.readings(examples, recipe)
    served = LinearModel(weights, model.design.vectors.tokenizer).decide(read).values
    expected = np.hstack([head.values(model.design.transform(read)) for head in model.heads])
    spread = np.ptp(expected[expected > -15])  # labels that never occur lie below
    assert np.abs(served - expected).max() < 0.002 * spread


def test_a_fitted_artifact_loads_scores_and_names_its_data(fitted: Path) -> None:
    assert Scorer.load(fitted, [ROOT / "models"]).score([Utterance("thank you so much")])[0].intent.label == "praise"
    manifest = json.loads((fitted / "manifest.json").read_text())
    assert set(manifest["data"]["files"]) == {"first/money.jsonl", "plain/shops.jsonl"}
    assert manifest["metrics"]["own, held out"]["intent"]["messages"] > 50


def test_the_card_tells_figures_data_and_limits_and_only_what_was_measured(fitted: Path) -> None:
    card = (fitted / "CARD.md").read_text()
    manifest = json.loads((fitted / "manifest.json").read_text())
    intent = manifest["metrics"]["own, held out"]["intent"]
    right = round(intent["accuracy"] * intent["messages"])  # the manifest rounds, and rounding twice may differ
    assert f"| own, held out | intent | {intent['messages']} | {right / intent['messages']:.3f}" in card
    assert manifest["data"]["files"]["first/money.jsonl"] in card
    assert "## Limits" in card
    assert "airline" not in card


def test_a_model_fitted_for_research_says_so_in_manifest_and_card_and_names_the_licences(
    small_recipe: Path, tmp_path: Path
) -> None:
    converted = tmp_path / "tweets.jsonl"
    rows = [{"text": f"so glad it is number {n}", "sentiment": "positive", "origin": "wnut17"} for n in range(9)]
    converted.write_text("".join(json.dumps(row) + "\n" for row in rows))
    plain = read_recipe(small_recipe)
    recipe = dataclasses.replace(plain, corpora=(*plain.corpora, converted), purpose=Purpose.RESEARCH)
    shipping.fit_recipe(recipe, tmp_path / "model", tmp_path / "no corpora", lambda _: None)
    manifest = json.loads((tmp_path / "model" / "manifest.json").read_text())
    assert (manifest["purpose"], manifest["licence"]) == ("research", "for research only")
    assert manifest["data"]["public"] == {"wnut17": "CC BY 4.0"}
    assert manifest["data"]["licence"] == "Apache-2.0, CC BY 4.0 (wnut17)"
    assert "**For research only.**" in (tmp_path / "model" / "CARD.md").read_text()


def test_a_model_fitted_for_shipping_has_no_entry_for_a_purpose(fitted: Path) -> None:
    manifest = json.loads((fitted / "manifest.json").read_text())
    assert "purpose" not in manifest
    assert manifest["licence"] == "Apache-2.0"
    assert "only.**" not in (fitted / "CARD.md").read_text()


def run(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture(scope="module")
def single(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """One head fitted through the command line, and its test file."""
    folder = tmp_path_factory.mktemp("single")
    texts = {
        "balance": ["what is my balance", "show the balance of my account", "how much money is left", "balance please"],
        "card": ["my card is blocked", "unblock the card", "the card does not work", "new card please"],
        None: ["nice weather", "who won the match", "tell me a joke", "sing a song for me"],
    }
    rows = [{"text": f"{text} {filler}".strip(), "label": label} for label, own in texts.items() for text in own
            for filler in ("", "now", "today", "asap", "thanks", "hello")]  # fmt: skip
    for name, part in (("train", rows[::2]), ("valid", rows[1::2])):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in part))
    code, _, said = run(
        "fit-head", "--train", folder / "train.jsonl", "--valid", folder / "valid.jsonl", "-o", folder / "m"
    )
    assert code == 0, said
    return folder / "m", folder / "valid.jsonl"


def test_one_head_learns_its_labels_and_what_is_out_of_scope(single: tuple[Path, Path]) -> None:
    model = Classifier.load(single[0], [ROOT / "models"])
    assert model.heads["label"].labels == ("balance", "card", OUT_OF_SCOPE)
    batch = model.decide([model.read(Utterance("is the card blocked")), model.read(Utterance("sing me a joke"))])
    assert model.probabilities("label", batch).argmax(axis=1).tolist() == [1, 2]


def test_evaluating_one_head_gives_every_figure_of_the_contract(single: tuple[Path, Path]) -> None:
    code, out, _ = run("evaluate", *single, "--json")
    told = json.loads(out)
    assert code == 0
    assert told["in_scope"]["accuracy"] == pytest.approx(1.0)
    assert {"macro_f1", "macro_recall", "calibration_error", "classes"} <= set(told["in_scope"])
    assert (told["messages"], told["out_of_scope"]) == (36, 12)
    assert told["auroc"] > 0.95
    assert [one["most_wrong"] for one in told["answering"]] == [0.01, 0.05]
    assert all(0.5 < one["hindsight"] <= 1 for one in told["answering"])
    assert "AUROC" in run("evaluate", *single)[1]


def test_evaluating_four_heads_leaves_out_what_has_no_label(fitted: Path, tmp_path: Path) -> None:
    test = tmp_path / "test.jsonl"
    rows = [{"text": "thanks", "intent": "praise", "sentiment": None}, {"text": "dm sent", "intent": "follow_up"}]
    test.write_text("".join(json.dumps(row) + "\n" for row in rows))
    code, out, _ = run("evaluate", fitted, test, "--json")
    told = json.loads(out)["heads"]
    assert code == 0
    assert list(told) == ["intent"]
    assert told["intent"]["messages"] == 2
    assert run("evaluate", fitted, test, "--head", "intent")[0] == 0


@pytest.mark.parametrize("arguments", [("--head", "mood"), ("--head", "urgency")])
def test_evaluating_what_is_not_there_fails_with_one_line(
    fitted: Path, tmp_path: Path, arguments: tuple[str, str]
) -> None:
    test = tmp_path / "test.jsonl"
    test.write_text('{"text": "thanks", "intent": "praise"}\n')
    code, _, said = run("evaluate", fitted, test, *arguments)
    assert code == 1
    assert said.startswith("Error: ")
    assert said.count("\n") == 1


def test_one_label_is_not_enough_for_a_head(tmp_path: Path) -> None:
    path = tmp_path / "train.jsonl"
    path.write_text('{"text": "a", "label": "x"}\n{"text": "b", "label": "x"}\n')
    code, _, said = run("fit-head", "--train", path, "-o", tmp_path / "m")
    assert (code, said) == (1, "Error: train.jsonl: has fewer than two labels\n")


def test_the_corpus_check_passes_from_the_command_line() -> None:
    code, out, _ = run("corpus", "check")
    assert code == 0
    assert out.splitlines()[-1].endswith("messages, 0 problems")
