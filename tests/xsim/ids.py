"""Ids as X gives them: 64-bit numbers, 19 digits today, rising with time."""

from __future__ import annotations

from typing import Final

#: Milliseconds since 1970 at which X's ids begin; the lower 22 bits number what happens within a millisecond.
EPOCH_MS: Final = 1288834974657
SHIFT: Final = 22
_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"


class Snowflakes:
    """Gives each caller a higher id than any before, however many there are in a millisecond."""

    def __init__(self) -> None:
        self._last = 0

    def take(self, now_ms: int) -> int:
        self._last = max(self._last + 1, first_at(now_ms))
        return self._last


def first_at(ms: int) -> int:
    """The lowest id of a millisecond."""
    return (ms - EPOCH_MS) << SHIFT


def born_ms(snowflake: int) -> int:
    """Milliseconds since 1970 at which an id was given."""
    return (snowflake >> SHIFT) + EPOCH_MS


def as_token(direction: str, post_id: int) -> str:
    """An opaque page token; ``direction`` is ``n`` (older than the id) or ``p`` (newer)."""
    digits = ""
    while post_id:
        post_id, rest = divmod(post_id, 36)
        digits = _DIGITS[rest] + digits
    return f"7140{direction}{digits}"


def from_token(token: str) -> tuple[str, int]:
    """Direction and id; raises ValueError for what is no token of ours."""
    if not token.startswith("7140") or token[4:5] not in ("n", "p"):
        raise ValueError(token)
    return token[4], int(token[5:], 36)
