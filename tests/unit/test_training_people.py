"""The model of people: what it learns from, and that a fitted one is loaded by serving."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from training import people
from training.__main__ import main
from training.carriers import (
    ADDRESS,
    PERSON,
    Lesson,
    fill,
    mistyped,
    peopled,
    read_carriers,
    written_otherwise,
)
from training.figures import people as figure
from training.invented import Invented, latin, plain
from triage.domain.scores import Span
from triage.errors import ConfigurationError, InvalidInput
from triage.privacy.people import People, Size, WordLists

ROOT = Path(__file__).parents[2]
RECIPE = ROOT / "training" / "recipes" / "people-en.toml"


def lines(path: Path, *rows: object) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


# invented


def test_equal_seeds_invent_equal_people_and_other_seeds_others() -> None:
    first, again, other = Invented(3), Invented(3), Invented(4)
    drawn = [[one.full() for _ in range(20)] for one in (first, again, other)]
    assert drawn[0] == drawn[1] != drawn[2]


def test_processes_with_other_hashes_invent_the_same() -> None:
    told = (
        "from training.invented import Invented as I; i = I(7);"
        " print([draw() for draw in i.slots.values() for _ in range(60)])"
    )
    run = [sys.executable, "-c", told]
    drawn = [
        subprocess.run(run, cwd=ROOT, env={"PYTHONHASHSEED": seed}, capture_output=True, check=True).stdout
        for seed in ("1", "2")
    ]
    assert drawn[0] == drawn[1]


def test_every_slot_can_be_filled() -> None:
    invented = Invented(1)
    for slot, draw in invented.slots.items():
        assert all(draw().strip() for _ in range(30)), slot


def test_names_of_other_scripts_are_in_latin_letters() -> None:
    assert latin("Жанна Щукина") == "Zhanna Shchukina"
    assert latin("Γεώργιος") == "Georgios"
    assert latin("Łukasz Žižka") == "Łukasz Žižka"
    assert plain("Łukasz Žižka Ångström") == "Lukasz Zizka Angstrom"


# carriers


def test_slots_are_filled_and_marked() -> None:
    lesson = fill("@x ask {first} or {full} at {street} in {city}.", Invented(2))
    assert [span.type for span in lesson.spans] == [PERSON, PERSON, ADDRESS]
    first, full, street = (lesson.text[span.start : span.end] for span in lesson.spans)
    assert lesson.text.startswith(f"@x ask {first} or {full} at {street} in ")


def test_an_unknown_slot_is_named(tmp_path: Path) -> None:
    path = lines(tmp_path / "c.jsonl", {"text": "hi {first}"}, {"text": "hi {nobody}"})
    with pytest.raises(InvalidInput, match=r"line 2.*'nobody'"):
        read_carriers(path)
    with pytest.raises(InvalidInput, match=r"line 1.*has no text"):
        read_carriers(lines(path, {"text": ""}))


def test_names_take_the_place_of_pronouns_and_what_was_marked_stays_marked() -> None:
    text = "she told Ana Roe that my mum and he live at 1 Elm Road"
    marked = (Span(9, 16, PERSON), Span(text.index("1"), len(text), ADDRESS))
    lesson = peopled(Lesson(text, marked), Invented(5), share=1.0)
    words = [lesson.text[span.start : span.end] for span in lesson.spans]
    assert len(words) == 5
    assert words[1] == "Ana Roe"
    assert words[-1] == "1 Elm Road"
    assert not {"she", "he", "mum"} & set(lesson.text.split())
    assert peopled(Lesson(text, marked), Invented(5), share=0.0) == Lesson(text, marked)


def test_misspelling_and_other_case_keep_every_offset() -> None:
    lesson = Lesson("nobody called Ana Roe yesterday about anything", (Span(14, 21, PERSON),))
    other = mistyped(lesson, random.Random(1), share=0.9)
    assert other.text != lesson.text
    assert other.text[14:21] == "Ana Roe"
    assert len(other.text) == len(lesson.text)
    assert written_otherwise(lesson, random.Random(1), share=0.0) == lesson
    shouted = {written_otherwise(lesson, random.Random(seed), share=1.0).text for seed in range(20)}
    assert shouted == {lesson.text.lower(), lesson.text.upper()}


def test_the_shipped_carriers_are_many_of_every_kind_and_the_projects_own() -> None:
    recipe = people.read_recipe(RECIPE)
    carriers = read_carriers(recipe.carriers)
    assert len(carriers) == len(set(carriers)) >= 800
    invented = Invented(0)
    without = [one for one in carriers if not fill(one, invented).spans]
    assert len(without) > 200  # what names nobody is as much to be learnt


# the recipe


def test_a_recipe_that_lacks_something_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "r.toml"
    path.write_text(RECIPE.read_text().replace("carriers =", "sentences ="))
    with pytest.raises(ConfigurationError, match="'carriers' is missing"):
        people.read_recipe(path)
    path.write_text(RECIPE.read_text().replace("seed = ", "sead = "))
    with pytest.raises(ConfigurationError, match=r"r\.toml"):
        people.read_recipe(path)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        people.read_recipe(tmp_path / "none.toml")


def test_carriers_that_are_not_the_projects_own_are_refused(tmp_path: Path) -> None:
    path = lines(tmp_path / "c.jsonl", {"text": "hi {first}", "origin": "wnut17"})
    recipe = replace(people.read_recipe(RECIPE), carriers=path)
    with pytest.raises(ConfigurationError, match="research only"):
        people.fit_people(recipe, tmp_path / "out", lambda _: None)


def test_the_command_says_in_a_line_what_is_wrong_with_a_recipe(tmp_path: Path) -> None:
    path = tmp_path / "r.toml"
    path.write_text("name = 'x'\n")
    done = CliRunner().invoke(main, ["fit-people", str(path), "-o", str(tmp_path / "out")])
    assert done.exit_code == 1
    assert "'network' is missing" in done.output
    assert not (tmp_path / "out").exists()


# fitting


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> people.PeopleRecipe:
    path = tmp_path_factory.mktemp("people") / "c.jsonl"
    own = {"origin": "own", "licence": "Apache-2.0"}
    rows = (
        "ask {full} about it",
        "the parcel is for {full}",
        "where is my parcel",
        "nothing works today",
        "go to {street}",
    )
    lines(path, *({"text": text, **own} for text in rows))
    told = people.read_recipe(RECIPE)
    schedule = replace(told.schedule, rounds=3, words=60, rate=0.01, dropout=0.0)
    return replace(
        told, carriers=path, times=200, messages=20, draws=20, size=Size(16, 1, (200, 100, 100, 100)), schedule=schedule
    )


def test_fitting_twice_gives_the_same_artifact_and_it_finds_what_it_was_taught(
    small: people.PeopleRecipe, tmp_path: Path
) -> None:
    versions = [people.fit_people(small, tmp_path / name, lambda _: None) for name in ("one", "two")]
    assert versions[0] == versions[1] == People.load(tmp_path / "one").version
    loaded = People.load(tmp_path / "one")
    text = "ask Marisol Hendricks about it"
    assert loaded.entities([text, "where is my parcel"]) == [(Span(4, 21, PERSON),), ()]
    manifest = json.loads((tmp_path / "one" / "manifest.json").read_text())
    assert manifest["labels"] == [PERSON, ADDRESS]
    assert set(manifest["data"]["files"]) > {"c.jsonl"}
    assert manifest["made_with"]["spacy"]
    assert "No public corpus" in " ".join((tmp_path / "one" / people.CARD).read_text().split())


def test_of_a_message_staff_are_learnt_as_people_and_doubtful_words_not_at_all() -> None:
    from training.corpus import Example
    from triage.domain.scores import Utterance

    lists = WordLists(frozenset({"hanna", "paris"}), frozenset({"velasco"}), frozenset())
    text = "@1 thanks Hanna, Velasco and Paris for Ana Roe's parcel"
    marked = (Span(39, 46, PERSON), Span(0, 2, "ORDER_NO"))
    lesson = people._as_lesson(Example("1", Utterance(text), {}, marked, "own"), lists)
    assert [lesson.text[span.start : span.end] for span in lesson.spans] == ["Hanna", "Ana Roe"]
    assert [lesson.text[span.start : span.end] for span in lesson.unsure] == ["Velasco", "Paris"]


# the measure


def test_exact_spans_are_counted_from_both_sides() -> None:
    true = [(Span(0, 3, PERSON), Span(5, 9, PERSON)), (), (Span(1, 4, PERSON),)]
    found = [(Span(0, 3, PERSON), Span(5, 8, PERSON)), (Span(0, 2, PERSON), Span(3, 9, ADDRESS)), ()]
    one = figure.exact(true, found)
    assert (one.precision, one.recall) == (pytest.approx(1 / 3), pytest.approx(1 / 3))
    assert one.f1 == pytest.approx(1 / 3)
    assert figure.exact([()], [()]).f1 == 0.0


def test_tokens_with_tags_become_text_with_spans(tmp_path: Path) -> None:
    tags = ["O", "B-PER", "I-PER", "O", "B-PER", "B-PER"]
    path = lines(tmp_path / "t.jsonl", {"tokens": ["so", "Ana", "Roe", "met", "Bo", "Cy"], "tags": tags})
    ((text, spans),) = figure.tagged(path, "per")
    assert [text[span.start : span.end] for span in spans] == ["Ana Roe", "Bo", "Cy"]
    with pytest.raises(InvalidInput, match="line 1"):
        figure.tagged(lines(path, {"tokens": ["a"], "tags": []}), "per")
