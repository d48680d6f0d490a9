"""What goes in and out of the API about replies on their way out."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, Field

from app.api.schemas import Inbound, Query, Storable
from triage.domain.reply import ReplyState
from triage.store.types import LARGEST_KEY


class ReplyQuery(Query):
    """Without a ``state``: those that are stuck."""

    state: ReplyState | None = None
    limit: int = Field(50, ge=1, le=200)
    before: int | None = Field(None, ge=1, le=LARGEST_KEY, description="`next` of the page before.")


class FoundIn(Inbound):
    post: Storable = Field("", max_length=200, description="Id or link of the post, if it is known.")


class StuckOut(BaseModel):
    """A reply on its way out: `why` it is where it is, and `until` when it is tried or looked for again, if that is
    known. `by_hand` is where a person can post it on X themselves; `moves` are what the caller may do about it."""

    id: int
    case: int
    channel: str
    kind: str
    author: str
    text: str
    state: str
    created_at: datetime
    in_reply_to: str
    attempts: int
    why: str
    until: datetime | None
    by_hand: str | None
    moves: list[str]


class StuckPage(BaseModel):
    """The newest first; ``next`` goes into ``before`` for the next page, or is null at the end."""

    replies: list[StuckOut]
    next: int | None


class ResolvedOut(BaseModel):
    """What the reply is now."""

    id: int
    state: str
