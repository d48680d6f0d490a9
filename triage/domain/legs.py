"""The two legs of a conversation: what everybody can read, and what is written in private messages.

The private messages of a channel are a channel of their own, named after it. Both have the same people on them.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

_PRIVATE: Final = "-private"


class Leg(StrEnum):
    PUBLIC = "public"
    PRIVATE = "private"


def leg_of(channel: str) -> Leg:
    """Which leg of a conversation a channel carries."""
    return Leg.PRIVATE if channel.endswith(_PRIVATE) else Leg.PUBLIC


def is_private(channel: str) -> bool:
    """Whether what is on this channel is between the brand and one person."""
    return leg_of(channel) is Leg.PRIVATE


def public_leg(channel: str) -> str:
    """The public channel that people are on who write on this one; itself, if it is public."""
    return channel.removesuffix(_PRIVATE)


def private_leg(channel: str) -> str:
    """The channel of private messages with the people on this one; itself, if it is private."""
    return public_leg(channel) + _PRIVATE


def both_legs(channel: str) -> tuple[str, str]:
    """The channels on which a person is known by the same id."""
    return public_leg(channel), private_leg(channel)
