"""Ids of X: 19 digits as text, which carry the moment at which they were given.

The time in milliseconds since X's epoch stands above the lowest 22 bits (X, "Announcing Snowflake", 2010). Ids are
compared as numbers of Python, which are exact, and never as floats or texts.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

_EPOCH: Final = datetime.fromtimestamp(1_288_834_974, UTC) + timedelta(milliseconds=657)
_BELOW_TIME: Final = 22
_MILLISECOND: Final = timedelta(milliseconds=1)
_DIGITS: Final = frozenset("0123456789")


def is_id(value: str) -> bool:
    """Whether this is an id as X writes them: digits, up to 20 of them."""
    return 0 < len(value) <= 20 and _DIGITS.issuperset(value)


def moment_of(post_id: str) -> datetime:
    """When an id was given, to the millisecond. Ids before November 2010 carry no time: they count as X's epoch."""
    return _EPOCH + (int(post_id) >> _BELOW_TIME) * _MILLISECOND


def first_id_at(moment: datetime) -> str:
    """The lowest id that can be given at a moment: all ids of posts from then on are at least this."""
    return str(max(0, (moment - _EPOCH) // _MILLISECOND) << _BELOW_TIME)
