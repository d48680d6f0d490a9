"""From texts to numbers: hashed word n-grams, word pieces, and a few cues. One code for both sides.

Training builds a matrix from these; serving multiplies by the weights at once. The features of a
message come in three blocks, scaled so that no block drowns another:

* n-grams of one to ``longest`` words, hashed. The value of each occurrence is the inverse document
  frequency; the block is divided by its Euclidean length over the n-grams that the model knows;
* word pieces: the sum of their vectors, divided by the Euclidean length of its leading dimensions
  (principal components, so the leading ones stand for nearly all of it, at a fraction of the size);
* cues: signs of form, each from 0 to 1.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Final

import numpy as np
from numpy.typing import NDArray

from triage.domain.scores import PrivacyRisk, Span, Utterance
from triage.privacy.risk import exposed_level
from triage.scoring.spelling import Reader, as_written
from triage.scoring.words import WordRows, split
from triage.text.normalise import HANDLE, LINK, normalise

_MIX_A: Final = np.uint64(0x9E3779B97F4A7C15)
_MIX_B: Final = np.uint64(0xBF58476D1CE4E5B9)


@dataclass(frozen=True, slots=True)
class Reading:
    """A message prepared for scoring: the words of its normalised text and the value of each cue.

    ``words`` are as they are read, ``written`` as they stand, one for one (:mod:`triage.scoring.spelling`).
    """

    words: list[str]
    cues: tuple[float, ...]
    written: list[str]


@dataclass(frozen=True, slots=True)
class Seen:
    """What a cue may look at: the normalised text, its words, the raw text it answers, exposed items."""

    text: str
    words: list[str]
    in_reply_to: str | None
    spans: Sequence[Span]


@dataclass(frozen=True, slots=True)
class Grams:
    """All n-grams of one length: hash, number of the text, place of the first word in ``WordRows.words``."""

    length: int
    hashes: NDArray[np.uint64]
    owners: NDArray[np.int64]
    places: NDArray[np.int64]


def read(
    utterance: Utterance, cues: Sequence[str], spans: Sequence[Span] = (), spelling: Reader = as_written
) -> Reading:
    """Normalise and split an utterance, read its words and take its ``cues`` (names from :data:`CUES`)."""
    text = normalise(utterance.text)
    seen = Seen(text, split(text), utterance.in_reply_to, spans)
    return Reading(list(map(spelling, seen.words)), tuple([CUES[cue](seen) for cue in cues]), seen.words)


def grams(rows: WordRows, longest: int) -> list[Grams]:
    """Hashed n-grams of 1 to ``longest`` words, one entry per length; none reaches over the end of a text."""
    owners, words = rows.owners, rows.hashes[rows.words] * _MIX_A
    running = words
    hashes: list[NDArray[np.uint64]] = []
    starts: list[NDArray[np.int64]] = []
    for length in range(1, min(longest, len(words)) + 1):
        if length > 1:
            running = (running[:-1] ^ (running[:-1] >> np.uint64(29))) * _MIX_B + words[length - 1 :]
        whole = np.flatnonzero(owners[: len(running)] == owners[length - 1 :])
        hashes.append(running[whole])
        starts.append(whole)
    if not starts:
        return []
    finished = _finish(np.concatenate(hashes))
    ends = accumulate(map(len, starts))
    return [
        Grams(length, finished[end - len(places) : end], owners[places], places)
        for length, (places, end) in enumerate(zip(starts, ends, strict=True), start=1)
    ]


def _finish(hashes: NDArray[np.uint64]) -> NDArray[np.uint64]:
    hashes = (hashes ^ (hashes >> np.uint64(30))) * _MIX_B
    return hashes ^ (hashes >> np.uint64(31))


def buckets(hashes: NDArray[np.uint64], bits: int) -> NDArray[np.int64]:
    """The top ``bits`` of each hash."""
    return (hashes >> np.uint64(64 - bits)).astype(np.int64)


Cue = Callable[[Seen], float]

_LONG_NUMBER: Final = re.compile(r"\d{5}")
_DRAWN_OUT: Final = re.compile(r"([^\W\d_])\1\1", re.IGNORECASE)
GLAD: Final = frozenset("😀😁😃😄😊😍🥰😘🤗👍👏🙌🎉❤💕💖💙💚💛💜🖤😎☺✨🥳💯")
CROSS: Final = frozenset("😠😡🤬😤😒🙄😞😢😭😩😫💔👎🤦😣😖😔☹🤮🤢😑")
AMUSED: Final = frozenset("😂🤣😜😏😅😆")
_GLAD_FACE: Final = re.compile(r"(?<!\w)[:;=]-?[)D]+(?!\w)|<3")
_CROSS_FACE: Final = re.compile(r"(?<!\w)[:;=]'?-?[(/]+(?![\w/])")
_LAUGHTER: Final = frozenset({"lol", "lool", "loool", "lolol", "lmao", "lmfao", "rofl", "haha", "hahaha", "hahahaha"})
_CAPITALS: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LETTERS: Final = _CAPITALS + _CAPITALS.lower()
#: Below this many letters, capitals say little about tone ("OK", "IOS").
_FEWEST_LETTERS: Final = 12


def _capitals(seen: Seen) -> float:
    """Share of capitals among the letters A to Z."""
    encoded = seen.text.encode("utf-8", "surrogatepass")
    letters = len(encoded) - len(encoded.translate(None, _LETTERS))
    capitals = len(encoded) - len(encoded.translate(None, _CAPITALS))
    return capitals / letters if letters >= _FEWEST_LETTERS else 0.0


def _glad(seen: Seen) -> float:
    return float(_emoji(seen, GLAD) or _face(seen.text, _GLAD_FACE))


def _cross(seen: Seen) -> float:
    return float(_emoji(seen, CROSS) or _face(seen.text, _CROSS_FACE))


def _amused(seen: Seen) -> float:
    return float(_emoji(seen, AMUSED) or _laughs(seen))


def _laughs(seen: Seen) -> bool:
    """Most texts have no laugh anywhere in them, which is quicker to see than that no word is one."""
    lower = seen.text.lower()
    perhaps = (
        "haha" in lower or "lol" in lower or "lool" in lower or "lmao" in lower or "lmfao" in lower or "rofl" in lower
    )
    return perhaps and not _LAUGHTER.isdisjoint([word.lower() for word in seen.words])


def _emoji(seen: Seen, signs: frozenset[str]) -> bool:
    return not seen.text.isascii() and not signs.isdisjoint(seen.words)


def _face(text: str, face: re.Pattern[str]) -> bool:
    """Most texts have no eyes in them, which is quicker to see than that they have no face."""
    eyes = ":" in text or ";" in text or "=" in text or "<3" in text
    return eyes and face.search(text) is not None


def _found(pattern: re.Pattern[str]) -> Cue:
    return lambda seen: float(pattern.search(seen.text) is not None)


#: Name and meaning of each cue. An artifact lists the names of those that it was fitted with.
CUES: Final[dict[str, Cue]] = {
    "question mark": lambda seen: float("?" in seen.text),
    "ends with a question mark": lambda seen: float(seen.text.endswith("?")),
    "exclamation mark": lambda seen: float("!" in seen.text),
    "repeated marks": lambda seen: float("!!" in seen.text or "??" in seen.text or "?!" in seen.text),
    "share of capitals": _capitals,
    "drawn-out letters": _found(_DRAWN_OUT),
    "glad signs": _glad,
    "cross signs": _cross,
    "amused signs": _amused,
    "link": lambda seen: float(LINK in seen.text),
    "long number": _found(_LONG_NUMBER),
    "fewer than 4 words": lambda seen: float(len(seen.words) < 4),
    "fewer than 10 words": lambda seen: float(len(seen.words) < 10),
    "length": lambda seen: min(len(seen.text), 280) / 280,
    "answers a message": lambda seen: float(bool(seen.in_reply_to)),
    "answers a question": lambda seen: float(bool(seen.in_reply_to) and "?" in str(seen.in_reply_to)),
    "starts with a handle": lambda seen: float(seen.text.startswith(HANDLE)),
    "exposes something": lambda seen: float(bool(seen.spans) and exposed_level(seen.spans) != PrivacyRisk.NONE),
    "exposes much": lambda seen: float(bool(seen.spans) and exposed_level(seen.spans) == PrivacyRisk.HIGH),
}
