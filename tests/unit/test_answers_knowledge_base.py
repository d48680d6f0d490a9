from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from triage.answers.knowledge_base import load, read_folder
from triage.domain.decision import Mode
from triage.domain.scores import Intent
from triage.errors import KnowledgeBaseError

TODAY = dt.date(2026, 5, 1)
WHOLE = """---
id: opening-hours
title: Opening hours
intent: hours_contact
questions:
  - When do you open?
  - What are your hours?
link: https://help.example/hours
valid-until: 2026-12-31
version: 3
---
We are open from 9 to 17.
***
Our doors open at 9 and close at 17.
"""


def write(folder: Path, text: str | bytes, name: str = "hours.md") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_every_field_of_a_snippet_is_read(tmp_path: Path) -> None:
    write(tmp_path, WHOLE)
    (snippet,) = load(tmp_path, TODAY).snippets
    assert snippet.id == "opening-hours"
    assert snippet.title == "Opening hours"
    assert snippet.intent is Intent.HOURS_CONTACT
    assert snippet.questions == ("When do you open?", "What are your hours?")
    assert snippet.phrasings == ("We are open from 9 to 17.", "Our doors open at 9 and close at 17.")
    assert snippet.link == "https://help.example/hours"
    assert snippet.valid_until == dt.date(2026, 12, 31)
    assert snippet.version == 3


def test_what_is_optional_may_be_left_out(tmp_path: Path) -> None:
    write(tmp_path, "---\nid: a\nquestions: [When?]\n---\nNow.")
    (snippet,) = load(tmp_path, TODAY).snippets
    assert (snippet.title, snippet.version, snippet.intent, snippet.link, snippet.valid_until) == (
        "",
        1,
        None,
        None,
        None,
    )


@pytest.mark.parametrize("key", ["valid_until", "valid-until"])
@pytest.mark.parametrize("value", ["2026-12-31", '"2026-12-31"'])
def test_the_last_valid_day_may_be_spelt_either_way_and_quoted(tmp_path: Path, key: str, value: str) -> None:
    write(tmp_path, WHOLE.replace("valid-until: 2026-12-31", f"{key}: {value}"))
    assert load(tmp_path, TODAY).snippets[0].valid_until == dt.date(2026, 12, 31)


def test_an_answer_in_the_front_matter_stands_in_for_the_body(tmp_path: Path) -> None:
    write(tmp_path, "---\nid: a\nquestions: [When?]\nanswer: Now.\n---\n")
    write(tmp_path, "---\nid: b\nquestions: [Why?]\nanswer: [Because., Just so.]\n---\n", "b.md")
    assert [snippet.phrasings for snippet in load(tmp_path, TODAY).snippets] == [("Now.",), ("Because.", "Just so.")]


