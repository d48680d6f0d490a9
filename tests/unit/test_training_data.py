"""Corpora, splits, the corpus check, the lexicon and recipes: what fitting starts from."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest

from training import check, public, splits
from training.corpus import Example, own_files, read_corpus
from training.lexicon import phrase_table, read_lexicon, spellings
from training.recipe import read_recipe
from training.splits import Shares
from triage.domain.scores import Head, Span, Utterance
from triage.errors import ConfigurationError, InvalidInput
from triage.scoring import features
from triage.scoring.vectors import PieceVectors
from triage.scoring.words import WordTable, split

ROOT = Path(__file__).parents[2]
RECIPE = ROOT / "training" / "recipes" / "triage-en.toml"
VECTORS = ROOT / "models" / "vectors-minilm"
SHARES = Shares(calibration=0.1, test=0.15)
LABELS = {Head.INTENT: "other", Head.SENTIMENT: "neutral", Head.URGENCY: "low", Head.PRIVACY: "none"}


def example(text: str, **changes: object) -> Example:
    plain = Example("own-1", Utterance(text), LABELS, (), "own")
    return dataclasses.replace(plain, **changes)  # type: ignore[arg-type]  # tests pass what they mean to


def lines(path: Path, *rows: object) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_the_projects_own_corpus_is_sound() -> None:
    examples = read_corpus(own_files()).examples
    assert check.problems(examples, read_recipe(RECIPE).split) == []


def test_the_parts_have_about_the_shares_that_were_asked_for_and_share_no_near_duplicates() -> None:
    examples = read_corpus(own_files()).examples
    parts = splits.split(examples, SHARES)
    assert len(parts["test"]) / len(examples) == pytest.approx(0.15, abs=0.03)
    assert len(parts["calibration"]) / len(examples) == pytest.approx(0.10, abs=0.03)
    assert sum(map(len, parts.values())) == len(examples)


def test_near_duplicates_are_one_group_also_by_way_of_a_third() -> None:
    texts = [
        "where is my parcel it was due on monday",
        "@1 where is my parcel, it was due on Monday!!",
        "something else entirely happened here today",
        "it was due on monday and the neighbours have not seen it",
        "ok",
        "OK @5",
    ]
    groups = splits.near_duplicates(texts)
    assert groups[0] == groups[1] == 0
    assert groups[2] == 2
    assert groups[4] == groups[5] == 4


def test_where_an_example_goes_does_not_depend_on_the_others() -> None:
    examples = [example(f"message number {word} about {word}s", id=word) for word in "abcdefghijklmnopqrst"]
    whole = splits.split(examples, SHARES)
    half = splits.split(examples[::2], SHARES)
    for part, own in half.items():
        assert {one.id for one in own} <= {one.id for one in whole[part]}


def test_shares_that_leave_nothing_to_fit_on_are_refused() -> None:
    with pytest.raises(InvalidInput):
        Shares(calibration=0.5, test=0.5)


@pytest.mark.parametrize(
    ("faulty", "said"),
    [
        (example("call 07700 900123", spans=(Span(5, 17, "PHONE"),)), "demand medium"),
        (example("x", labels={**LABELS, Head.PRIVACY: "high"}), "nothing is marked"),
        (example("a b", spans=(Span(0, 2, "POSTCODE"),)), "does not frame"),
        (example("ab cd", spans=(Span(0, 5, "POSTCODE"), Span(3, 5, "POSTCODE"))), "overlaps"),
        (example("a b", spans=(Span(0, 1, "SHOE_SIZE"),)), "SHOE_SIZE"),
        (example("a", origin="twcs"), "own"),
        (example("a", labels={Head.INTENT: "other"}), "no label for sentiment"),
        (example("a" * 321), "too long"),
    ],
)
def test_a_faulty_example_is_named_by_the_check(faulty: Example, said: str) -> None:
    assert any(line.startswith("own-1: ") and said in line for line in check.problems([faulty], SHARES))


def test_the_check_names_duplicates_and_rare_labels() -> None:
    found = check.problems([example("same text"), example("Same  TEXT", id="own-2"), example("z")], SHARES)
    assert any("the same text as own-1" in line for line in found)
    assert any("id own-1 occurs 2 times" in line for line in found)
    assert any("intent praise: 0 messages" in line for line in found)


def test_the_check_names_what_the_corpus_has_too_little_of() -> None:
    found = check.problems([example("one message", trade="air")], SHARES)
    for said in (
        "1 messages, at least 5000",
        "0 messages are urgent",
        "0 messages are with exposed",
        "0 messages are hard",
        "1 trades",
    ):
        assert any(line.startswith(said) for line in found), said


@pytest.mark.parametrize(
    "row",
    [[], {"text": 7}, {"text": "a", "intent": "shopping"}, {"text": "a", "spans": [[1, 2]]}, {"text": "a", "spans": 3}],
)
def test_a_broken_line_is_named_with_file_and_number(tmp_path: Path, row: object) -> None:
    with pytest.raises(InvalidInput) as raised:
        read_corpus([lines(tmp_path / "c.jsonl", {"text": "fine"}, row)])
    assert (raised.value.field, raised.value.line) == ("c.jsonl", 2)


@pytest.mark.parametrize("corpus", ["care_dev", "airline", "twcs", "complaints", "covid_faq"])
def test_nothing_is_fitted_on_a_corpus_that_is_for_measuring_only(tmp_path: Path, corpus: str) -> None:
    folder = tmp_path / corpus
    folder.mkdir()
    path = lines(folder / "x.jsonl", {"text": "a", "origin": "own", "licence": "Apache-2.0"})
    with pytest.raises(ConfigurationError, match="measuring only"):
        public.refuse_to_fit_on([path])


def test_nothing_is_fitted_on_rows_that_do_not_say_they_are_the_projects_own(tmp_path: Path) -> None:
    path = lines(tmp_path / "renamed.jsonl", {"text": "a"})
    with pytest.raises(ConfigurationError, match=r"renamed\.jsonl, line 1"):
        public.refuse_to_fit_on([path])


def test_spellings_are_written_out_and_apostrophes_may_be_missing() -> None:
    assert list(spellings("can't refund{,s}")) == ["can't refund", "cant refund", "can't refunds", "cant refunds"]


def test_phrases_are_found_as_serving_hashes_them() -> None:
    tokenizer = PieceVectors.load(VECTORS).tokenizer
    table = phrase_table({"a": ("on hold", "hold"), "b": ("on hold", "so very tired")}, tokenizer)
    assert table.members.sum() == 4
    assert len(table.hashes) == 3
    rows = WordTable(tokenizer, np.zeros((tokenizer.get_vocab_size(), 1), np.float32)).look_up(
        [split("I am ON HOLD and so very tired")]
    )
    found = np.concatenate([grams.hashes for grams in features.grams(rows, 3)])
    assert set(table.hashes.tolist()) <= set(found.tolist())


@pytest.mark.parametrize("content", ["a = 1", 'a = ["one two three four five"]', 'a = [""]', "a = ["])
def test_a_broken_lexicon_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "lexicon.toml"
    path.write_text(content)
    with pytest.raises(ConfigurationError, match=r"lexicon\.toml"):
        read_lexicon(path)


def edited_recipe(tmp_path: Path, old: str, new: str) -> Path:
    text = RECIPE.read_text()
    assert old in text
    path = tmp_path / "recipe.toml"
    path.write_text(text.replace(old, new, 1))
    return path


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("seed = ", "sed = "),
        ('"question mark"', '"phase of the moon"'),
        ("[heads.urgency]", "[heads.haste]"),
        ('decision = "least expected cost"', 'decision = "a coin"'),
        ("caution = 1.05", "caution = 0"),
        ("caution = 1.05", "caution = nan"),
        ("test = 0.15", "test = 0.95"),
        ("bucket_bits", "bucket_bytes"),
        ("name =", "name"),
    ],
)
def test_a_recipe_with_a_mistake_is_refused_by_name(tmp_path: Path, old: str, new: str) -> None:
    with pytest.raises(ConfigurationError, match=r"recipe\.toml"):
        read_recipe(edited_recipe(tmp_path, old, new))
