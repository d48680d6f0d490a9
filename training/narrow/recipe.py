"""Recipes of narrowed encoders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training.encoders import EncoderRecipe, read_recipe
from training.recipe_file import recipe_file


@dataclass(frozen=True, slots=True)
class Narrowing:
    """What stays of each layer, and how the rest learns.

    ``heads`` of attention and ``inner`` units stay; each word piece gets ``adjusted`` numbers of its own. What is new
    learns at ``own_rate``, the rest at ``rate``, heads of judgement at ``head_rate``. Labels count ``hard`` beside the
    verdicts, which are taken at ``softness``, and ``likeness`` times the cosine distance from the wide vector is
    added. A labelled message is read ``repeats`` times as often as a text without a label; of the running mean of
    the weights ``average`` stays at a step. While it learns, a share of the pieces is ``hidden``.
    """

    heads: int
    inner: int
    adjusted: int
    steps: int
    batch: int
    rate: float
    head_rate: float
    own_rate: float
    hard: float
    softness: float
    repeats: int
    likeness: float
    average: float
    hidden: float


@dataclass(frozen=True, slots=True)
class Judging:
    """How one large teacher learns, and what its word counts.

    It reads ``epochs`` times what the wide encoder's teachers judged, labels counting ``hard`` beside their verdicts,
    which are taken at ``softness``; otherwise it is fine-tuned as they were. Then it judges ``texts`` of the others:
    its values count ``share`` there, the rest are those of heads over the wide vectors. ``likeness`` times the cosine
    distance between its vectors and what is made linearly of the narrow ones is added to the narrow encoder's loss.
    """

    epochs: int
    hard: float
    softness: float
    texts: int
    share: float
    likeness: float


@dataclass(frozen=True, slots=True)
class NarrowRecipe:
    """``wide`` is the recipe of the encoder to begin from, ``version`` the very encoder that was begun from."""

    name: str
    title: str
    seed: int
    wide: EncoderRecipe
    version: str
    narrowing: Narrowing
    judging: Judging


def read_narrow_recipe(path: Path) -> NarrowRecipe:
    """Read a recipe; its paths are relative to the file.

    Raises:
        ConfigurationError: the file cannot be read or lacks something; the message names it.
    """
    with recipe_file(path) as told:
        return _recipe(told, path.parent)


def _recipe(told: Mapping[str, Any], folder: Path) -> NarrowRecipe:
    return NarrowRecipe(
        name=str(told["name"]),
        title=str(told["title"]),
        seed=int(told["seed"]),
        wide=read_recipe(folder / str(told["wide"])),
        version=str(told["version"]),
        narrowing=Narrowing(**told["narrowing"]),
        judging=Judging(**told["judging"]),
    )
