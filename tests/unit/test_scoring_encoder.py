"""The encoder: one text at a time, cut where it is too long, refused where it is not what it should be."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage import artifact
from triage.errors import ArtifactError
from triage.scoring.encoder import KIND, NETWORK, WORDS, Choice, Encoder, _side_by_side, find, read_choice, spoken
from triage.scoring.vectors import TOKENIZER
from triage.scoring.words import split

MODELS = Path(__file__).parents[2] / "models"
SHIPPED = MODELS / "encoder-care"
TEXTS = [
    split("my bag never arrived in Lisbon 😡"),
    split("thanks"),
    split("@user http://link"),
    [],
    split("where is the unbelievably overcomplicated refund form?"),
]


@pytest.fixture(scope="module")
def encoder() -> Encoder:
    return Encoder.load(SHIPPED)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped encoder that a test may harm; the one that has its words is beside it."""
    (tmp_path / "encoder-minilm").symlink_to(MODELS / "encoder-minilm")
    return Path(shutil.copytree(SHIPPED, tmp_path / "encoder-care"))


def test_each_word_has_a_row_and_all_rows_sum_to_a_vector_of_length_one(encoder: Encoder) -> None:
    for words, read in zip(TEXTS, encoder.encode(TEXTS), strict=True):
        assert read.words.shape == (len(words), encoder.width)
        assert np.allclose(read.words.sum(axis=0), read.vector, atol=1e-12)
        length = float(np.linalg.norm(read.vector))
        assert length == pytest.approx(1.0) if any(word.isalpha() for word in words) else length == 0.0


def test_a_word_without_pieces_has_an_empty_row(encoder: Encoder) -> None:
    (read,) = encoder.encode([["@user", "hello"]])
    assert not read.words[0].any()
    assert read.words[1].any()


@pytest.mark.parametrize("folder_name", ["encoder-care", "encoder-minilm"])
def test_rows_do_not_depend_on_the_company_that_a_text_is_in(folder_name: str) -> None:
    encoder = Encoder.load(MODELS / folder_name)
    together = encoder.encode(TEXTS * 3)
    for place, words in enumerate(TEXTS * 3):
        (alone,) = encoder.encode([words])
        assert np.array_equal(alone.words, together[place].words)
        assert np.array_equal(alone.vector, together[place].vector)


@given(st.lists(st.integers(0, 96), max_size=60), st.integers(1, 300))
def test_texts_are_read_side_by_side_where_they_have_equally_many_pieces(sizes: list[int], most: int) -> None:
    parts = _side_by_side(sizes, most)
    assert sorted(text for part in parts for text in part) == [text for text, size in enumerate(sizes) if size]
    for part in parts:
        assert len({sizes[text] for text in part}) == 1
        assert len(part) == 1 or sum(sizes[text] for text in part) <= most


def test_a_words_row_is_the_sum_of_the_states_of_its_pieces(encoder: Encoder, monkeypatch: pytest.MonkeyPatch) -> None:
    states = np.random.default_rng(3).standard_normal((96, encoder.width)).astype(np.float32)
    monkeypatch.setattr(encoder, "_session", SimpleNamespace(run=lambda _, given: [states[: given["pieces"].size]]))
    words = ["@user", "late", "uninstalling", "http://link", "Ubuntu", "ありがとうございます", *["guacamole"] * 40]
    owners = np.repeat(np.arange(len(words)), [len(encoder._pieces_of(word)) for word in words])
    assert len(owners) > len(states), "the text is cut"
    sums = np.zeros((len(words), encoder.width))
    np.add.at(sums, owners[: len(states)], states)
    (read,) = encoder.encode([words])
    assert np.allclose(read.words, sums / np.linalg.norm(sums.sum(axis=0)), atol=1e-7)


def test_a_word_reads_differently_in_another_context(encoder: Encoder) -> None:
    first, second = encoder.encode([["river", "bank"], ["savings", "bank"]])
    assert not np.allclose(first.words[1], second.words[1])


def test_a_sign_is_read_as_the_word_that_it_stands_for(encoder: Encoder) -> None:
    assert spoken("😡") == "angry"
    assert spoken("cross") == "cross"
    sign, word = encoder.encode([["so", "😡"], ["so", "angry"]])
    assert np.array_equal(sign.words, word.words)


