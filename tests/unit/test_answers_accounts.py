"""Several accounts with one folder of snippets: each message gets the snippets of the account that it is for."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from triage.answers.accounts import Matchers
from triage.answers.answering import SnippetAnswers
from triage.answers.knowledge_base import KnowledgeBase, Snippet, load
from triage.errors import KnowledgeBaseError

TODAY = dt.date(2026, 5, 1)
ASKED = ("where is my order", "track my order", "when does my order arrive", "order status")
BOOKS = Snippet("books/order", "Orders", ASKED, ("See the page of books.",), accounts=("books",))
BEDS = Snippet("beds/order", "Orders", ASKED, ("See the page of beds.",), accounts=("beds",))
HOURS = Snippet("hours", "Hours", ("when do you open", "opening hours", "are you open today"), ("From nine.",))
SHOPS = KnowledgeBase((BEDS, BOOKS, HOURS), TODAY)


def matched(text: str) -> list[str]:
    return [match.snippet for match in SnippetAnswers(SHOPS).matches(text, TODAY)]


@pytest.mark.parametrize(("account", "snippet"), [("@Books", "books/order"), ("@beds", "beds/order")])
def test_the_same_words_get_the_answer_of_the_account_that_is_asked(account: str, snippet: str) -> None:
    assert matched(f"{account} where is my order?")[0] == snippet
    assert set(matched(f"{account} where is my order?")) <= {snippet, "hours"}


def test_what_another_account_would_answer_makes_a_match_no_less_sure() -> None:
    alone = Matchers(KnowledgeBase((BOOKS, HOURS), TODAY))
    text = "@books is my order on its way"
    together = Matchers(SHOPS)
    assert together.of(text).match(text, TODAY) == alone.of(text).match(text, TODAY)


def test_a_message_that_names_none_of_the_accounts_gets_what_is_for_all() -> None:
    assert set(matched("@shops where is my order? and when do you open")) <= {"hours"}
    assert matched("when do you open")[0] == "hours"
    assert matched("@books when do you open")[0] == "hours"


def test_the_first_account_that_a_message_mentions_counts() -> None:
    assert matched("@friend tell @beds and @books, where is my order?")[0] == "beds/order"


def test_suggestions_are_those_of_the_account_too() -> None:
    found = SnippetAnswers(SHOPS).suggestions("@beds where is my order?", TODAY)
    assert [match.snippet for match in found] == ["beds/order"]


def test_the_accounts_of_a_snippet_are_part_of_the_digest(tmp_path: Path) -> None:
    def written(front: str) -> KnowledgeBase:
        (tmp_path / "a.md").write_text(f"---\nid: a\nquestions: [hi]\n{front}---\nHello.\n", encoding="utf-8")
        return load(tmp_path, TODAY, {})

    assert written("accounts: ['@Books', BEDS]\n").snippets[0].accounts == ("beds", "books")
    assert written("").digest != written("accounts: books\n").digest == written("accounts: ['@BOOKS']\n").digest


@pytest.mark.parametrize("value", ["[a b]", "3", "[['x']]", "'@'"])
def test_what_is_no_handle_is_refused_with_its_place(tmp_path: Path, value: str) -> None:
    text = f"---\nid: a\nquestions: [hi]\naccounts: {value}\n---\nHello.\n"
    (tmp_path / "a.md").write_text(text, encoding="utf-8")
    with pytest.raises(KnowledgeBaseError, match="line 4, accounts"):
        load(tmp_path, TODAY, {})


def test_one_account_alone_knows_only_its_own_and_what_is_for_all() -> None:
    assert SHOPS.of("books").snippets == (BOOKS, HOURS)
    assert SHOPS.of(None).snippets == (HOURS,)
    assert replace(SHOPS, snippets=(HOURS,)).accounts == ()
