"""Replies that may be out, and that their channel does not show: when to look again, and when a person decides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from triage.channels.protocol import OutboundChannel, Presence
from triage.domain.reply import Doubt, Reply, ReplyState
from triage.service.doubt import KNOWABLE_FOR, UNSEEN_FOR, next_look, pause_before_retry
from triage.store.replies import InDoubt, Outcome

#: What a person is told who has to decide: what to look for, and what to do then.
_LOOK_FOR_IT: Final = "Look for these words there. If they are there, say so; if they are not, have it sent again"
_UNSEEN: Final = (
    "its answer was lost, and it is not among what the channel shows, which may be late; it was not sent again, since "
    f"{{why}}. {_LOOK_FOR_IT}"
)
_TWICE: Final = "the customer could get it twice"
_NOTHING_LEFT: Final = "sending was stopped then, or the channel took no more replies for a while"
_KNOWN: Final = (
    "nobody knows what became of an attempt, and then the channel refused the same text because it has it already; so "
    f"it is probably out, although the channel does not show it. {_LOOK_FOR_IT}, or drop it and write in other words"
)
_REFUSED: Final = (
    "an answer was lost, and another attempt was refused: {problem}. The first one may be out, although the channel "
    "does not show it. Look for these words there. If they are there, say so; if they are not, drop it"
)


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt without an outcome: why nobody knows it, when it ended, and what the channel said."""

    why: Doubt
    since: datetime
    problem: str | None


def may_be_repeated(channel: OutboundChannel, reply: Reply, attempt: Attempt, at: datetime) -> bool:
    """Whether the channel has the same words once at most if they are sent again now, and might take them.

    The time counts from when the lost attempt began: when its loss was noticed may be days later.
    """
    lost_at = reply.lost_at or reply.tried_at or reply.created_at
    return attempt.why.lost and at + channel.longest_send < lost_at + channel.refuses_repeats_for


def repeated_at(reply: Reply, attempt: Attempt) -> datetime:
    """When it may be sent again: the more attempts, the longer the pause."""
    return attempt.since if attempt.why is Doubt.STOPPED else attempt.since + pause_before_retry(reply.attempts)


def never_repeated(
    channel: OutboundChannel, reply: Reply, attempt: Attempt, now: datetime, why: str = _TWICE
) -> Outcome:
    """It must not be sent again: it is looked for a while longer."""
    return _looked_for(channel, reply, attempt, now, UNSEEN_FOR, why)


def held_up(
    channel: OutboundChannel, reply: Reply, attempt: Attempt, now: datetime, until: datetime | None = None
) -> Outcome:
    """It waits for another attempt, and is looked for meanwhile: what is out may show at any time."""
    return _looked_for(channel, reply, attempt, now, KNOWABLE_FOR, _NOTHING_LEFT, until)


def nobody_knows(reply: Reply, attempt: Attempt) -> Outcome:
    """The channel could not say in all that time whether it has it: a person has to look."""
    said = f"{attempt.problem.rstrip('.')}. " if attempt.problem else ""
    problem = f"{said}The channel could not say since whether it has it. {_LOOK_FOR_IT}"
    return Outcome(reply.id, reply.attempts, ReplyState.AMBIGUOUS, problem=problem)


def _looked_for(
    channel: OutboundChannel,
    reply: Reply,
    attempt: Attempt,
    now: datetime,
    patience: timedelta,
    why: str,
    not_before: datetime | None = None,
) -> Outcome:
    """Another look, or a person who has to decide: nobody here can tell whether it is out."""
    if now < attempt.since + patience:
        look_at = next_look(Presence.ABSENT, attempt.since, now, channel.settles_after, not_before, patience)
        doubt = InDoubt(attempt.why, attempt.since, look_at)
        return Outcome(reply.id, reply.attempts, ReplyState.SENDING, problem=attempt.problem, doubt=doubt)
    words = {Doubt.REPEATED: _KNOWN, Doubt.REFUSED: _REFUSED.format(problem=attempt.problem)}
    problem = words.get(attempt.why, _UNSEEN.format(why=why))
    return Outcome(reply.id, reply.attempts, ReplyState.AMBIGUOUS, problem=problem)
