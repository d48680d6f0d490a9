"""Cursors: where a page of the worklist ends, as an opaque text."""

from __future__ import annotations

import base64
import binascii
from dataclasses import replace

import msgspec

from triage.errors import InvalidInput
from triage.shapes import ready
from triage.store.cases import Place
from triage.store.types import LARGEST_KEY
from triage.text.accept import check_moment


def to_cursor(place: Place) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(place)).decode().rstrip("=")


def from_cursor(cursor: str) -> Place:
    """Raises :class:`InvalidInput` for anything that :func:`to_cursor` did not make."""
    try:
        place = msgspec.json.decode(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)), type=Place)
        return _within_reach(place)
    except (binascii.Error, ValueError, msgspec.DecodeError, RecursionError, InvalidInput):
        raise InvalidInput("is not a cursor that this API gave out", field="cursor") from None


def _within_reach(place: Place) -> Place:
    """Raises for a place whose numbers or moment a database cannot be asked about."""
    if not (0 <= place.priority <= LARGEST_KEY and 0 <= place.id <= LARGEST_KEY):
        raise ValueError("out of range")
    return replace(place, queued_at=check_moment(place.queued_at))


ready(Place)