def test_what_is_beyond_the_longest_text_counts_nothing(encoder: Encoder) -> None:
    (read,) = encoder.encode([["late"] * 600])
    last = int(np.flatnonzero(read.words.any(axis=1)).max()) + 1
    assert 0 < last < 600
    (more,) = encoder.encode([["late"] * 600 + ["thanks"]])
    assert np.array_equal(read.words, more.words[:-1])


def test_embedding_gives_the_vectors_of_whole_texts(encoder: Encoder) -> None:
    vectors = encoder.embed(TEXTS)
    assert vectors.shape == (len(TEXTS), encoder.width)
    assert np.array_equal(vectors[0], encoder.encode(TEXTS[:1])[0].vector)


def test_a_network_that_was_changed_is_refused_before_it_runs(folder: Path) -> None:
    path = folder / NETWORK
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises(ArtifactError, match="checksums differ"):
        Encoder.load(folder)


def test_a_file_that_is_no_network_is_refused(folder: Path, tmp_path: Path) -> None:
    files = {NETWORK: b"not a network", TOKENIZER: (folder / TOKENIZER).read_bytes()}
    artifact.write(tmp_path / "other", kind=KIND, name="other", files=files, about={"width": 384, "longest": 96})
    with pytest.raises(ArtifactError, match="no network that this version can run"):
        Encoder.load(tmp_path / "other")


@pytest.mark.parametrize("told", [{"width": 0, "longest": 96}, {"width": 384, "longest": 10_000}])
def test_a_manifest_that_describes_no_encoder_is_refused(folder: Path, tmp_path: Path, told: dict[str, int]) -> None:
    files = {name: (folder / name).read_bytes() for name in (NETWORK, TOKENIZER)}
    artifact.write(tmp_path / "other", kind=KIND, name="other", files=files, about=told)
    with pytest.raises(ArtifactError, match="cannot be"):
        Encoder.load(tmp_path / "other")


def test_an_encoder_reads_its_words_from_the_one_beside_it(folder: Path, encoder: Encoder) -> None:
    assert np.array_equal(Encoder.load(folder).embed(TEXTS), encoder.embed(TEXTS))
    (folder.parent / "encoder-minilm").unlink()
    with pytest.raises(ArtifactError, match="encoder-minilm"):
        Encoder.load(folder)


def test_an_encoder_whose_words_are_of_another_version_is_refused(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    files = {name: (folder / name).read_bytes() for name in (NETWORK, TOKENIZER)}
    about = {name: manifest[name] for name in ("width", "longest")}
    other = {"folder": "encoder-minilm", "version": "encoder-minilm-1@000000000000"}
    artifact.write(folder, kind=KIND, name="other", files=files, about={**about, WORDS: other})
    with pytest.raises(ArtifactError, match="but encoder-minilm-1@000000000000 is needed"):
        Encoder.load(folder)


def test_an_encoder_without_a_table_of_words_is_no_network_that_can_run(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text())
    files = {name: (folder / name).read_bytes() for name in (NETWORK, TOKENIZER)}
    about = {name: manifest[name] for name in ("width", "longest")}
    artifact.write(folder, kind=KIND, name="other", files=files, about=about)
    with pytest.raises(ArtifactError, match="is no network that this version can run"):
        Encoder.load(folder)


def test_the_first_place_that_has_the_encoder_is_taken(tmp_path: Path, encoder: Encoder) -> None:
    assert find(Choice("encoder-care", encoder.version), [tmp_path, MODELS]).version == encoder.version


def test_a_missing_encoder_is_reported_with_the_places_that_were_looked_in(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=f"encoder-care is not in {tmp_path}"):
        find(Choice("encoder-care", "encoder-care-1@0"), [tmp_path])


def test_another_version_of_the_encoder_is_refused() -> None:
    with pytest.raises(ArtifactError, match="but encoder-care-1@000000000000 is needed"):
        find(Choice("encoder-care", "encoder-care-1@000000000000"), [MODELS])


@pytest.mark.parametrize("told", [None, "x", {}, {"folder": "../x", "version": "1"}, {"folder": "x", "version": 1}])
def test_a_manifest_that_names_no_encoder_is_refused(told: object) -> None:
    with pytest.raises(ArtifactError, match="names no encoder"):
        read_choice(told)


def test_both_shipped_encoders_say_what_they_were_made_from() -> None:
    for name in ("encoder-care", "encoder-minilm"):
        manifest = json.loads((MODELS / name / "manifest.json").read_text())
        assert manifest["source"]["licence"] == "Apache-2.0"
        assert len(manifest["source"]["model.safetensors sha256"]) == 64
