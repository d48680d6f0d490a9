"""Content that is gone: why it went, what is left in its place, and the proof that it was done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

#: What stands where a text was.
ERASED: Final = "[erased]"


class Cause(StrEnum):
    """Why the content of a message went."""

    REQUEST = "request"  # the person asked for it
    RETENTION = "retention"  # it was kept for as long as the brand keeps it
    DELETED = "deleted"  # its author deleted it on the channel


#: Reasons for which the product itself closes a case, besides those that people give.
CLOSED_BECAUSE: Final[Mapping[Cause, str]] = {
    Cause.REQUEST: "erased",
    Cause.RETENTION: "retention",
    Cause.DELETED: "deleted",
}


@dataclass(frozen=True, slots=True)
class Certificate:
    """What was erased at the request of a person, without saying who that is.

    ``author`` is the person's id under a secret of the database's (HMAC-SHA256): whoever has both can see
    whether an id is meant, nobody can get the id back. ``counts`` are numbers of things by kind.
    ``finished_at`` is ``None`` while the journals of sent replies still have to be written anew.
    """

    id: str
    author: str
    channel: str | None
    erased_at: datetime
    finished_at: datetime | None
    actor: str
    counts: Mapping[str, int]
