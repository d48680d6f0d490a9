"""Agents' choices become questions of their snippets: from the desk to the matcher's ranking. On both engines."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from app.compose import DEMO_BRAND
from tests.cli import run
from tests.doubles import frozen, judge, message
from triage.answers.answering import SnippetAnswers
from triage.answers.certificate import read as read_certificate
from triage.answers.choices import FILE, Choice, read, write
from triage.domain.user import Role, User
from triage.privacy.detect import detect
from triage.service.cases import Desk
from triage.service.deciding import decide_pending
from triage.service.intake import take_in
from triage.service.learning import Learnt, learnt
from triage.service.showing import Showing
from triage.store import Store

ALEX = User(1, "alex", Role.AGENT)
ASKED = "@MarramAir would a stick of dynamite cheese count as cabin refund luggage?"
SHOWS = "@MarramAir refund for cheese to jo.marsh@example.org please"
VENTS = "@MarramAir refund my cheese you thieves, disgusting!!"


@pytest.fixture
def used(store: Store) -> Store:
    """Messages that an agent answered: three from a suggestion, one without, one on a channel that is not opened."""
    clock, snippet = frozen(), "pets-on-board"
    one = judge(clock)
    texts = {"1": ASKED, "2": SHOWS, "3": VENTS, "4": "@MarramAir refund for a typed answer"}
    messages = [message(key, text, author=key) for key, text in texts.items()]
    take_in(store, [*messages, message("5", ASKED, author="5", channel="other")], clock)
    decide_pending(store, one, 100)
    desk = Desk(store, one.brand.routing, one.answers, clock)
    with store.read() as transaction:
        cases = transaction.messages.cases_of("memory", list(texts)) | transaction.messages.cases_of("other", ["5"])
    for key, case in cases.items():
        desk.claim(ALEX, case)
        desk.reply(ALEX, case, f"Cheese travels free, {key}.", key=key, snippet=None if key == "4" else snippet)
    return store


def found(store: Store, *snippets: str) -> Learnt:
    return learnt(store, Showing(detect), ["memory"], ["marramair"], snippets)


def test_a_message_answered_from_a_suggestion_is_a_question_of_its_snippet_if_it_is_a_plain_one(used: Store) -> None:
    plain = "would a stick of dynamite cheese count as cabin refund luggage?"
    assert found(used, "pets-on-board") == Learnt((Choice(plain, "pets-on-board"),), made=2, gone=0)


def test_a_choice_of_a_snippet_that_is_gone_is_counted_and_not_learnt(used: Store) -> None:
    assert found(used, "other") == Learnt((), made=2, gone=2)


@pytest.fixture
def brand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The demo brand, with channel ``memory`` opened and a snippet of the id that the agent used."""
    folder = Path(shutil.copytree(DEMO_BRAND, tmp_path / "brand"))
    pets = folder / "kb" / "pets-and-assistance-dogs.md"
    text = pets.read_text(encoding="utf-8").replace("id: pets-and-assistance-dogs", "id: pets-on-board")
    pets.write_text(text, encoding="utf-8")
    with (folder / "brand.toml").open("a", encoding="utf-8") as told:
        told.write('\n[training]\nchannels = ["memory"]\n')
    monkeypatch.setenv("TRIAGE_BRAND", str(folder))
    return folder


def test_the_command_writes_what_changes_the_ranking_and_withdraws_the_certificate(
    used: Store, brand: Path, database_url: str
) -> None:
    kb = brand / "kb"
    before = SnippetAnswers.load(kb, today=frozen().now().date())
    told = run("kb", "learn", "--database", database_url)
    assert told.exit_code == 0, told.stderr
    assert "2 choices, 0 of them of snippets that are gone; learnt: 1 questions for 1 snippets" in told.stdout
    assert "nothing is answered alone" in told.stdout
    after = SnippetAnswers.load(kb, today=frozen().now().date())
    first, then = (answers.matches(ASKED, frozen().now().date(), limit=1) for answers in (before, after))
    assert [match.snippet for match in first] != ["pets-on-board"]
    assert [match.snippet for match in then] == ["pets-on-board"]
    given = read_certificate(kb)
    assert given is not None
    assert given.grounds.knowledge_base != after.knowledge_base.digest != before.knowledge_base.digest


def test_a_dry_run_writes_nothing(used: Store, brand: Path, database_url: str) -> None:
    assert run("kb", "learn", "--database", database_url, "--dry-run").exit_code == 0
    assert not (brand / "kb" / FILE).exists()


def test_what_the_store_no_longer_has_is_no_longer_learnt(store: Store, brand: Path, database_url: str) -> None:
    write(brand / "kb", [Choice("is my whippet welcome", "pets-on-board")])
    assert run("kb", "learn", "--database", database_url).exit_code == 0
    assert read(brand / "kb") == ()


def test_nothing_is_learnt_from_a_channel_that_the_brand_has_not_opened(
    used: Store, brand: Path, database_url: str
) -> None:
    told = brand / "brand.toml"
    text = told.read_text(encoding="utf-8")
    told.write_text(text.replace('channels = ["memory"]', "channels = []"), encoding="utf-8")
    result = run("kb", "learn", "--database", database_url)
    assert result.exit_code == 2
    assert "no channel may be exported for training" in result.stderr


def test_a_broken_file_is_found_by_the_check(brand: Path) -> None:
    path = brand / "kb" / FILE
    path.write_text(json.dumps({"text": "is my cat welcome", "snippet": "cats"}) + "\n", encoding="utf-8")
    result = run("kb", "check", "--brand", brand, "--on", "2026-11-26")
    assert f"{path}, line 1: broken: snippet: there is no snippet 'cats'" in result.stdout
