"""What the brand itself has made public: its numbers and addresses, which are nobody's personal data."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

_VARIED: Final = re.compile(r"[\W_]")


class Published:
    """A set of items, in which one is found whatever its spacing, punctuation and case."""

    def __init__(self, items: Iterable[str] = ()) -> None:
        self._items = frozenset(map(_bare, items))

    def __contains__(self, item: str) -> bool:
        return _bare(item) in self._items


def _bare(item: str) -> str:
    return _VARIED.sub("", item).casefold()
