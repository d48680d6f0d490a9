"""Learning from people: a message and the snippet that an agent chose for it is one more question of that snippet.

What was chosen is kept in ``learnt.jsonl`` in the folder of the knowledge base, one ``{"text", "snippet"}`` a line,
where people can read it and strike lines out. It is part of the knowledge base: its digest covers it, so whatever is
learnt withdraws a certificate until there is a new one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from triage.answers.signs import read as read_signs
from triage.answers.terms import content_stems, plain, words
from triage.errors import KnowledgeBaseError
from triage.shapes import ready
from triage.text.normalise import normalise

FILE: Final = "learnt.jsonl"
#: Chosen messages that one snippet keeps, the latest; its own questions stay whatever comes.
MOST_LEARNT: Final = 50


@dataclass(frozen=True, slots=True)
class Choice:
    """A message and the id of the snippet that was right for it; ``None`` says that none of the knowledge base is."""

    text: str
    snippet: str | None


def lasting(choices: Iterable[Choice]) -> tuple[Choice, ...]:
    """What of the choices, in order of time, is worth knowing: plain texts, each with the last choice made for it.

    A message that tells a case of its own, vents or holds several matters teaches no snippet, though an agent may well
    have used one for it; nor does one without a word of content. Handles and links are left out; whatever else must not
    be kept of a message is the caller's to remove.
    """
    latest: dict[str, str | None] = {}
    for choice in choices:
        text = plain(normalise(choice.text))
        latest.pop(text, None)
        if _teaches(choice, text):
            latest[text] = choice.snippet
    learnt: dict[str | None, list[str]] = defaultdict(list)
    for text, snippet in latest.items():
        learnt[snippet].append(text)
    return tuple(
        Choice(text, snippet)
        for snippet, texts in learnt.items()
        for text in (texts if snippet is None else texts[-MOST_LEARNT:])
    )


def _teaches(choice: Choice, text: str) -> bool:
    if not content_stems(words(text)):
        return False
    signs = read_signs(choice.text)
    return choice.snippet is None or not (signs.personal or signs.venting or signs.several)


def read(folder: Path) -> tuple[Choice, ...]:
    """The choices in the folder of a knowledge base, none where there is no such file.

    Raises:
        KnowledgeBaseError: a line is no choice; the error names file and line.
    """
    path = folder / FILE
    try:
        lines = path.read_bytes().splitlines()
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise KnowledgeBaseError(f"cannot be read ({error.strerror})", path=path) from None
    return tuple(_choice(path, number, line) for number, line in enumerate(lines, start=1))


def _choice(path: Path, number: int, line: bytes) -> Choice:
    try:
        return msgspec.json.decode(line, type=Choice)
    except msgspec.DecodeError as error:
        raise KnowledgeBaseError(f"is no choice of a snippet ({error})", path=path, line=number) from None


def write(folder: Path, choices: Iterable[Choice]) -> Path:
    path = folder / FILE
    part = path.with_suffix(".part")
    part.write_bytes(b"".join(msgspec.json.encode(choice) + b"\n" for choice in choices))
    part.replace(path)
    return path


ready(Choice)
