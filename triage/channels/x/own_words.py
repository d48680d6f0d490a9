"""X's own words about what went wrong, fit to be kept and shown.

X repeats in them what it was asked, and whom that is about. Operators read them in the list of problems and in the
log. So what they may repeat of people, of texts and of secrets is taken out, and what names the mistake stays. What X
repeats without marks around it cannot be told from its own words: so the database holds them encrypted all the same.
"""

from __future__ import annotations

import re
from typing import Final

from triage.privacy.detect import detect
from triage.privacy.findings import any_of
from triage.privacy.redact import mask

_MOST_READ: Final = 1000
_MOST_SHOWN: Final = 200
_LEFT_OUT: Final = "[…]"
#: What may stand in quotation marks or brackets: names that X has for what is asked of it, and numbers.
_NAMES: Final = any_of(
    "add backfill_minutes client_id client_secret crc_token delete dm_event.fields dry_run event_type event_types"
    " exclude expansions filter grant_type id ids in_reply_to_tweet_id max_results media.fields pagination_token"
    " participant_id post.fields refresh_token reply reply.in_reply_to_tweet_id since_id tag text tweet.fields"
    " until_id url user.fields user_id username value webhook_id"
)
#: As far as the last mark: what somebody wrote may have such marks in it. Where one is not closed, all the rest.
_QUOTED: Final = re.compile(
    r"\[(?:([^\]]*)\](?:[^\[\]]*\])*|.*$)"
    r"|`(?:([^`]*)`|.*$)"
    r"|[\"“„](?:(.*)[\"”“]|.*$)"
    r"|(?<!\w)['‘](?:(.*)['’](?!\w)|.*$)"
)
_LINK: Final = re.compile(r"\bhttps?://\S+|\bwww\.\S+", re.IGNORECASE)
_HANDLE: Final = re.compile(r"(?<![\w.+-])[@＠]\w+")
#: Longer than words are: keys, tokens, signatures.
_TOKEN: Final = re.compile(r"(?=[\w.~+/=%-]*\d)(?=[\w.~+/=%-]*[A-Za-z])[\w.~+/=%-]{16,}|\w{32,}")


def shown(said: str) -> str:
    """``said`` on one line, without what it may repeat of people, of texts and of secrets; 200 characters at most."""
    words = " ".join(said[:_MOST_READ].split())
    words = _LINK.sub("http://link", words)
    words = _QUOTED.sub(_named, words)
    words = _HANDLE.sub("@user", words)
    words = _TOKEN.sub(_LEFT_OUT, words)
    return mask(words, detect(words))[:_MOST_SHOWN]


def _named(quoted: re.Match[str]) -> str:
    """What is quoted, if it is a name of X's or a number."""
    inside = next((group for group in quoted.groups() if group is not None), "")
    is_all = len(quoted[0]) == len(inside) + 2
    return quoted[0] if is_all and (inside in _NAMES or inside.isdecimal()) else _LEFT_OUT
