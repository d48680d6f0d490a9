"""What a soak is like, told by its seed alone, so that any of a set can be run again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

Accelerator = Literal["stream", "activity", "none"]
_ACCELERATORS: Final[tuple[Accelerator, ...]] = ("stream", "activity", "none")


@dataclass(frozen=True, slots=True)
class Kind:
    """``shipped``: with the model that the product ships instead of a quick double."""

    seed: int
    messages: int
    accelerator: Accelerator
    webhook: bool
    engine: Literal["sqlite", "postgresql"]
    shipped: bool

    @property
    def sources(self) -> str:
        """What tells of mentions, for the table."""
        beside = [] if self.accelerator == "none" else [self.accelerator]
        return " + ".join(["polling", *beside, *(["webhook"] if self.webhook else [])])


def kind_of(seed: int, messages: int) -> Kind:
    return Kind(
        seed,
        messages,
        accelerator=_ACCELERATORS[seed % 3],
        webhook=seed // 2 % 2 == 1,
        engine="postgresql" if seed % 2 else "sqlite",
        shipped=seed % 10 == 9,
    )
