"""The second look: who gets one, what it changes, and that it can still be taken apart."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from triage import artifact
from triage.domain.scores import Head, Utterance
from triage.errors import ArtifactError
from triage.scoring.classifier import Classifier
from triage.scoring.heads import MOST_LIKELY, HeadSpec
from triage.scoring.scorer import Scorer
from triage.scoring.second import ARRAYS, Doubt, read_second

MODELS = Path(__file__).parents[2] / "models"
SHIPPED = MODELS / "triage-en"
SURE = "thank you so much, you have been wonderful"
UNSURE = "so that was the plan all along then, charging the card of somebody who left in May and calling it a day"


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return Classifier.load(SHIPPED)


@pytest.fixture(scope="module")
def day() -> list[Utterance]:
    """Messages of all kinds: every 40th of the project's own."""
    files = sorted((MODELS.parent / "training" / "corpus").glob("*/*.jsonl"))
    rows = [json.loads(line) for file in files for line in file.read_text().splitlines()]
    return [Utterance(row["text"]) for row in rows[::40] if row["lang"] == "en"]


def test_only_texts_in_doubt_get_a_second_look(classifier: Classifier) -> None:
    readings = [classifier.read(Utterance(text)) for text in (SURE, UNSURE)]
    first, batch = classifier.model.decide(readings), classifier.decide(readings)
    assert batch.second is not None
    assert set(batch.second.words) == {1}
    assert np.array_equal(batch.values[0], first.values[0])
    assert not np.allclose(batch.values[1], first.values[1])


def test_whether_a_text_is_looked_at_again_does_not_depend_on_its_company(
    classifier: Classifier, day: list[Utterance]
) -> None:
    readings = [classifier.read(one) for one in day]
    together = classifier.decide(readings)
    assert together.second is not None
    for place in range(0, len(day), 7):
        alone = classifier.decide(readings[place : place + 1])
        assert (alone.second is not None) == (place in together.second.words)
        assert np.array_equal(alone.values[0], together.values[place])


def test_a_part_of_all_messages_gets_one(classifier: Classifier, day: list[Utterance]) -> None:
    batch = classifier.decide([classifier.read(one) for one in day])
    assert batch.second is not None
    assert 0.1 < len(batch.second.words) / len(day) < 0.9


def test_the_reasons_of_a_second_look_sum_to_its_value() -> None:
    scorer = Scorer.load(SHIPPED)
    for head, told in scorer.explain(Utterance(UNSURE)).items():
        assert sum(share for _, share in told.reasons) == pytest.approx(told.value, abs=1e-9)
        assert told.label == scorer.score([Utterance(UNSURE)])[0].head(head).label


def test_deleting_the_three_cited_words_takes_more_from_a_verdict_than_deleting_three_others(
    classifier: Classifier, day: list[Utterance]
) -> None:
    scorer, dice = Scorer.load(SHIPPED), np.random.default_rng(5)
    falls: dict[Head, list[tuple[float, float]]] = {head: [] for head in Head}
    for one in day:
        words = classifier.read(one).words
        if len(words) < 8:
            continue
        for head, told in scorer.explain(one).items():
            shares = [share for token, share in told.reasons[: len(words)]]
            cited = np.argsort(-np.array(shares))[:3]
            at_random = dice.choice(len(words), 3, replace=False)
            before, *after = _chances(classifier, head, [words, _without(words, cited), _without(words, at_random)])
            label = int(before.argmax())
            falls[head].append((before[label] - after[0][label], before[label] - after[1][label]))
    for head, pairs in falls.items():
        cited_fall, random_fall = np.array(pairs).T
        assert cited_fall.mean() > 3 * max(random_fall.mean(), 0.0), head
        assert (cited_fall > random_fall).mean() > 0.7, head


def _without(words: list[str], places: np.ndarray) -> list[str]:
    return [word for place, word in enumerate(words) if place not in set(places.tolist())]


def _chances(classifier: Classifier, head: Head, texts: list[list[str]]) -> list[np.ndarray]:
    readings = [classifier.read(Utterance(" ".join(words))) for words in texts]
    return list(classifier.probabilities(head.value, classifier.decide(readings)))


def test_doubt_is_the_weighted_lack_of_confidence() -> None:
    heads = (
        HeadSpec("a", ("x", "y"), 0, 1.0, MOST_LIKELY),
        HeadSpec("b", ("x", "y"), 2, 1.0, MOST_LIKELY),
    )
    values = np.log(np.array([[0.9, 0.1, 0.6, 0.4], [0.5, 0.5, 0.5, 0.5]]))
    assert Doubt({"a": 1.0, "b": 0.5}, 0.0).of(values, heads).tolist() == pytest.approx([0.3, 0.75])
    assert Doubt({"a": 1.0}, 0.0).of(values, heads).tolist() == pytest.approx([0.1, 0.5])
    assert Doubt({}, -1.0).of(values, heads).tolist() == [0.0, 0.0]


def _artifact(folder: Path, entry: object, arrays: dict[str, np.ndarray] | None = None) -> artifact.Artifact:
    files = {} if arrays is None else {ARRAYS: artifact.pack(arrays)}
    artifact.write(folder, kind="classifier", name="x", files=files, about={"second_look": entry})
    return artifact.read(folder, kind="classifier")


@pytest.mark.parametrize(
    "doubt",
    [
        None,
        {},
        {"weights": {"intent": "much"}, "limit": 0.5},
        {"weights": {"intent": -1.0}, "limit": 0.5},
        {"weights": {"intent": 1.0}, "limit": "none"},
    ],
)
def test_a_manifest_that_does_not_say_when_to_look_again_is_refused(tmp_path: Path, doubt: object) -> None:
    checked = _artifact(tmp_path, {"doubt": doubt, "encoder": {"folder": "encoder-care", "version": "1"}})
    with pytest.raises(ArtifactError, match="does not say"):
        read_second(checked, 2, [MODELS])


def test_weights_that_do_not_fit_the_encoder_are_refused(tmp_path: Path) -> None:
    version = json.loads((SHIPPED / "manifest.json").read_text())["second_look"]["encoder"]["version"]
    entry = {
        "doubt": {"weights": {"a": 1.0}, "limit": 0.5},
        "encoder": {"folder": "encoder-care", "version": version},
    }
    arrays = {"first": np.ones(2), "weights": np.ones((3, 2)), "bias": np.zeros(2)}
    with pytest.raises(ArtifactError, match="no array 'weights' of shape"):
        read_second(_artifact(tmp_path / "a", entry, arrays), 2, [MODELS])
    with pytest.raises(ArtifactError, match=r"does not list second\.npz"):
        read_second(_artifact(tmp_path / "b", entry), 2, [MODELS])


def test_a_model_without_a_second_look_has_none(tmp_path: Path) -> None:
    artifact.write(tmp_path, kind="classifier", name="x", files={}, about={})
    assert read_second(artifact.read(tmp_path, kind="classifier"), 2, []) is None


def test_the_day_has_messages_of_many_kinds(day: list[Utterance]) -> None:
    found = Counter(score.intent.label for score in Scorer.load(SHIPPED).score(day))
    assert len(found) >= 15
