"""Texts without labels for a teacher to judge: parts of messages, messages with other words, short public texts.

They sound as messages do and cost nobody a label. A small network that learns what a large one says of hundreds of
thousands of them comes much nearer to it than one that learns from labelled messages alone (Hinton et al. 2015;
Turc et al. 2019). Nothing here needs the teacher.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from training import public
from training.corpus import numbered_rows
from triage.errors import ConfigurationError
from triage.scoring.encoder import spoken
from triage.scoring.vectors import PieceVectors
from triage.scoring.words import WITHOUT_PIECES, split
from triage.text.normalise import normalise

#: Where a message may be cut into parts that could stand alone.
_JOINTS: Final = re.compile(r"(?<=[.!?…,;])\s+|\s+(?=but |and |so |because |now )")
_FEWEST_WORDS: Final = 3
_JOINED: Final = 0.25
#: How many draws are made for each part that is wanted, at most.
_PATIENCE: Final = 20
#: Words in fewer messages have no neighbours, and are none.
_FEWEST_MESSAGES: Final = 3
#: The share of a text's words that is changed, drawn anew for each text.
_CHANGED: Final = (0.1, 0.35)
#: Another word in their place would turn a text's sense.
_KEPT: Final = frozenset({"not", "no", "never", "dont", "cant", "wont", "nothing", "none"})
_ROWS: Final = 512


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """Which words may stand for another: at most ``most`` whose vectors have a cosine over ``nearness`` with its."""

    most: int
    nearness: float


@dataclass(frozen=True, slots=True)
class TransferChoice:
    """How many texts of each kind.

    ``crops`` are parts of messages; ``near`` and ``far`` how often each message is told with other words, close or
    less close in sense; ``shortened`` how often with words left out; ``changed_crops`` are crops with other words;
    ``public`` names corpora whose texts are read, and ``public_joins`` counts those put before a crop. The first
    ``kept`` of the texts that are this project's own go into the repository.
    """

    seed: int
    crops: int
    near: int
    far: int
    shortened: int
    changed_crops: int
    public: tuple[str, ...]
    public_joins: int
    kept: int


CLOSE: Final = Neighbourhood(8, 0.5)
WIDE: Final = Neighbourhood(24, 0.38)


def texts(messages: Sequence[str], vectors: PieceVectors, choice: TransferChoice, corpora: Path) -> list[str]:
    """The texts of ``choice``, made of ``messages`` (plain ones); the project's own first, in no order.

    Raises:
        ConfigurationError: a public corpus is not one that may be shipped.
        InvalidInput: a public corpus is not there.
    """
    dice = random.Random(choice.seed)  # noqa: S311  # a shuffle is no secret
    told = public_texts(choice.public, corpora)
    cut = crops(messages, choice.crops, dice)
    near, far = (neighbours(messages, vectors, how) for how in (CLOSE, WIDE))
    changed = [" ".join(swapped(text.split(), dice.choice((near, far)), dice)) for text in cut[: choice.changed_crops]]
    found = [*cut, *changed]
    for text in messages:
        words = text.split()
        found += [" ".join(swapped(words, near, dice)) for _ in range(choice.near)]
        found += [" ".join(swapped(words, far, dice)) for _ in range(choice.far)]
        found += [" ".join(thinned(words, dice)) for _ in range(choice.shortened)]
    dice.shuffle(found)
    joined = [f"{text} {dice.choice(cut)}" for text in dice.sample(told, min(choice.public_joins, len(told)))]
    return [text for text in [*found, *told, *joined] if text]


def plain(text: str) -> str:
    """A text as the encoder will be given it: normalised, without placeholders, signs spoken."""
    return " ".join(spoken(word) for word in split(normalise(text)) if word not in WITHOUT_PIECES)


def crops(messages: Sequence[str], count: int, dice: random.Random) -> list[str]:
    """``count`` parts of messages, or as many as there are; one in four joins two messages."""
    parts = [own for own in (_parts(text) for text in messages) if own]
    seen = set(messages)
    found: list[str] = []
    for _ in range(_PATIENCE * count):
        text = _run(dice.choice(parts), dice)
        if dice.random() < _JOINED:
            text = f"{text} {_run(dice.choice(parts), dice)}"
        if len(text.split()) >= _FEWEST_WORDS and text not in seen:
            seen.add(text)
            found.append(text)
        if len(found) == count:
            break
    return found


def _parts(text: str) -> list[str]:
    return [part for part in _JOINTS.split(text) if part.strip()]


def _run(parts: Sequence[str], dice: random.Random) -> str:
    """Some of the parts that follow each other, not all of them where there are several."""
    size = dice.randint(1, max(1, len(parts) - 1))
    start = dice.randint(0, len(parts) - size)
    return " ".join(parts[start : start + size])


def neighbours(messages: Sequence[str], vectors: PieceVectors, how: Neighbourhood) -> dict[str, list[str]]:
    """For each word of several messages the words that are used like it, by the static vectors of their pieces."""
    counts = Counter(word for text in messages for word in set(text.split()))
    pieces = {
        word: vectors.tokenizer.encode(word, add_special_tokens=False).ids
        for word, count in counts.items()
        if count >= _FEWEST_MESSAGES and word.isalpha()
    }
    words = [word for word, own in pieces.items() if own]
    if not words:
        return {}
    rows = np.stack([vectors.table[pieces[word]].astype(np.float32).mean(axis=0) for word in words])
    rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), np.finfo(np.float32).tiny)
    found = {}
    for start in range(0, len(words), _ROWS):
        likeness = rows[start : start + _ROWS] @ rows.T
        for place, own in enumerate(likeness, start):
            best = np.argsort(-own, kind="stable")[: how.most + 1]
            found[words[place]] = [words[one] for one in best if one != place and own[one] > how.nearness]
    return found


def swapped(words: Sequence[str], near: Mapping[str, Sequence[str]], dice: random.Random) -> list[str]:
    """The words, some of them replaced by neighbours; words that negate stay."""
    share = dice.uniform(*_CHANGED)
    return [
        dice.choice(near[word]) if word not in _KEPT and near.get(word) and dice.random() < share else word
        for word in words
    ]


def thinned(words: Sequence[str], dice: random.Random) -> list[str]:
    """The words without some of them."""
    share = dice.uniform(*_CHANGED)
    return [word for word in words if dice.random() >= share]


def public_texts(names: Sequence[str], corpora: Path) -> list[str]:
    """The texts of the training files of public corpora, plain.

    Raises:
        ConfigurationError: a corpus is not one that may be shipped.
        InvalidInput: a file is not there or broken.
    """
    found = []
    for name in names:
        if public.find(name).use is not public.Use.SHIP:
            raise ConfigurationError(f"an encoder for shipping cannot learn from {name}")
        found += [plain(str(row["text"])) for _, row in numbered_rows(corpora / name / "train.jsonl")]
    return found
