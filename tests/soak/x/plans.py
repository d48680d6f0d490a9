"""What a soak is like, told by its seed alone, so that any of a set can be run again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Stream = Literal["stream", "activity"]
_STREAMS: Final[tuple[tuple[Stream, ...], ...]] = (("stream",), ("activity",), ("stream", "activity"), ())
_BY_OAUTH2: Final = (2, 3)


@dataclass(frozen=True, slots=True)
class Kind:
    """``oauth2``: with tokens that are renewed, instead of OAuth 1.0a; ``shipped``: with the model that the product
    ships instead of a quick double; ``quiet``: on an account to which nobody has written before it is first read."""

    seed: int
    messages: int
    streams: tuple[Stream, ...]
    webhook: bool
    engine: Literal["sqlite", "postgresql"]
    oauth2: bool
    shipped: bool
    quiet: bool = False

    @property
    def sources(self) -> str:
        """What tells of mentions, for the table."""
        return " + ".join(["polling", *self.streams, *(["webhook"] if self.webhook else [])])


def kind_of(seed: int, messages: int) -> Kind:
    """Of each five seeds from 0 on, both streams, the webhook, both databases, and OAuth 2 on each have their turn."""
    return Kind(
        seed,
        messages,
        streams=_STREAMS[seed % 4],
        webhook=seed // 2 % 2 == 1,
        engine="postgresql" if seed % 2 else "sqlite",
        oauth2=seed % 5 in _BY_OAUTH2,
        shipped=seed % 10 == 9,
        quiet=seed % 2 == 1,
    )
