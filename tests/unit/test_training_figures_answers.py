from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from training.certify import Target
from training.figures.answers import by_account, halves, knowledge_base, matched
from training.figures.help_pages import Conversation, Remembering, judged, title
from training.single import Row

ROWS = [
    Row("when do you open", "hours"),
    Row("opening hours please", "hours"),
    Row("can I bring my dog", "dogs"),
    Row("are dogs allowed", "dogs"),
    Row("is parking free", "parking"),
    Row("where do I park", "parking"),
    Row("who won the match", None),
]


class Counting:
    """Vectors of nothing, that count how many texts they were asked for."""

    version = "counting"

    def __init__(self) -> None:
        self.asked: list[str] = []

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        self.asked += texts
        return np.array([[float(len(text)), 1.0] for text in texts])


def test_each_label_is_a_snippet_and_rows_without_one_are_known_to_have_no_answer() -> None:
    found = knowledge_base(ROWS)
    assert [snippet.id for snippet in found.snippets] == ["dogs", "hours", "parking"]
    assert found.snippets[0].questions == ("can I bring my dog", "are dogs allowed")
    assert found.no_answer == ("who won the match",)


def test_an_answer_to_a_message_without_one_is_wrong() -> None:
    found = matched(knowledge_base(ROWS), [Row("when do you open", "hours"), Row("are dogs allowed", None)], Counting())
    assert found.right.tolist() == [True, False]
    assert found.answerable.tolist() == [True, False]


def test_brands_that_share_a_knowledge_base_keep_their_snippets_apart() -> None:
    known = by_account({"books": [Row("where is my order", "order"), Row("hello", None)], "beds": ROWS})
    assert [snippet.id for snippet in known.snippets] == ["beds/dogs", "beds/hours", "beds/parking", "books/order"]
    assert known.snippets[-1].accounts == ("books",)
    rows = [Row("@books where is my order", "books/order"), Row("@beds where is my order", "books/order")]
    assert matched(known, rows, Counting()).right.tolist() == [True, False]


def test_on_half_of_what_is_always_right_everything_sure_is_certified() -> None:
    found = halves(np.full(400, 0.9), np.ones(400, bool), Target(0.05), splits=5)
    assert (found.kept, found.coverage, found.certified) == (1.0, 1.0, 1.0)


def test_a_split_on_which_nothing_is_certified_answers_nothing_and_breaks_no_promise() -> None:
    found = halves(np.full(400, 0.9), np.zeros(400, bool), Target(0.05), splits=5)
    assert (found.kept, found.coverage, found.certified) == (1.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("https://support.example.com/us/article/listen-offline-troubleshooting", "listen offline troubleshooting"),
        ("https://web.archive.org/web/20200401/https://help.example/hc/en-us/Reset-Password", "Reset Password"),
        ("https://help.example/185111", ""),
    ],
)
def test_the_title_of_a_page_is_the_words_of_its_address(address: str, words: str) -> None:
    assert title(address) == words


def test_vectors_are_taken_once() -> None:
    counting = Counting()
    vectors = Remembering(counting)
    assert vectors.embed(["a", "bb", "a"]).tolist() == vectors.embed(["a", "bb", "a"]).tolist()
    assert counting.asked == ["a", "bb"]


def test_a_page_that_no_conversation_names_is_found_by_its_address() -> None:
    told = [Conversation("Shop", "reset password please", "1")] + [
        Conversation("Shop", f"where is parcel number {number}", "2") for number in range(9)
    ]
    first, three, popular = judged(told, {"Shop": {"1": "reset password", "2": ""}}, Counting())
    assert (first, three, popular) == (1.0, 1.0, 0.9)
