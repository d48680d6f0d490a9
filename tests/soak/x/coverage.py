"""What must have happened in a set of soaks, so that nothing passes because it was never tried."""

from __future__ import annotations

from collections.abc import Sequence

from tests.soak.x.plans import Kind
from tests.soak.x.record import Record, together
from tests.soak.x.weather import meets

#: What happens in each soak beside the faults of :mod:`tests.soak.x.weather`.
_ALWAYS = frozenset(
    {
        "one process killed",
        "both processes killed",
        "written while nobody listened",
        "sending paused for a while",
        "post edited",
        "post deleted",
        "answer by the brand's people",
        "private message",
        "private reply",
        "reply by the service",
        "reply by an agent",
        "answer stored before its parent",
        "post stored after a newer one",
    }
)


def due(kind: Kind) -> frozenset[str]:
    """All that can happen in a soak of a kind."""
    more = {
        "database killed": kind.engine == "postgresql",
        "token renewed": kind.oauth2,
        "told by the stream": "stream" in kind.streams,
        "told by activity": "activity" in kind.streams,
        "delivered to the webhook": kind.webhook,
    }
    return meets(kind) | _ALWAYS | {name for name, is_due in more.items() if is_due}


def missing(soaks: Sequence[Record]) -> list[str]:
    """What could have happened in some of the soaks, and did in none."""
    happened = together(soaks)
    return sorted(name for name in frozenset().union(*(due(soak.kind) for soak in soaks)) if not happened[name])
