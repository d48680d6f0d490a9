"""Something that is done again and again, beside other things, in one thread."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass
class Often:
    """``do`` gives the least and the most seconds until it is to be done again."""

    do: Callable[[], tuple[float, float]]
    dice: random.Random
    due_at: float = 0.0

    def turn(self) -> None:
        """Do it if it is time."""
        if time.monotonic() >= self.due_at:
            self.due_at = time.monotonic() + self.dice.uniform(*self.do())
