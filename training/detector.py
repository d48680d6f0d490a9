"""The detector that a recipe's models are fitted and judged with: what serving finds, training must see."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from training.recipe import Recipe
from triage.privacy.detect import RULES, Detector


def detector_of(recipe: Recipe) -> Detector:
    """The rules, with the model of people that the recipe names, if it names one; loaded once in a process.

    Raises:
        ArtifactError: the model is missing or damaged.
    """
    return RULES if recipe.people is None else _loaded(recipe.people)


@cache
def _loaded(folder: Path) -> Detector:
    return Detector.load(folder)