def test_stars_inside_a_line_do_not_part_phrasings(tmp_path: Path) -> None:
    write(tmp_path, "---\nid: a\nquestions: [When?]\n---\nNow *** or never.\n")
    assert load(tmp_path, TODAY).snippets[0].phrasings == ("Now *** or never.",)


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("id: opening-hours\n", "", "id: is missing"),
        ("id: opening-hours", "id: 12", "id: must be text"),
        ("id: opening-hours", "id: a/b", "id: 'a/b'"),
        ("title: Opening hours", "title: [a]", "title: must be text"),
        ("intent: hours_contact", "intent: smalltalk", "intent: 'smalltalk'"),
        ("  - When do you open?\n  - What are your hours?\n", "", "questions: are missing"),
        ("  - When do you open?\n  - What are your hours?\n", "  When do you open?\n", "questions: must be a list"),
        ("  - When do you open?", "  - When: at night?", r"questions\[1\]: must be text, not a mapping"),
        ("  - What are your hours?", "  - yes", r"questions\[2\]: must be text, not yes or no"),
        ("  - What are your hours?", '  - " "', r"questions\[2\]: is empty"),
        ("  - What are your hours?", "  -", r"questions\[2\]: is empty"),
        ("version: 3", "version: 3\nmode: on", "mode: must be text, not yes or no"),
        ("version: 3", "version: 3\nmode: loud", "mode: 'loud' is not one of off, suggest, shadow, live"),
        ("version: 3", "version: 3\nvalid_from: 2027-01-01", "valid_from: 2027-01-01 is after valid_until, 2026-12-31"),
        ("version: 3", "version: 3\nversion: 4", "version: is given twice"),
        (
            "We are open",
            "Ring {phone}: we are open",
            r"answer: {phone} is not a variable of the brand \(it has: city\)",
        ),
        ("hours\nvalid", "{path}\nvalid", "link: {path} is not a variable"),
        ("We are open from 9 to 17.", "## api\nOpen 9 to 17.", "answer: has texts of single channels only"),
        ("link: https://help.example/hours", "link: help.example", "link: 'help.example'"),
        ("link: https://help.example/hours", "link: https://help.example/a b", "link: "),
        ("valid-until: 2026-12-31", "valid-until: soon", "valid_until: 'soon'"),
        ("valid-until: 2026-12-31", "valid-until: 2026-02-31", "valid_until: "),
        ("valid-until: 2026-12-31", "valid-until: 20261231", "valid_until: "),
        ("valid-until: 2026-12-31", "valid-until: 2026-12-31 10:00:00", "valid_until: "),
        ("valid-until: 2026-12-31", "valid_untli: 2026-12-31", "valid_untli: is not a field; is 'valid_until' meant"),
        ("version: 3", "version: three", "version: must be a whole number"),
        ("version: 3", "version: true", "version: must be a whole number"),
        ("version: 3", "version: 0", "version: must be a whole number"),
        ("version: 3", "version: 3\nanswer: Now.", "answer: stands in the front matter and in the body"),
        ("We are open from 9 to 17.", "", "answer: is empty"),
        ("We are open from 9 to 17.", "Our doors open at 9 and close at 17.", "answer: has the same phrasing twice"),
        ("title: Opening hours", "title: 'Opening hours", "front matter: is not YAML"),
    ],
)
def test_a_broken_file_is_refused_by_file_and_field(tmp_path: Path, old: str, new: str, named: str) -> None:
    path = write(tmp_path, WHOLE.replace(old, new))
    assert old in WHOLE
    with pytest.raises(KnowledgeBaseError, match=named) as caught:
        load(tmp_path, TODAY, {"city": "Leeds"})
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("version: 3", "version: three", "line 10, version:"),
        ("  - What are your hours?", "  - yes", r"line 7, questions\[2\]:"),
        ("title: Opening hours", "title: 'Opening hours", "line [0-9]+, front matter:"),
        ("Our doors open", "Our doors,\nsee {map}, open", "line 15, answer: {map}"),
        ("Our doors open at 9 and close at 17.", "We are open from 9 to 17.", "line 14, answer: has the same phrasing"),
        ("***\n", "***\n\n***\n", "line 14, answer: is empty"),
    ],
)
def test_what_is_wrong_is_found_by_its_line(tmp_path: Path, old: str, new: str, place: str) -> None:
    write(tmp_path, WHOLE.replace(old, new))
    with pytest.raises(KnowledgeBaseError, match=place):
        load(tmp_path, TODAY)


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b"---\nid: a\nquestions: [When?]\n---\n", "answer: is empty"),
        (b"---\nid: a\nquestions: [When?]\nanswer: []\n---\n", "answer: is empty"),
        (b"no front matter at all", "id: is missing"),
        (b"", "id: is missing"),
        (b"---\nid: a\nquestions: [Caf\xe9?]\n---\nNow.", "is not UTF-8"),
        (b"---\nid: a\nquestions: [When?]\nvalid-until: 2026-01-01\nvalid_until: 2026-01-02\n---\nNow.", "given twice"),
        (b"---\nid: a\nquestions: [When?]\n---\nNow\0.", "answer: contains a NUL"),
    ],
)
def test_a_file_that_is_no_snippet_is_refused(tmp_path: Path, content: bytes, named: str) -> None:
    path = write(tmp_path, content)
    with pytest.raises(KnowledgeBaseError, match=named) as caught:
        load(tmp_path, TODAY)
    assert str(path) in str(caught.value)


def test_two_files_with_one_id_are_refused_and_both_are_named(tmp_path: Path) -> None:
    write(tmp_path, WHOLE, "a.md")
    write(tmp_path, WHOLE, "b.md")
    with pytest.raises(KnowledgeBaseError, match="id: 'opening-hours'") as caught:
        load(tmp_path, TODAY)
    assert "a.md" in str(caught.value)
    assert "b.md" in str(caught.value)


def test_a_folder_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeBaseError, match="is not a folder"):
        load(tmp_path / "none", TODAY)


def test_a_folder_without_a_snippet_is_refused(tmp_path: Path) -> None:
    write(tmp_path, "# About this folder", "README.md")
    with pytest.raises(KnowledgeBaseError, match="holds no snippet"):
        load(tmp_path, TODAY)


