"""What a customer's message means for the conversation it is part of, beside what it is about.

:func:`read` sees what the words alone say; :func:`follow` makes one :class:`Turn` of that, of the scores
and of whether the service has answered before. Both are pure. The words that count are in :mod:`triage.cues`;
where they err they err towards a person: a customer who asks for one waits for no model.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from triage import cues
from triage.domain.scores import Intent, PrivacyRisk, Scores, Sentiment, Urgency


class Turn(StrEnum):
    """What the customer does with this message."""

    SOLVED = "solved"  # says that the automatic answer helped
    NOT_SOLVED = "not_solved"  # says that it did not, or asks the same again
    NEW_QUESTION = "new_question"  # goes on to something else
    AGENT_PLEASE = "agent_please"  # asks for a person
    STOP = "stop"  # wants no more messages


@dataclass(frozen=True, slots=True)
class Said:
    """What the words of a message say, whatever it is about."""

    stop: bool = False
    only_stop: bool = False  # nothing is said beside it
    person: bool = False
    unsolved: bool = False
    solved: bool = False
    thanks: bool = False
    asks: bool = False
    repeats: bool = False  # asks what the same customer asked before in this conversation


_CUE_WORDS: Final = 14  # a longer "thanks" has more to say
_LEAST_WORDS: Final = 3
_SAME: Final = 0.6
_SMALL_TALK: Final = frozenset({Intent.PRAISE, Intent.FOLLOW_UP, Intent.OTHER})


def read(text: str, earlier: Iterable[str] = ()) -> Said:
    """What the words of ``text`` say; ``earlier`` are texts of the same customer in the same conversation."""
    line = cues.line(text)
    bare = cues.bare(line)
    stop = bare in cues.STOP_ALONE or _tells_to_stop(line)
    return Said(
        stop=stop,
        only_stop=stop and _is_only_stop(line, bare),
        person=bare in cues.PERSON_ALONE or bool(cues.PERSON.search(line)),
        unsolved=bare in cues.UNSOLVED_ALONE or bool(cues.UNSOLVED.search(line)),
        solved=bool(cues.SOLVED.search(line)),
        thanks=bool(cues.THANKS.search(line)) and len(bare.split()) <= _CUE_WORDS,
        asks=bool(cues.ASKS.search(line)),
        repeats=any(_is_the_same(text, other) for other in earlier),
    )


def follow(scores: Scores, said: Said, *, answered: bool) -> Turn | None:
    """What the customer does with a message; ``answered``: it comes after an automatic answer to them.

    Asking for a person and asking to stop hold at any time, the rest only after an answer. Silence is no
    turn: a customer who writes nothing more has not said that it helped. Doubt is never ``SOLVED``.
    """
    if said.stop:
        return Turn.STOP
    if said.person:
        return Turn.AGENT_PLEASE
    if not answered:
        return None
    if said.unsolved or said.repeats or scores.sentiment.label == Sentiment.NEGATIVE:
        return Turn.NOT_SOLVED
    if _confirms(scores, said):
        return Turn.SOLVED
    return Turn.NEW_QUESTION if scores.actionable or said.asks else None


def likeness(one: str, other: str) -> float:
    """How alike two texts are by their telling words, 0 to 1 (Jaccard, 1901); short ones are alike to none."""
    first, second = _telling(one), _telling(other)
    if min(len(first), len(second)) < _LEAST_WORDS:
        return 0.0
    return len(first & second) / len(first | second)


def _confirms(scores: Scores, said: Said) -> bool:
    harmless = (
        scores.in_scope_language
        and scores.urgency.label in (Urgency.LOW, Urgency.NORMAL)
        and scores.privacy.label in (PrivacyRisk.NONE, PrivacyRisk.LOW)
    )
    says_so = said.solved or (said.thanks and scores.intent.label in _SMALL_TALK)
    return harmless and says_so and not said.asks


def _tells_to_stop(line: str) -> bool:
    return any(
        not any(past.start() <= found.start() < past.end() for past in cues.NO_STOP.finditer(line))
        for found in cues.STOP.finditer(line)
    )


def _is_only_stop(line: str, bare: str) -> bool:
    """Whether hardly a word is left without the demand: then there is nothing else to see to."""
    rest = cues.plain(cues.STOP.pattern.sub(" ", line)).split()
    return bare in cues.STOP_ALONE or len([word for word in rest if word not in cues.FILLING]) < _LEAST_WORDS


def _is_the_same(one: str, other: str) -> bool:
    return likeness(one, other) >= _SAME


def _telling(text: str) -> frozenset[str]:
    return frozenset(cues.plain(text).split()) - cues.FILLING
