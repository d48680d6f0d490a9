"""Answering on X by hand: the page where a reply is ready to be posted, and what people paste of a post."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlencode

_POST: Final = re.compile(
    r"(?:https?://)?(?:(?:www|mobile)\.)?(?:x|twitter)\.com/(?:i/web|i|\w{1,20})/status(?:es)?/(?P<id>\d{1,19})"
    r"(?:[/?#]\S*)?|(?P<bare>\d{1,19})"
)


def ready_to_post(in_reply_to: str, text: str = "") -> str:
    """The address at which X opens an answer to a post, written already but not sent."""
    given = {"in_reply_to": in_reply_to} | ({"text": text} if text else {})
    return f"https://x.com/intent/post?{urlencode(given)}"


def post_id(pasted: str) -> str | None:
    """The id of a post in what somebody pasted, its id or its link; ``None`` where there is none."""
    found = _POST.fullmatch(pasted.strip())
    return None if found is None else found["id"] or found["bare"]
