"""What a brand allows its automatic replies on X, what of it is used up today, and what texts may lack."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct


class Limits(Struct, frozen=True, forbid_unknown_fields=True):
    """The operator's dials for X.

    A post with a link costs twenty times as much as one without. ``spend_per_day_usd`` is an estimate of all that X
    charges for in a day but for looking stored posts up again; it stops automatic replies only. What looks may cost
    before it is an alarm is ``look_ups_per_day_usd``; they go on, since X's terms ask for them. X refuses a text that
    it saw lately anywhere on the account, so none is said twice within ``same_text_after_hours``. Days are those of
    UTC. X asks for less for some things if the brand's account owns the app.
    """

    links_in_automatic_replies: bool = False
    automatic_replies_per_day: Annotated[int, Meta(ge=0)] = 500
    spend_per_day_usd: Annotated[float, Meta(ge=0)] = 25.0
    look_ups_per_day_usd: Annotated[float, Meta(ge=0)] = 25.0
    account_owns_app: bool = False
    same_text_after_hours: Annotated[float, Meta(ge=0, le=8760)] = 24.0


@dataclass(frozen=True, slots=True)
class Today:
    """What was done on X since midnight UTC, beside what may be: automatic replies, and estimated US dollars."""

    limits: Limits
    replies: int
    spend: float


class Lack(StrEnum):
    """Why no text of a snippet may be sent, in the order in which texts are left out."""

    ALL_SAID = "all_said"
    LINK_COSTS = "link_costs"
    TOO_LONG = "too_long"
    SAID_LATELY = "said_lately"
