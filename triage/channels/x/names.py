"""What the channels of X are called in the rest of the product."""

from __future__ import annotations

from typing import Final

from triage.domain.legs import both_legs

#: Public posts: mentions of the brand, answers to it, and what the brand posts itself.
PUBLIC: Final = "x"
#: Private messages: the private leg of a case that began in public, or a case of their own.
PRIVATE: Final = both_legs(PUBLIC)[1]
