"""Words, n-grams, cues and heads: the parts that scores are made of."""

from __future__ import annotations

import numpy as np
import pytest
from tokenizers import Tokenizer
from tokenizers.models import WordPiece
from tokenizers.pre_tokenizers import BertPreTokenizer

from triage.domain.scores import Span, Utterance
from triage.errors import ArtifactError
from triage.scoring import features
from triage.scoring.heads import LEAST_COST, MOST_LIKELY, HeadSpec, describe, read_heads
from triage.scoring.words import WordTable, split, word_hash

PIECES = {"[UNK]": 0, "lost": 1, "bag": 2, "my": 3, "##s": 4}


@pytest.fixture
def table() -> WordTable:
    tokenizer = Tokenizer(WordPiece(PIECES, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = BertPreTokenizer()
    return WordTable(tokenizer, np.arange(10, dtype=np.float32).reshape(5, 2), capacity=6)


def test_words_keep_apostrophes_handles_and_links_whole_and_signs_apart() -> None:
    assert split("@user I can't!! 😀 http://link a_b") == [
        "@user",
        "I",
        "can't",
        "!",
        "!",
        "😀",
        "http://link",
        "a",
        "_",
        "b",
    ]


def test_case_and_the_values_of_digits_do_not_count_in_hashes() -> None:
    assert word_hash("Gate22") == word_hash("gATE57")
    assert word_hash("gate22") != word_hash("gate222")


def test_a_words_row_is_the_sum_of_its_pieces(table: WordTable) -> None:
    rows = table.look_up([["bags", "lost"], [], ["@user"]])
    assert rows.rows[rows.words].tolist() == [[4.0 + 8.0, 5.0 + 9.0], [2.0, 3.0], [0.0, 0.0]]
    assert rows.pieces[rows.words].tolist() == [2, 1, 0]
    assert rows.bounds.tolist() == [0, 2, 2, 3]
    assert rows.owners.tolist() == [0, 0, 2]


def test_rows_handed_out_stay_as_they_were_when_the_table_starts_anew(table: WordTable) -> None:
    before = table.look_up([["my", "lost", "bag"]])
    expected = before.rows[before.words].tolist()
    after = table.look_up([["bags", "a", "b", "c", "my"]])  # more than the table has room for
    assert before.rows[before.words].tolist() == expected
    assert after.rows[after.words][-1].tolist() == expected[0]


def test_ngrams_do_not_reach_over_the_end_of_a_text(table: WordTable) -> None:
    rows = table.look_up([["my", "bag"], ["lost"], [], ["my", "lost", "bag"]])
    ones, twos, threes = features.grams(rows, 3)
    assert ones.owners.tolist() == [0, 0, 1, 3, 3, 3]
    assert twos.owners.tolist() == [0, 3, 3]
    assert threes.owners.tolist() == [3]
    assert threes.places.tolist() == [3]


def test_the_order_of_words_counts_in_ngrams_and_their_place_does_not(table: WordTable) -> None:
    rows = table.look_up([["my", "bag"], ["bag", "my"], ["lost", "my", "bag"]])
    first, second, _, third = features.grams(rows, 2)[1].hashes.tolist()
    assert first == third
    assert first != second


def test_no_words_at_all_have_no_ngrams(table: WordTable) -> None:
    assert features.grams(table.look_up([[], []]), 2) == []


@pytest.mark.parametrize(
    ("cue", "text", "value"),
    [
        ("question mark", "is it?", 1.0),
        ("question mark", "it is", 0.0),
        ("repeated marks", "what?!", 1.0),
        ("share of capitals", "WHERE IS MY ORDER", 1.0),
        ("share of capitals", "OK", 0.0),
        ("glad signs", "ta 😊", 1.0),
        ("glad signs", "ta :)", 1.0),
        ("cross signs", "late again 😡", 1.0),
        ("cross signs", "see http://a.b/c", 0.0),
        ("amused signs", "hahaha ok", 1.0),
        ("long number", "ref 12345", 1.0),
        ("long number", "at 12:45", 0.0),
        ("fewer than 4 words", "dm sent", 1.0),
        ("link", "see https://t.co/abcdefghij", 1.0),
        ("drawn-out letters", "soooo late", 1.0),
    ],
)
def test_cues_say_what_they_are_named_after(cue: str, text: str, value: float) -> None:
    assert features.read(Utterance(text), [cue]).cues == (value,)


def test_cues_about_the_thread_and_about_exposed_items() -> None:
    cues = ["answers a message", "answers a question", "exposes something", "exposes much"]
    spans = (Span(0, 1, "EMAIL"), Span(2, 3, "EMAIL"))
    assert features.read(Utterance("a", "Which one?"), cues, spans).cues == (1.0, 1.0, 1.0, 0.0)
    assert features.read(Utterance("a"), cues, (*spans, Span(4, 5, "PHONE"))).cues == (0.0, 0.0, 1.0, 1.0)
    assert features.read(Utterance("a"), cues, (Span(0, 1, "POSTCODE"),)).cues == (0.0, 0.0, 0.0, 0.0)


def test_the_step_of_least_expected_cost_lies_between_two_likely_ends() -> None:
    spec = HeadSpec("urgency", ("critical", "high", "normal", "low"), 0, 1.0, LEAST_COST)
    probabilities = np.array([[0.5, 0.0, 0.0, 0.5], [0.05, 0.05, 0.8, 0.1], [0.45, 0.2, 0.35, 0.0]])
    assert spec.choose(probabilities).tolist() == [1, 2, 1]
    likeliest = HeadSpec("urgency", spec.labels, 0, 1.0, MOST_LIKELY)
    assert likeliest.choose(probabilities).tolist() == [0, 2, 0]


def test_a_higher_temperature_makes_probabilities_less_sure() -> None:
    values = np.array([[2.0, 0.0, 1.0]])
    cold = HeadSpec("a", ("x", "y", "z"), 0, 0.5, MOST_LIKELY).probabilities(values)
    warm = HeadSpec("a", ("x", "y", "z"), 0, 2.0, MOST_LIKELY).probabilities(values)
    assert cold[0, 0] > warm[0, 0] > 1 / 3
    assert warm.sum() == pytest.approx(1)


def test_huge_decision_values_give_probabilities_all_the_same() -> None:
    probabilities = HeadSpec("a", ("x", "y"), 0, 0.01, MOST_LIKELY).probabilities(np.array([[1e6, -1e6]]))
    assert probabilities.tolist() == [[1.0, 0.0]]


def test_heads_described_are_read_back_with_their_columns() -> None:
    heads = (HeadSpec("a", ("x", "y"), 0, 1.5, MOST_LIKELY), HeadSpec("b", ("p", "q", "r"), 2, 0.5, LEAST_COST))
    assert read_heads([describe(head) for head in heads]) == heads


@pytest.mark.parametrize("described", [[], [7], [{"name": "a", "labels": ["x"], "temperature": 1.0}]])
def test_heads_that_cannot_be_are_refused(described: list[object]) -> None:
    with pytest.raises(ArtifactError):
        read_heads(described)