def test_a_snippet_is_valid_through_its_last_day(tmp_path: Path) -> None:
    write(tmp_path, WHOLE)
    assert load(tmp_path, dt.date(2026, 12, 31)).expired == ()
    assert [snippet.id for snippet in load(tmp_path, dt.date(2027, 1, 1)).expired] == ["opening-hours"]


def test_the_digest_follows_content_and_nothing_else(tmp_path: Path) -> None:
    one, other, changed = (tmp_path / name for name in ("one", "other", "changed"))
    for folder in (one, other, changed):
        folder.mkdir()
    write(one, WHOLE, "a.md")
    write(one, "---\nid: b\nquestions: [Why?]\n---\nBecause.", "b.md")
    write(other, WHOLE.replace("id: opening-hours\n", "").replace("---\n", "---\nid: opening-hours\n", 1), "z.md")
    write(other, "---\nid: b\nquestions: [Why?]\n---\n\nBecause.\n\n", "c.md")
    write(changed, WHOLE, "a.md")
    write(changed, "---\nid: b\nquestions: [Why?]\n---\nBecause!", "b.md")
    assert load(one, TODAY).digest == load(other, dt.date(2030, 1, 1)).digest
    assert load(one, TODAY).digest != load(changed, TODAY).digest


def test_messages_without_an_answer_are_read_from_their_file(tmp_path: Path) -> None:
    write(tmp_path, WHOLE)
    before = load(tmp_path, TODAY)
    write(tmp_path, "# a remark\nwhere is my parcel\n\n#late again\nwhere is my parcel\n", "no-answer.txt")
    after = load(tmp_path, TODAY)
    assert after.no_answer == ("where is my parcel", "#late again")
    assert before.digest != after.digest


def test_days_and_mode_are_read_and_a_bare_off_is_off(tmp_path: Path) -> None:
    write(tmp_path, WHOLE.replace("version: 3", "version: 3\nvalid_from: 2026-02-01\nmode: off"))
    (snippet,) = load(tmp_path, TODAY).snippets
    assert (snippet.valid_from, snippet.mode) == (dt.date(2026, 2, 1), Mode.OFF)


def test_a_snippet_is_offered_on_its_first_and_last_day_and_on_no_other_side(tmp_path: Path) -> None:
    write(tmp_path, WHOLE.replace("version: 3", "version: 3\nvalid_from: 2026-02-01"))
    (snippet,) = load(tmp_path, TODAY).snippets
    days = [dt.date(2026, 1, 31), dt.date(2026, 2, 1), dt.date(2026, 12, 31), dt.date(2027, 1, 1)]
    assert [snippet.offered(day) for day in days] == [False, True, True, False]


def test_a_heading_that_is_a_channels_name_begins_its_texts_and_any_other_does_not(tmp_path: Path) -> None:
    write(
        tmp_path,
        "---\nid: a\nquestions: [When?]\n---\nNow.\n## Good to know\n\n## x\nAt once.\n***\nSoon.\n## api\nT+0",
    )
    (snippet,) = load(tmp_path, TODAY).snippets
    assert snippet.wordings("file") == ("Now.\n## Good to know",)
    assert snippet.wordings("x") == ("At once.", "Soon.")
    assert snippet.wordings("api") == ("T+0",)


def test_the_digest_follows_variables_and_channels_but_not_days_or_mode(tmp_path: Path) -> None:
    write(tmp_path, WHOLE.replace("We are open", "We in {city} are open"))
    before = load(tmp_path, TODAY, {"city": "Leeds"}).digest
    assert load(tmp_path, TODAY, {"city": "York"}).digest != before
    write(
        tmp_path, (tmp_path / "hours.md").read_text(encoding="utf-8").replace("2026-12-31", "2028-12-31\nmode: shadow")
    )
    assert load(tmp_path, TODAY, {"city": "Leeds"}).digest == before
    write(tmp_path, (tmp_path / "hours.md").read_text(encoding="utf-8") + "## api\nOpen.\n")
    assert load(tmp_path, TODAY, {"city": "Leeds"}).digest != before


def test_all_that_can_be_read_is_read_beside_what_is_wrong(tmp_path: Path) -> None:
    write(tmp_path, WHOLE, "a.md")
    write(tmp_path, WHOLE.replace("opening-hours", "a/b"), "b.md")
    write(tmp_path, WHOLE.replace("version: 3", "version: three").replace("opening-hours", "c"), "c.md")
    reading = read_folder(tmp_path)
    assert [file.snippet.id for file in reading.files] == ["opening-hours"]
    assert [str(problem).partition(",")[0].rpartition("/")[2] for problem in reading.problems] == ["b.md", "c.md"]
