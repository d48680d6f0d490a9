"""The last look at a public reply: it must neither contain personal data nor ask for it.

What may be asked in private may be announced in public ("DM us your booking reference"); what the
brand publishes itself (its phone numbers, addresses) is handed in as ``allowed``.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

from triage.errors import GuardBlocked
from triage.privacy.asking import asked_in_public
from triage.privacy.detect import detect

_VARIED: Final = re.compile(r"[\W_]")


def check_public_reply(text: str, allowed: Collection[str] = ()) -> None:
    """Return if ``text`` may be said in public.

    ``allowed`` holds what the brand publishes itself: phone numbers, e-mail and street addresses.
    An item of the text passes if, apart from spacing, punctuation and case, it is one of them.

    Raises:
        GuardBlocked: the text contains personal data, or asks for it without moving to a private
            channel. ``findings`` lists the types, never the values.
    """
    published = {_bare(item) for item in allowed}
    contained = {span.type for span in detect(text) if _bare(text[span.start : span.end]) not in published}
    if contained:
        raise _blocked("contain", contained)
    if asked := asked_in_public(text):
        raise _blocked("ask for", asked)


def _blocked(deed: str, kinds: Collection[str]) -> GuardBlocked:
    named = tuple(sorted(kinds))
    return GuardBlocked(f"a public reply may not {deed} personal data: {', '.join(named)}", named)


def _bare(item: str) -> str:
    """``item`` without what people vary: spacing, punctuation and case."""
    return _VARIED.sub("", item).casefold()
