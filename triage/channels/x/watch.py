"""What the connection tells of itself, so that silence is noticed and spend is known."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from triage.channels.x.endpoint import Endpoint


class Source(StrEnum):
    """Where posts and events come from."""

    POLL = "poll"  # mentions, by asking
    OWN_POSTS = "own_posts"  # the brand's own timeline, by asking
    PRIVATE = "private"  # private messages, by asking
    STREAM = "stream"  # the filtered stream
    ACTIVITY = "activity"  # the activity stream
    WEBHOOK = "webhook"  # activity events, delivered


class Watch(Protocol):
    """Takes notes; never raises for what it is told. Texts are plain words for operators, without secrets."""

    def alive(self, source: Source) -> None:
        """A source answered: a page, even an empty one, a heartbeat, a delivery."""
        ...

    def saw(self, source: Source, external_id: str, created_at: datetime) -> None:
        """A source brought a post or message, written at that moment."""
        ...

    def called(self, endpoint: Endpoint, things: int) -> None:
        """A call succeeded with so many things read, which X may charge for."""
        ...

    def writing(self, endpoint: Endpoint, *, with_link: bool = False) -> Callable[[], None]:
        """One thing is about to be written, which X charges for, also if its answer is lost or this process dies.

        What is returned takes that back, for a call of which X says that it did nothing.
        """
        ...

    def failed(self, where: Endpoint | Source, problem: str) -> None:
        """A call or a connection failed."""
        ...
