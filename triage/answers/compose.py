"""The words of a reply: one phrasing of a snippet, its link, the brand's signature."""

from __future__ import annotations

import hashlib

from triage.answers.knowledge_base import KnowledgeBase, Snippet
from triage.errors import KnowledgeBaseError
from triage.text.length import MAX_WEIGHT, weighted_length


def reply(snippet: Snippet, variant: str, signature: str = "") -> str:
    """The text to send. The phrasing is a stable function of ``variant``, the same in every process.

    X refuses a text that repeats a recent one; different variants spread over the phrasings.
    """
    number = int.from_bytes(hashlib.sha256(f"{snippet.id}\0{variant}".encode()).digest()[:8], "big")
    return _word(snippet, snippet.phrasings[number % len(snippet.phrasings)], signature)


def check_lengths(knowledge_base: KnowledgeBase, signature: str = "") -> None:
    """Make sure that every reply that could ever be composed fits.

    Raises:
        KnowledgeBaseError: a phrasing with link and signature is over 280 weighted characters.
    """
    for snippet in knowledge_base.snippets:
        for number, phrasing in enumerate(snippet.phrasings, start=1):
            weight = weighted_length(_word(snippet, phrasing, signature))
            if weight > MAX_WEIGHT:
                raise KnowledgeBaseError(
                    f"snippet {snippet.id!r}, answer: phrasing {number} is {weight} characters long as X counts, "
                    f"with link and signature; at most {MAX_WEIGHT} fit"
                )


def _word(snippet: Snippet, phrasing: str, signature: str) -> str:
    link = snippet.link if snippet.link and snippet.link not in phrasing else None
    return " ".join(part for part in (phrasing, link, signature) if part)
