"""A recipe: everything that decides what a fitted artifact will be, in one declared file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import inf
from pathlib import Path
from typing import Any, Final

from training.recipe_file import recipe_file
from training.splits import Shares
from triage.domain.scores import Head
from triage.scoring.features import CUES
from triage.scoring.heads import LEAST_COST, MOST_LIKELY

#: Entry of recipes and manifests that says what an artifact is for; without it, for shipping.
PURPOSE: Final = "purpose"


class Purpose(StrEnum):
    """What an artifact is fitted for; decides which corpora it may be fitted on (``training/public.py``)."""

    SHIPPING = "shipping"
    RESEARCH = "research"


@dataclass(frozen=True, slots=True)
class FeatureChoice:
    """Which features, and how much each block counts beside the others.

    ``fewest_texts[n - 1]`` is how many texts an n-gram of ``n`` words must be in to be kept, ``seen_texts`` how many
    a word must be in for other words to be read as it (:mod:`triage.scoring.spelling`); 0 reads all as written.
    """

    cues: tuple[str, ...]
    fewest_texts: tuple[int, ...]
    bucket_bits: int = 20
    leading: int = 32
    piece_scale: float = 1.0
    phrase_scale: float = 1.0
    cue_scale: float = 1.0
    seen_texts: int = 0


@dataclass(frozen=True, slots=True)
class Soft:
    """How a head takes the teacher's verdicts (:mod:`training.verdicts`).

    ``hard`` is the share of the label beside them, ``softness`` the temperature that they are taken at, ``parts``
    how many parts of messages without a label are fitted on as well.
    """

    hard: float
    softness: float
    parts: int


@dataclass(frozen=True, slots=True)
class HeadChoice:
    """How one head is fitted: inverse strength of the L2 penalty, and how its verdict is taken.

    ``caution`` multiplies the fitted temperature. Over 1 it makes the head more modest than held-out messages
    of the same corpus ask for, because real messages differ from those by more.
    """

    c: float
    decision: str = MOST_LIKELY
    caution: float = 1.0
    taught: Soft | None = None


@dataclass(frozen=True, slots=True)
class SecondChoice:
    """The second look: by which encoder, and at what share of held-out messages.

    ``doubt`` is how much each head's lack of confidence counts in choosing them, ``c`` the inverse strength of
    the penalty on the weights over the encoder's vectors, ``caution`` as in :class:`HeadChoice`.
    """

    encoder: Path
    share: float
    doubt: Mapping[str, float]
    c: float = 1.0
    caution: float = 1.0


@dataclass(frozen=True, slots=True)
class Recipe:
    name: str
    title: str
    seed: int
    refit: bool
    corpora: tuple[Path, ...]
    languages: tuple[str, ...]
    vectors: Path
    lexicon: Path
    split: Shares
    features: FeatureChoice
    heads: Mapping[Head, HeadChoice]
    second: SecondChoice | None = None
    verdicts: Path | None = None
    people: Path | None = None
    purpose: Purpose = Purpose.SHIPPING


def read_recipe(path: Path) -> Recipe:
    """Read a recipe; its paths are relative to the file.

    Raises:
        ConfigurationError: the file cannot be read or lacks something; the message names it.
    """
    with recipe_file(path) as told:
        return _recipe(told, path.parent)


def _recipe(told: dict[str, Any], folder: Path) -> Recipe:
    if "taught" in told["heads"][Head.PRIVACY.value]:
        raise ValueError("heads: privacy cannot be taught, its upper levels are set by exposed items")
    return Recipe(
        name=str(told["name"]),
        title=str(told["title"]),
        seed=int(told["seed"]),
        refit=bool(told["refit_on_everything"]),
        corpora=tuple(folder / str(one) for one in told["corpora"]),
        languages=tuple(told["languages"]),
        vectors=folder / str(told["vectors"]),
        lexicon=folder / str(told["lexicon"]),
        split=Shares(**told["split"]),
        features=_features(told["features"]),
        heads={head: _head(told["heads"][head.value]) for head in Head},
        second=_second(told["second_look"], folder) if "second_look" in told else None,
        verdicts=folder / str(told["verdicts"]) if "verdicts" in told else None,
        people=folder / str(told["people"]) if "people" in told else None,
        purpose=Purpose(told.get(PURPOSE, Purpose.SHIPPING)),
    )


def _features(told: dict[str, Any]) -> FeatureChoice:
    choice = FeatureChoice(**told | {"cues": tuple(told["cues"]), "fewest_texts": tuple(told["fewest_texts"])})
    unknown = [cue for cue in choice.cues if cue not in CUES]
    if unknown or not choice.fewest_texts:
        raise ValueError(f"features: unknown cues {unknown}, or no n-grams")
    return choice


def _head(told: dict[str, Any]) -> HeadChoice:
    choice = HeadChoice(
        float(told["c"]),
        str(told.get("decision", MOST_LIKELY)),
        float(told.get("caution", 1.0)),
        Soft(**told["taught"]) if "taught" in told else None,
    )
    if choice.decision not in (MOST_LIKELY, LEAST_COST) or not (0 < choice.c < inf and 0 < choice.caution < inf):
        raise ValueError("heads: c and caution must be positive numbers, decision a known one")
    return choice


def _second(told: dict[str, Any], folder: Path) -> SecondChoice:
    doubt = {str(Head(name).value): float(weight) for name, weight in told["doubt"].items()}
    choice = SecondChoice(
        folder / str(told["encoder"]),
        float(told["share"]),
        doubt,
        float(told.get("c", 1.0)),
        float(told.get("caution", 1.0)),
    )
    if not (0 < choice.share <= 1 and 0 < choice.c < inf and 0 < choice.caution < inf):
        raise ValueError("second_look: share must be over 0 and at most 1, c and caution positive numbers")
    return choice
