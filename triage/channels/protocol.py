"""What a channel that takes replies must be able to do."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Protocol

from triage.domain.reply import Reply

#: A reply is handed to its channel within this time after it was marked as being sent, or not in this attempt.
HANDED_OVER_WITHIN: Final = timedelta(seconds=30)


class Presence(StrEnum):
    """Whether a reply is out there, as far as the channel can tell."""

    PRESENT = "present"
    ABSENT = "absent"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Found:
    presence: Presence
    external_id: str | None = None


@dataclass(frozen=True, slots=True)
class Present:
    """A post is on the channel, with this text.

    ``versions`` are the ids of its versions up to the one whose text this is, where the channel gives each one an id
    and later ones greater ids. ``summoned`` is whether its author calls the brand in this version; ``None`` where
    nobody asks for that.
    """

    text: str
    versions: tuple[str, ...] = ()
    summoned: bool | None = None


@dataclass(frozen=True, slots=True)
class Deleted:
    """A post is not on the channel any more."""


class Posts(Protocol):
    """A channel on which posts can be looked up again. ``most`` ids are asked for at a time."""

    name: str
    most: int

    def look_up(self, external_ids: Sequence[str]) -> Mapping[str, Present | Deleted]:
        """What became of these posts. One that the channel says nothing of is left out.

        Raises:
            RetryLater: not now, but later.
        """
        ...


class Archive(Protocol):
    """A channel that keeps texts of replies where the product can reach them."""

    name: str

    def forget(self, keys: Collection[str]) -> int:
        """Take the texts of the replies with these keys out for good; how many were there.

        That they were sent is still known. Forgetting again changes nothing.
        """
        ...


class OutboundChannel(Protocol):
    """One way out. ``name`` is the channel its replies carry.

    What was published may take a while until it can be found: that a reply is absent counts only if the look
    began ``settles_after`` or more after the attempt had ended. Zero where a look sees all that was published: there,
    and only there, absence is a proof. Elsewhere it may take longer than anybody thinks.

    ``refuses_repeats_for`` is for how long the channel surely refuses a text in reply to the same post, counted from
    when it took it. Zero where it does not: there nothing can be sent again that is merely not found.
    """

    name: str
    settles_after: timedelta
    refuses_repeats_for: timedelta

    @property
    def longest_send(self) -> timedelta:
        """Within this time after a reply was marked as being sent, that has ended, or will publish nothing any more.

        It says when an attempt has surely ended whose sender nobody can ask. The sender takes up to
        :data:`HANDED_OVER_WITHIN` of it. Zero where one that has lost the right to send can publish nothing.
        """
        ...

    def send(self, reply: Reply) -> str:
        """Publish the reply; the channel's id of it.

        Raises:
            RetryLater: not now, but later.
            GiveUp: refused for good.
            Repeated: refused because of its text, which the channel has seen before, perhaps in this reply.
            Ambiguous: unknown whether it was published.
        """
        ...

    def find(self, reply: Reply) -> Found:
        """Whether this very reply was published before, to settle a doubt. Never publishes.

        The text of a reply that was erased meanwhile is gone: a channel that compares texts says ``UNKNOWN``.

        Raises:
            RetryLater: it cannot be asked now, but later.
        """
        ...

    def rests_until(self) -> datetime | None:
        """When the next reply may be sent, if none may be now, such as after a limit is used up."""
        ...
