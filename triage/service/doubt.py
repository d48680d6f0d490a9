"""What is made of a look for a reply whose fate is unknown. Pure: times go in, times come out."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from triage.channels.protocol import Presence

#: A channel that cannot say is asked again after as long as the doubt has lasted, within these bounds.
SHORTEST_PAUSE: Final = timedelta(seconds=5)
LONGEST_PAUSE: Final = timedelta(minutes=10)
#: After so long without knowing, a person decides.
KNOWABLE_FOR: Final = timedelta(hours=1)
#: And after so long, where the channel was asked and does not show it, and it must not be sent again.
UNSEEN_FOR: Final = timedelta(minutes=15)
#: Pauses before a reply is tried again that left no trace: doubled with each attempt, up to the longest.
FIRST_RETRY: Final = timedelta(seconds=30)
LONGEST_RETRY: Final = timedelta(minutes=15)
_MOST_DOUBLINGS: Final = 5


class Finding(StrEnum):
    """What a look says of a reply."""

    THERE = "there"
    NOT_THERE = "not_there"  # and will not be
    UNSEEN = "unseen"  # the channel does not show it, which proves nothing: it may be late
    LOOK_AGAIN = "look_again"
    NOBODY_KNOWS = "nobody_knows"


def judge(presence: Presence, since: datetime, looked_at: datetime, settles_after: timedelta) -> Finding:
    """What a look means that began at ``looked_at``, for an attempt that ended in doubt at ``since``.

    That nothing is found counts only ``settles_after`` the attempt, and proves something only where that is zero.
    """
    lasted = looked_at - since
    match presence:
        case Presence.PRESENT:
            return Finding.THERE
        case Presence.ABSENT if lasted >= settles_after:
            return Finding.UNSEEN if settles_after else Finding.NOT_THERE
        case Presence.UNKNOWN if lasted >= KNOWABLE_FOR:
            return Finding.NOBODY_KNOWS
        case _:
            return Finding.LOOK_AGAIN


def next_look(
    presence: Presence,
    since: datetime,
    looked_at: datetime,
    settles_after: timedelta,
    not_before: datetime | None = None,
    patience: timedelta = KNOWABLE_FOR,
) -> datetime:
    """When to look again; never later than the last look that still can tell.

    Args:
        not_before: when the channel may be asked again, if it has said so.
        patience: for how long it is looked for.
    """
    if presence is Presence.ABSENT and looked_at < since + settles_after:
        return since + settles_after
    pause = min(max(looked_at - since, SHORTEST_PAUSE), LONGEST_PAUSE)
    wanted = max(looked_at + pause, not_before or looked_at)
    return min(wanted, max(since + patience, looked_at + SHORTEST_PAUSE))


def pause_before_retry(attempts: int) -> timedelta:
    """How long a reply rests that ``attempts`` attempts have left no trace of."""
    return min(FIRST_RETRY * (1 << min(max(attempts - 1, 0), _MOST_DOUBLINGS)), LONGEST_RETRY)
