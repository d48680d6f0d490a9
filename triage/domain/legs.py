"""The two legs of a conversation: what everybody can read, and what is written in private messages.

The private messages of a channel are a channel of their own, and which channels have one is written down here:
what a channel is called makes nothing private. Both have the same people on them.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

_PRIVATE_OF: Final[Mapping[str, str]] = {"x": "x-private"}
_PUBLIC_OF: Final[Mapping[str, str]] = {private: public for public, private in _PRIVATE_OF.items()}


class Leg(StrEnum):
    PUBLIC = "public"
    PRIVATE = "private"


def leg_of(channel: str) -> Leg:
    """Which leg of a conversation a channel carries."""
    return Leg.PRIVATE if channel in _PUBLIC_OF else Leg.PUBLIC


def is_private(channel: str) -> bool:
    """Whether what is on this channel is between the brand and one person."""
    return leg_of(channel) is Leg.PRIVATE


def public_leg(channel: str) -> str:
    """The public channel that people are on who write on this one; itself, if it is public."""
    return _PUBLIC_OF.get(channel, channel)


def private_leg(channel: str) -> str | None:
    """The channel of private messages with the people on this one; itself, if it is private; or there is none."""
    return _PRIVATE_OF.get(public_leg(channel))


def both_legs(channel: str) -> tuple[str, ...]:
    """The channels on which a person is known by the same id, the public one first."""
    public, private = public_leg(channel), private_leg(channel)
    return (public,) if private is None else (public, private)
