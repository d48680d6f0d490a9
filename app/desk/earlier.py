"""Where an earlier page of a list goes on, as its address says it: ``?before=`` the last number of the page before."""

from __future__ import annotations

from typing import Final

from flask import request

from triage.errors import InvalidInput
from triage.store.types import LARGEST_KEY

_DIGITS: Final = len(str(LARGEST_KEY))


def before() -> int | None:
    """The number in this request's address; ``None`` for the first page.

    Raises:
        InvalidInput: it is not the number of anything that a list can have.
    """
    given = request.args.get("before")
    if given is None:
        return None
    number = int(given) if given.isascii() and given.isdecimal() and len(given) <= _DIGITS else 0
    if not 1 <= number <= LARGEST_KEY:
        raise InvalidInput(
            "“before” in the address is no place in this list; leave it out to see the list from its beginning"
        )
    return number
