"""Public corpora: declared once and without doubt, and no recipe is fitted on what its purpose may not use."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from training import public
from training.official import LAYOUTS
from training.public import PublicCorpus, PublicFile, Use
from training.recipe import Purpose, read_recipe
from triage.errors import ConfigurationError, NotFound

ROOT = Path(__file__).parents[2]
RECIPE = ROOT / "training" / "recipes" / "triage-en.toml"
DECLARATION = """
[corpus]
title = "A corpus"
source = "https://example.org/corpus"
licence = "MIT"
use = "ship"
why = "its licence permits it"
arrangement = "as JSON Lines"
root = "https://example.org/"

[[corpus.files]]
name = "train.jsonl"
rows = 3
bytes = 99
sha256 = "{digest}"
layout = "unchanged"
official = [{{ path = "train.json", sha256 = "{digest}" }}, {{ path = "more.json" }}]
""".format(digest="0" * 64)

OF = {use: [one.name for one in public.declared().values() if one.use is use] for use in Use}


def lines(path: Path, *rows: object) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def declaration(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "public.toml"
    path.write_text(text)
    return path


@pytest.fixture
def known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[Use, Path]:
    """One file of a declared corpus for each use, as declared."""
    found, paths = {}, {}
    for use in Use:
        path = lines(tmp_path / f"for_{use}" / "train.jsonl", {"text": use})
        file = PublicFile(path.name, 1, 0, hashlib.sha256(path.read_bytes()).hexdigest(), "", ())
        found[f"for_{use}"] = PublicCorpus(f"for_{use}", "", "", "MIT", use, "a reason", "", (file,))
        paths[use] = path
    monkeypatch.setattr(public, "declared", lambda: found)
    return paths


def test_a_declaration_is_read_as_it_stands(tmp_path: Path) -> None:
    [one] = public.read_declarations(declaration(tmp_path, DECLARATION)).values()
    assert (one.name, one.use, one.licence, one.rows) == ("corpus", Use.SHIP, "MIT", 3)
    urls = [(official.url, official.sha256) for official in one.files[0].official]
    assert urls == [("https://example.org/train.json", "0" * 64), ("https://example.org/more.json", None)]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('licence = "MIT"', "", "'licence' is missing"),
        ('use = "ship"', 'use = "sell"', "sell"),
        ('sha256 = "0', 'sha256 = "x', "is no SHA-256"),
        ("https://example.org/", "http://example.org/", "is no https address"),
        ('root = "https://example.org/"', "", "is no https address"),
        ('"train.jsonl"', '"../train.jsonl"', "is no file of the corpus"),
        ('"train.jsonl"', '"/etc/passwd"', "is no file of the corpus"),
        ("[[corpus.files]]", "[corpus.files]", "corpus: "),
        ("title =", "title", "public.toml"),
    ],
)
def test_a_declaration_with_a_mistake_is_refused_by_name(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in DECLARATION
    with pytest.raises(ConfigurationError, match=said):
        public.read_declarations(declaration(tmp_path, DECLARATION.replace(old, new)))


def test_every_corpus_that_is_declared_can_be_found_and_no_other() -> None:
    assert public.find("clinc150").licence == "CC BY 3.0"
    with pytest.raises(NotFound, match="clinc150"):
        public.find("clinc151")


def test_what_is_declared_can_be_laid_out_and_no_file_is_named_twice() -> None:
    for one in public.declared().values():
        assert one.files, one.name
        assert len({file.name for file in one.files}) == len(one.files), one.name
        for file in one.files:
            assert bool(file.official) == bool(file.layout), file.name
            assert not file.layout or file.layout in LAYOUTS, file.name


def test_care_messages_under_licences_that_forbid_business_are_for_measuring() -> None:
    assert {"care_dev", "airline", "twcs", "complaints"} <= set(OF[Use.MEASURE])


def test_no_posts_of_x_may_be_shipped() -> None:
    posts = {"care_dev", "airline", "twcs", "complaints", "ibm_tcc", "wnut17", "btc"}
    posts |= {one for one in public.declared() if one.startswith("tweeteval")}
    assert posts.isdisjoint(OF[Use.SHIP])


@pytest.mark.parametrize("purpose", Purpose)
def test_a_corpus_for_measuring_is_refused_for_every_purpose(known: dict[Use, Path], purpose: Purpose) -> None:
    with pytest.raises(ConfigurationError, match=rf"for_measure.* for measuring only \(a reason\).*{purpose}"):
        public.refuse_to_fit_on([known[Use.SHIP], known[Use.MEASURE]], purpose)


def test_a_corpus_for_research_is_refused_for_shipping_which_is_the_default(known: dict[Use, Path]) -> None:
    with pytest.raises(ConfigurationError, match="for research only"):
        public.refuse_to_fit_on([known[Use.RESEARCH]])
    public.refuse_to_fit_on([known[Use.RESEARCH]], Purpose.RESEARCH)


@pytest.mark.parametrize("purpose", Purpose)
def test_a_corpus_that_may_be_shipped_is_let_through_for_every_purpose(
    known: dict[Use, Path], purpose: Purpose
) -> None:
    public.refuse_to_fit_on([known[Use.SHIP]], purpose)


def test_a_file_in_the_folder_of_a_corpus_must_be_the_declared_one(known: dict[Use, Path]) -> None:
    path = lines(known[Use.SHIP], {"text": "something else", "origin": "own", "licence": "Apache-2.0"})
    with pytest.raises(ConfigurationError, match="no declared file"):
        public.refuse_to_fit_on([path])


@pytest.mark.parametrize("use", Use)
def test_rows_that_name_a_public_corpus_are_treated_as_that_corpus_wherever_they_lie(
    known: dict[Use, Path], tmp_path: Path, use: Use
) -> None:
    own = {"text": "a", "origin": "own", "licence": "Apache-2.0"}
    path = lines(tmp_path / "mine" / "converted.jsonl", own, {"text": "b", "origin": f"for_{use}"})
    if use is Use.SHIP:
        public.refuse_to_fit_on([path])
        return
    with pytest.raises(ConfigurationError, match=r"converted\.jsonl, line 2: corpus .* only"):
        public.refuse_to_fit_on([path])


@pytest.mark.parametrize("purpose", Purpose)
@pytest.mark.parametrize("row", [{"text": "a"}, {"text": "a", "origin": "own"}, {"text": "a", "origin": ["own"]}])
def test_rows_of_unknown_origin_are_refused_for_every_purpose(tmp_path: Path, purpose: Purpose, row: object) -> None:
    with pytest.raises(ConfigurationError, match="does not say that it is the project's own"):
        public.refuse_to_fit_on([lines(tmp_path / "x.jsonl", row)], purpose)


@pytest.mark.parametrize("corpus", [*OF[Use.MEASURE], *OF[Use.RESEARCH]])
def test_a_recipe_for_shipping_that_names_a_corpus_it_may_not_use_is_refused_before_anything_is_read(
    tmp_path: Path, corpus: str
) -> None:
    text = RECIPE.read_text().replace('"../corpus/first/daily.jsonl"', f'"{tmp_path / corpus}/x.jsonl"')
    path = tmp_path / "recipe.toml"
    path.write_text(text)
    recipe = read_recipe(path)
    assert recipe.purpose is Purpose.SHIPPING
    with pytest.raises(ConfigurationError, match=f"{corpus!r} is for (measuring|research) only"):
        public.refuse_to_fit_on(recipe.corpora, recipe.purpose)


def test_the_shipped_recipe_is_fitted_on_nothing_that_may_not_be_shipped() -> None:
    recipe = read_recipe(RECIPE)
    public.refuse_to_fit_on(recipe.corpora, recipe.purpose)


def test_a_recipe_says_its_purpose_and_an_unknown_one_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "recipe.toml"
    path.write_text('purpose = "research"\n' + RECIPE.read_text())
    assert read_recipe(path).purpose is Purpose.RESEARCH
    path.write_text('purpose = "fun"\n' + RECIPE.read_text())
    with pytest.raises(ConfigurationError, match=r"recipe\.toml: 'fun'"):
        read_recipe(path)
