"""Whether a reply repeats an item that the customer has exposed: in whole or in part, however it is written.

The draft is read as a row of *tokens* (letters and digits without what stands between them), so that
spacing, punctuation and case make no difference; numbers in words are digits by then. How much of an item
tells somebody what it is depends on its type, so each type has its own look.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from triage.privacy import repeated_codes as codes
from triage.privacy import repeated_details as details
from triage.privacy.draft import Draft
from triage.privacy.spoken import digits_for_words, letters_for_words
from triage.privacy.view import folded


class Exposed(NamedTuple):
    """An item that a customer's message exposed: its type (``findings.TYPES``) and how it was written."""

    type: str
    value: str


def repeated(text: str, exposed: Iterable[Exposed]) -> frozenset[str]:
    """Types of the ``exposed`` items that ``text`` repeats, in whole or in part."""
    items = tuple(exposed)
    if not items:
        return frozenset()
    spelled = digits_for_words(folded(text))
    drafts = [Draft(spelled)]
    letters = digits_for_words(letters_for_words(folded(text)))
    if letters != spelled:
        drafts.append(Draft(letters))
    return frozenset(item.type for item in items for draft in drafts if _looks(item.type)(draft, folded(item.value)))


_LOOKS: Final[dict[str, Callable[[Draft, str], bool]]] = {
    "PHONE": codes.repeats_phone,
    "EMAIL": details.repeats_email,
    "STREET_ADDRESS": details.repeats_address,
    "POSTCODE": details.repeats_postcode,
    "PERSON": details.repeats_person,
    "DATE_OF_BIRTH": details.repeats_birth,
    "MEDICAL": details.repeats_health,
}


def _looks(kind: str) -> Callable[[Draft, str], bool]:
    return _LOOKS.get(kind, codes.repeats_code)
