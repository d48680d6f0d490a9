"""Each kind of finding: that it is found, where, and that its neighbour without the fault is not."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from triage.answers.findings import Finding, Kind, Terms, kinds, look_through
from triage.answers.knowledge_base import read_folder
from triage.privacy.guard import Guard

TODAY = dt.date(2026, 5, 1)
TERMS = Terms(
    today=TODAY,
    soon=dt.timedelta(days=30),
    signature="(automated reply)",
    channels=frozenset({"x", "api"}),
    accounts=frozenset({"shop", "shophelp"}),
    guard=Guard(("0117 496 0140",)).check,
)
THREE = "From nine.\n***\nWe open at nine.\n***\nNine is when we start."


def write(folder: Path, name: str, body: str = THREE, *, questions: str = "when do you open", front: str = "") -> None:
    text = f"---\nid: {name}\nquestions: [{questions}]\n{front}---\n{body}\n"
    (folder / f"{name}.md").write_text(text, encoding="utf-8")


def found(folder: Path, terms: Terms = TERMS) -> list[Finding]:
    return look_through(read_folder(folder, {}), terms)


def only(folder: Path) -> Finding:
    (one,) = found(folder)
    return one


def test_a_snippet_without_fault_gives_no_finding(tmp_path: Path) -> None:
    write(tmp_path, "hours", front="valid_until: 2026-12-31\n")
    assert found(tmp_path) == []


def test_broken_files_are_found_beside_the_others(tmp_path: Path) -> None:
    write(tmp_path, "a", front="version: x\n")
    write(tmp_path, "b", "{phone} is our number.\n***\nIt is {phone}.\n***\nRing us.")
    write(tmp_path, "c", front="valid_until: 2026-04-30\n")
    assert [(one.kind, one.path.name if one.path else "", one.line) for one in found(tmp_path)] == [
        (Kind.BROKEN, "a.md", 4),
        (Kind.BROKEN, "b.md", 5),
        (Kind.EXPIRED, "c.md", 4),
    ]
    assert "{phone} is not a variable" in found(tmp_path)[1].text


def test_one_id_in_two_files_is_broken(tmp_path: Path) -> None:
    write(tmp_path, "a")
    (tmp_path / "b.md").write_text((tmp_path / "a.md").read_text(encoding="utf-8"), encoding="utf-8")
    assert (only(tmp_path).kind, only(tmp_path).line) == (Kind.BROKEN, 2)


@pytest.mark.parametrize(
    ("last", "kind"),
    [
        ("2026-04-30", Kind.EXPIRED),
        ("2026-05-01", Kind.ENDS_SOON),
        ("2026-05-31", Kind.ENDS_SOON),
        ("2026-06-01", None),
    ],
)
def test_days_are_counted_to_the_last_one(tmp_path: Path, last: str, kind: Kind | None) -> None:
    write(tmp_path, "hours", front=f"valid_until: {last}\n")
    assert [one.kind for one in found(tmp_path)] == ([kind] if kind else [])


def test_a_text_that_fits_to_the_last_character_is_fine_and_one_more_is_found_by_its_line(tmp_path: Path) -> None:
    room = 280 - len(" (automated reply)")
    write(tmp_path, "hours", f"{'x' * room}\n***\nFrom nine.\n***\nAt nine.")
    assert found(tmp_path) == []
    write(tmp_path, "hours", f"From nine.\n***\nAt nine.\n***\n{'x' * (room + 1)}")
    assert (only(tmp_path).kind, only(tmp_path).line) == (Kind.TOO_LONG, 9)
    assert "is 281 characters long" in only(tmp_path).text


def test_a_link_counts_23_however_long_it_is(tmp_path: Path) -> None:
    front = f"link: https://example.com/{'a' * 200}\n"
    write(tmp_path, "hours", f"{'x' * (280 - 24 - 18)}\n***\nFrom nine.\n***\nAt nine.", front=front)
    assert found(tmp_path) == []


def test_a_character_that_x_refuses_is_found(tmp_path: Path) -> None:
    write(tmp_path, "hours", "From\ufeff nine.\n***\nAt nine.\n***\nNine.")
    assert (only(tmp_path).kind, only(tmp_path).text) == (Kind.TOO_LONG, "has a character that X refuses")


def test_a_text_that_the_guard_would_stop_is_found_and_what_the_brand_publishes_is_not(tmp_path: Path) -> None:
    write(tmp_path, "phone", "Ring 0117 496 0140.\n***\nIt is 0117 496 0140.\n***\nReply with your order number.")
    assert (only(tmp_path).kind, only(tmp_path).line) == (Kind.BLOCKED, 9)


def test_fewer_than_three_wordings_are_found_for_each_channel(tmp_path: Path) -> None:
    write(tmp_path, "hours", f"{THREE}\n## api\nNine.\n***\nAt 9.")
    assert (only(tmp_path).kind, only(tmp_path).line) == (Kind.FEW_WORDINGS, 11)
    assert "has 2 of at least 3 wordings for api" in only(tmp_path).text


def test_a_channel_that_there_is_not_is_found(tmp_path: Path) -> None:
    write(tmp_path, "hours", f"{THREE}\n## twitter\nNine.\n***\nAt 9.\n***\n9 sharp.")
    assert [one.kind for one in found(tmp_path)] == [Kind.UNKNOWN_CHANNEL] * 3


def test_two_snippets_with_the_same_question_compete_and_others_do_not(tmp_path: Path) -> None:
    write(tmp_path, "hours", questions="when do you open, are you closed on sundays")
    write(tmp_path, "desk", "Ask at the desk.\n***\nThe desk.\n***\nDesk.", questions="when do you open on mondays")
    write(tmp_path, "dogs", "Dogs stay.\n***\nOutside.\n***\nNo dogs.", questions="is my puppy welcome")
    one = only(tmp_path)
    assert (one.kind, one.snippets, one.line) == (Kind.COMPETE, ("desk", "hours"), 3)
    assert "“when do you open on mondays” is as near to “when do you open” of 'hours'" in one.text


@pytest.mark.parametrize(
    ("one", "other", "about"),
    [
        ("The lounge costs £20.", "The lounge costs £25.", "£"),
        ("The lounge opens at 7 am.", "The lounge opens at 08:00.", "o'clock"),
        ("Dogs travel in the cabin.", "Dogs do not travel in the cabin.", "yes or no"),
        ("Yes, of course.", "No, not at all.", "yes or no"),
        ("The lounge opens at 7 am.", "The lounge opens at 07:00.", None),
        ("The lounge costs £20.", "Parking costs £25.", None),
    ],
)
def test_answers_to_like_questions_that_differ_are_found(
    tmp_path: Path, one: str, other: str, about: str | None
) -> None:
    write(tmp_path, "a", one, questions="tell me about the lounge")
    write(tmp_path, "b", other, questions="tell me about the lounges")
    differing = [finding for finding in found(tmp_path) if finding.kind is Kind.CONTRADICT]
    assert [finding.snippets for finding in differing] == ([("a", "b")] if about else [])
    assert all(f"differs from 'b' in {about}:" in finding.text for finding in differing)


def test_answers_to_unlike_questions_are_not_compared(tmp_path: Path) -> None:
    write(tmp_path, "a", "The lounge costs £20.", questions="where can one sit down")
    write(tmp_path, "b", "The lounge costs £25.", questions="price list of the airport")
    assert Kind.CONTRADICT not in kinds(found(tmp_path))


def test_wordings_of_one_snippet_that_differ_are_found(tmp_path: Path) -> None:
    write(tmp_path, "hours", "From 9:00 to 17:00.\n***\nWe open 09:00 and close at 5 pm.\n***\nOpen 10:00–18:00.")
    assert (only(tmp_path).kind, only(tmp_path).line) == (Kind.CONTRADICT, 9)


def test_a_finding_reads_as_place_kind_and_sentence() -> None:
    finding = Finding(Kind.EXPIRED, Path("kb/a.md"), 3, ("a",), "it is over")
    assert str(finding) == "kb/a.md, line 3: expired: it is over"


def test_an_account_that_the_brand_does_not_have_is_found(tmp_path: Path) -> None:
    write(tmp_path, "hours", front="accounts: ['@ShopHelp', shopp]\n")
    assert (only(tmp_path).kind, only(tmp_path).line) == (Kind.UNKNOWN_ACCOUNT, 4)
    assert "'shopp'" in only(tmp_path).text


def test_snippets_of_different_accounts_do_not_compete(tmp_path: Path) -> None:
    write(tmp_path, "a", front="accounts: shop\n")
    write(tmp_path, "b", "From ten.\n***\nWe open at ten.\n***\nTen is when we start.", front="accounts: shophelp\n")
    assert found(tmp_path) == []
    texts = "From ten.\n***\nWe open at ten.\n***\nTen is when we start."
    write(tmp_path, "b", texts, front="accounts: [shop, shophelp]\n")
    assert {one.kind for one in found(tmp_path)} >= {Kind.COMPETE}
