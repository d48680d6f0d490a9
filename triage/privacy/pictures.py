"""Whether a message carries pictures, in which nobody here looks for personal data."""

from __future__ import annotations

import re
from typing import Final

#: X puts a picture into a post as a link: its own short form, which may lead anywhere, or one that says so.
_LINK: Final = re.compile(r"\bpic\.(?:twitter|x)\.com/\w|\bt\.co/\w|/status/\d+/(?:photo|video)/\d", re.IGNORECASE)


def may_carry_pictures(text: str) -> bool:
    """Whether ``text`` has a link behind which there may be a picture or a video of the post.

    A short link (``t.co``) does not say what it leads to, so each counts.
    """
    return _LINK.search(text) is not None
