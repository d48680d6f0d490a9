"""Whom a text mentions, by the rules of X's twitter-text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import regex

from triage.text.links import ACCENTED, links

#: A name has up to 20 characters; before it stands no letter, digit or sign of another thing, but ``RT`` may.
_MENTION: Final = regex.compile(
    r"(?:(?<![a-z0-9_!#$%&*@＠])|(?<=(?<![a-z0-9_+~.\-])rt:?))"
    r"[@＠](?P<name>[a-z0-9_]{1,20}+)(?:/[a-z][a-z0-9_\-]{0,24}+)?+"
    rf"(?![@＠{ACCENTED}]|://)",
    regex.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Mention:
    """An account's name without its ``@``, and where it stands: ``text[start:end]`` has the ``@`` too."""

    name: str
    start: int
    end: int


def mentions(text: str) -> list[Mention]:
    """The accounts that ``text`` mentions, in order; what stands in an address or a link is no mention."""
    found = [Mention(one["name"], one.start(), one.end("name")) for one in _MENTION.finditer(text)]
    if not any(text[one.start - 1 : one.start].strip() for one in found):
        return found  # the common case, and the quick one: no link goes on over a space
    taken = links(text)
    return [one for one in found if not any(link.start <= one.start < link.end for link in taken)]


def mentioned(text: str) -> frozenset[str]:
    """The names of those accounts as they are compared: X ignores their case."""
    return frozenset(mention.name.casefold() for mention in mentions(text))
