"""Recipes of encoders: read, checked, and refused before anything long begins."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from training.encoders import Source, ask, check, read_recipe
from training.narrow.build import build
from training.narrow.recipe import read_narrow_recipe
from triage import artifact
from triage.errors import ArtifactError, ConfigurationError
from triage.scoring.encoder import KIND

ROOT = Path(__file__).parents[2]
RECIPES = ROOT / "training" / "recipes"
NARROW = RECIPES / "encoder-care-narrow.toml"


def test_the_shipped_encoders_were_made_from_the_weights_that_their_recipes_name() -> None:
    narrow = read_narrow_recipe(NARROW)
    for folder, name, recipe in (
        ("encoder-minilm", "encoder-minilm-1", read_recipe(RECIPES / "encoder-minilm.toml")),
        ("encoder-care", narrow.name, narrow.wide),
    ):
        made = artifact.read(ROOT / "models" / folder, kind=KIND)
        assert made.get("source", dict)["model.safetensors sha256"] == recipe.base.sha256
        assert (made.manifest["name"], made.manifest["layers"]) == (name, recipe.layers)


def test_the_narrow_encoder_says_what_it_was_made_from_and_how() -> None:
    recipe = read_narrow_recipe(NARROW)
    told = artifact.read(ROOT / "models" / "encoder-care", kind=KIND).get("narrowed", dict)
    assert told == {"from": recipe.version, **asdict(recipe.narrowing), "judging": asdict(recipe.judging)}
    assert recipe.version.startswith(f"{recipe.wide.name}@")


def test_another_encoder_than_the_one_that_a_recipe_begins_from_is_not_narrowed(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="begins from encoder-care-2@"):
        build(
            read_narrow_recipe(NARROW), ROOT / "models" / "encoder-minilm", tmp_path, tmp_path, tmp_path / "out", print
        )
    assert not (tmp_path / "out").exists()


def test_another_teacher_than_the_one_that_a_recipe_names_judges_nothing(tmp_path: Path) -> None:
    encoder = ROOT / "models" / "encoder-care"
    recipe = replace(read_narrow_recipe(NARROW), version=artifact.read(encoder, kind=KIND).version)
    (tmp_path / "model.safetensors").write_bytes(b"other")
    with pytest.raises(ArtifactError, match="but sentence-transformers/all-mpnet-base-v2 has"):
        build(recipe, encoder, tmp_path, tmp_path, tmp_path / "out", print)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("version =", "# version =", "'version' is missing"),
        ("heads = 6", "eyes = 6", "unexpected keyword"),
        ("[narrowing]", "[narrowing", "e.toml"),
        ("[judging]", "[judged]", "'judging' is missing"),
        ("share = 0.5", "", "'share'"),
    ],
)
def test_a_recipe_for_narrowing_with_a_mistake_is_refused_by_its_name(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    source = NARROW.read_text()
    assert old in source
    (tmp_path / "encoder-care.toml").write_text((RECIPES / "encoder-care.toml").read_text())
    (tmp_path / "e.toml").write_text(source.replace(old, new, 1))
    with pytest.raises(ConfigurationError, match=told):
        read_narrow_recipe(tmp_path / "e.toml")
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_narrow_recipe(tmp_path / "none.toml")


def test_the_taught_encoder_heard_the_verdicts_of_the_repository() -> None:
    recipe = read_recipe(RECIPES / "encoder-care.toml")
    assert recipe.lessons is not None
    taught = artifact.read(ROOT / "models" / "encoder-care", kind=KIND).get("taught", dict)
    assert taught["verdicts"] == hashlib.sha256(recipe.lessons.verdicts.read_bytes()).hexdigest()
    assert taught["teacher"]["model.safetensors sha256"] == recipe.lessons.teacher.sha256


def test_an_encoder_that_is_taught_nothing_has_no_teacher_to_ask() -> None:
    recipe = read_recipe(RECIPES / "encoder-minilm.toml")
    assert recipe.lessons is None
    with pytest.raises(ConfigurationError, match="has no teacher"):
        ask(recipe, ROOT, ROOT, ROOT / "none", print)


def test_other_weights_than_the_named_ones_are_refused(tmp_path: Path) -> None:
    wanted = Source("a/model", "a package", "Apache-2.0", hashlib.sha256(b"right").hexdigest())
    with pytest.raises(ArtifactError, match="cannot be read"):
        check(tmp_path, wanted)
    (tmp_path / "model.safetensors").write_bytes(b"wrong")
    with pytest.raises(ArtifactError, match="but a/model has"):
        check(tmp_path, wanted)
    (tmp_path / "model.safetensors").write_bytes(b"right")
    check(tmp_path, wanted)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('name = "encoder-care-2"', "", "'name' is missing"),
        ("layers = 3", 'layers = "many"', "invalid literal"),
        ("hard = 0.4", "soft = 0.4", "unexpected keyword"),
        ("[base]", "[base", "e.toml"),
    ],
)
def test_a_recipe_with_a_mistake_is_refused_by_its_name(tmp_path: Path, old: str, new: str, told: str) -> None:
    source = (RECIPES / "encoder-care.toml").read_text()
    assert old in source
    (tmp_path / "e.toml").write_text(source.replace(old, new, 1))
    with pytest.raises(ConfigurationError, match=told):
        read_recipe(tmp_path / "e.toml")
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_recipe(tmp_path / "none.toml")
