"""Whom an author names in so many words: the mentions of a post that X did not put there by itself.

X begins an answer with the names of those who took part before. Only names behind those are the author's own
words, and only they, or quoting a post, let an app answer.
"""

from __future__ import annotations

from collections.abc import Iterator

from triage.text.mentions import Mention, mentions


def named(text: str, *, answers: bool, shown_from: int | None) -> frozenset[str]:
    """Names, in small letters, that the author of ``text`` wrote.

    ``answers`` says that the post answers another one. ``shown_from`` is the first character that X shows to
    readers, where it says so; without it, all names that an answer begins with count as put there by X.
    """
    found = mentions(text)
    first = 0 if not answers else shown_from if shown_from is not None else _end_of_leading(text, found)
    return frozenset(mention.name.casefold() for mention in found if mention.start >= first)


def without_leading_mentions(text: str) -> str:
    """``text`` from its first word on that is no mention."""
    return text[_end_of_leading(text, mentions(text)) :].lstrip()


def _end_of_leading(text: str, found: list[Mention]) -> int:
    end = 0
    for mention in _in_row(text, found):
        end = mention.end
    return end


def _in_row(text: str, found: list[Mention]) -> Iterator[Mention]:
    """The mentions at the beginning, with nothing but white space between them."""
    end = 0
    for mention in found:
        if text[end : mention.start].strip():
            return
        yield mention
        end = mention.end
