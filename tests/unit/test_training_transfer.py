"""Texts for a teacher to judge: they sound as messages do, and come from nothing that may not be shipped."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path

import pytest

from training.transfer import (
    CLOSE,
    WIDE,
    TransferChoice,
    crops,
    neighbours,
    plain,
    public_texts,
    swapped,
    texts,
    thinned,
)
from triage.errors import ConfigurationError
from triage.scoring.vectors import PieceVectors

MODELS = Path(__file__).parents[2] / "models"
MESSAGES = [
    "my parcel is late, where is it?",
    "the parcel never came. not happy",
    "package late again, please refund",
    "my package came late. refund please",
    "is the package late or the parcel?",
    "the refund never came, the parcel never came",
    "not my package",
] * 2
CHOICE = TransferChoice(
    seed=1, crops=12, near=2, far=1, shortened=1, changed_crops=5, public=(), public_joins=0, kept=10
)


@pytest.fixture(scope="module")
def vectors() -> PieceVectors:
    return PieceVectors.load(MODELS / "vectors-minilm")


def test_a_text_is_read_as_the_encoder_will_read_it() -> None:
    assert plain("@shop late AGAIN 😡 https://t.co/abcdefghij") == "late AGAIN angry"


def test_crops_are_new_texts_of_several_words_made_of_the_words_of_messages() -> None:
    found = crops(MESSAGES, 12, random.Random(3))
    assert len(set(found)) == len(found)
    assert not set(found) & set(MESSAGES)
    known = {word for text in MESSAGES for word in text.split()}
    assert all(len(text.split()) >= 3 and set(text.split()) <= known for text in found)


def test_fewer_crops_are_given_where_there_are_no_more() -> None:
    assert crops(["one two three"], 5, random.Random(0)) != []
    assert len(crops(["one two three"], 5, random.Random(0))) < 5


def test_a_word_stands_for_one_that_is_used_like_it(vectors: PieceVectors) -> None:
    messages = ["my flight was late, the parcel broken", "the plane is later, my package damaged"] * 3
    near, far = (neighbours(messages, vectors, how) for how in (CLOSE, WIDE))
    assert "plane" in near["flight"]
    assert "flight" not in near["flight"]
    assert "package" in far["parcel"]
    assert "package" not in near["parcel"]
    assert all(set(near[word]) <= set(far[word]) for word in near)


def test_rare_words_have_no_neighbours(vectors: PieceVectors) -> None:
    assert "happy" not in neighbours(MESSAGES, vectors, WIDE)
    assert neighbours([], vectors, CLOSE) == {}


def test_swapped_words_are_neighbours_and_negations_stay() -> None:
    near = {"parcel": ["package"], "not": ["yes"]}
    words = ["not", "my", "parcel"] * 200
    found = swapped(words, near, random.Random(2))
    assert len(found) == len(words)
    assert set(found) == {"not", "my", "parcel", "package"}
    assert 0.05 < found.count("package") / 200 < 0.45


def test_thinned_words_keep_their_order() -> None:
    found = thinned([str(number) for number in range(100)], random.Random(2))
    assert 60 < len(found) < 96
    assert found == sorted(found, key=int)


def test_equal_seeds_give_equal_texts_of_every_kind(vectors: PieceVectors, tmp_path: Path) -> None:
    found = texts(MESSAGES, vectors, CHOICE, tmp_path)
    assert found == texts(MESSAGES, vectors, CHOICE, tmp_path)
    assert found != texts(MESSAGES, vectors, replace(CHOICE, seed=2), tmp_path)
    assert len(found) == 12 + 5 + 4 * len(MESSAGES)


def test_public_texts_come_after_the_project_s_own(vectors: PieceVectors, tmp_path: Path) -> None:
    path = tmp_path / "banking77" / "train.jsonl"
    path.parent.mkdir()
    path.write_text("".join(json.dumps({"text": f"why was card {number} declined"}) + "\n" for number in range(3)))
    own = texts(MESSAGES, vectors, CHOICE, tmp_path)
    found = texts(MESSAGES, vectors, replace(CHOICE, public=("banking77",), public_joins=2), tmp_path)
    assert found[: len(own)] == own
    assert found[len(own) : len(own) + 3] == [f"why was card {number} declined" for number in range(3)]
    assert len(found) == len(own) + 5


@pytest.mark.parametrize("name", ["care_dev", "airline", "tweeteval_sentiment"])
def test_no_encoder_for_shipping_reads_a_corpus_that_may_not_be_shipped(name: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=f"cannot learn from {name}"):
        public_texts((name,), tmp_path)
