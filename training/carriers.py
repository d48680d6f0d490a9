"""Sentences with slots, and what becomes of them when the slots are filled: texts with marked people and addresses."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from training.corpus import numbered_rows
from training.invented import Invented
from triage.domain.scores import Span
from triage.errors import InvalidInput

PERSON: Final = "PERSON"
ADDRESS: Final = "STREET_ADDRESS"
#: What a slot is marked as; others are not marked.
MARKED: Final = {
    "full": PERSON,
    "figure": PERSON,
    "first": PERSON,
    "last": PERSON,
    "address": ADDRESS,
    "street": ADDRESS,
}
_SMALL: Final = re.compile(r"(?<![\w@#/.])[a-z]{4,}(?![\w@/])")
#: Words that a name may stand for.
_SOMEBODY: Final = re.compile(
    r"(?<![\w'])(?:[Hh]e|[Ss]he|him|[Ss]omeone|[Ss]omebody|[Ee]veryone|[Nn]obody|anyone|anybody|(?:my|My|our|the|his)"
    r" (?:mum|mom|dad|wife|husband|partner|brother|sister|son|daughter|kid|friend|mate|boss|neighbour|neighbor|nan|gran"
    r"|cousin|aunt|uncle|lady|guy|bloke|man|woman|driver|agent|manager|engineer))(?![\w'])"
)
_SLOT: Final = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Lesson:
    """A text with the people and addresses in it. Of ``unsure`` places nothing is to be learnt."""

    text: str
    spans: tuple[Span, ...]
    unsure: tuple[Span, ...] = ()


def read_carriers(path: Path) -> list[str]:
    """The sentences of a file of carriers, with their slots in braces.

    Raises:
        InvalidInput: a line has no text or a slot that cannot be filled; names file and line.
    """
    known = Invented(0).slots
    found = []
    for number, row in numbered_rows(path):
        text = row.get("text")
        if not isinstance(text, str) or not text:
            raise InvalidInput("has no text", field=path.name, line=number)
        unknown = [slot for slot in _SLOT.findall(text) if slot not in known]
        if unknown:
            raise InvalidInput(f"has a slot {unknown[0]!r}; there are {', '.join(known)}", field=path.name, line=number)
        found.append(text)
    return found


def fill(carrier: str, invented: Invented) -> Lesson:
    """``carrier`` with every slot drawn anew."""
    parts: list[str] = []
    spans: list[Span] = []
    length, done = 0, 0
    for slot in _SLOT.finditer(carrier):
        before, drawn = carrier[done : slot.start()], invented.slots[slot[1]]()
        start = length + len(before)
        length, done = start + len(drawn), slot.end()
        parts += [before, drawn]
        if slot[1] in MARKED:
            spans.append(Span(start, length, MARKED[slot[1]]))
    return Lesson("".join([*parts, carrier[done:]]), tuple(spans))


def peopled(lesson: Lesson, invented: Invented, share: float) -> Lesson:
    """The lesson with names for a ``share`` of its pronouns and relatives: people in sentences of every shape."""
    kept = [range(span.start, span.end) for span in (*lesson.spans, *lesson.unsure)]
    found = [
        (word.start(), word.end(), invented.somebody())
        for word in _SOMEBODY.finditer(lesson.text)
        if invented.dice.random() < share and not any(word.start() in one for one in kept)
    ]
    text, spans, unsure = lesson.text, list(lesson.spans), list(lesson.unsure)
    for start, end, name in reversed(found):
        moved = len(name) - (end - start)
        text = text[:start] + name + text[end:]
        spans = [_moved(span, moved) if span.start >= end else span for span in spans]
        unsure = [_moved(span, moved) if span.start >= end else span for span in unsure]
        spans.append(Span(start, start + len(name), PERSON))
    return Lesson(text, tuple(sorted(spans, key=lambda span: span.start)), tuple(unsure))


def _moved(span: Span, by: int) -> Span:
    return Span(span.start + by, span.end + by, span.type)


def written_otherwise(lesson: Lesson, dice: random.Random, share: float) -> Lesson:
    """The lesson, in a ``share`` of cases in lower case or in capitals, as people on X write."""
    turn = dice.random()
    if turn >= share:
        return lesson
    text = lesson.text.lower() if turn < share * 0.8 else lesson.text.upper()
    return Lesson(text, lesson.spans, lesson.unsure) if len(text) == len(lesson.text) else lesson


def mistyped(lesson: Lesson, dice: random.Random, share: float) -> Lesson:
    """The lesson with a ``share`` of its small words misspelt, and half as many begun with a capital.

    Words in marked places stay, and so do all offsets: two letters change places.
    """
    kept = [range(span.start, span.end) for span in (*lesson.spans, *lesson.unsure)]

    def other(word: re.Match[str]) -> str:
        turn = dice.random()
        if turn > share * 1.5 or any(word.start() in one for one in kept):
            return word[0]
        if turn > share:
            return word[0].capitalize()
        place = dice.randrange(len(word[0]) - 1)
        return word[0][:place] + word[0][place + 1] + word[0][place] + word[0][place + 2 :]

    return Lesson(_SMALL.sub(other, lesson.text), lesson.spans, lesson.unsure)


def lessons(carriers: Sequence[str], times: int, share: float, invented: Invented) -> Iterator[Lesson]:
    """Every carrier filled ``times`` over, a ``share`` of them in another case."""
    for _ in range(times):
        for carrier in carriers:
            yield written_otherwise(fill(carrier, invented), invented.dice, share)
