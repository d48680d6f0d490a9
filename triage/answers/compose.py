"""The words of a reply: one phrasing of a snippet, its link, the brand's signature."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from triage.answers.knowledge_base import KnowledgeBase
from triage.answers.snippet import Snippet
from triage.errors import KnowledgeBaseError
from triage.text.length import MAX_WEIGHT, weighted_length


@dataclass(frozen=True, slots=True)
class Said:
    """What was said before: to this customer or in this thread, and of late to anybody, the newest first."""

    here: frozenset[str] = frozenset()
    lately: tuple[str, ...] = ()


NOTHING_SAID = Said()


def texts(snippet: Snippet, channel: str | None, signature: str = "") -> tuple[str, ...]:
    """Every text that a snippet may be sent as on a channel, or on any where ``channel`` is ``None``."""
    wordings = snippet.all_wordings if channel is None else snippet.wordings(channel)
    return tuple(word(snippet, phrasing, signature) for phrasing in wordings)


def next_text(choice: Sequence[str], variant: str, said: Said = NOTHING_SAID) -> str | None:
    """The text to send, one that was not said here before; ``None`` where all of them were.

    X refuses a text that repeats a recent one, so those that were said to others of late come last, the newest of
    them at the very end. Otherwise it is a stable function of ``variant``, the same in every process; different
    variants spread over the texts.
    """
    start = int.from_bytes(hashlib.sha256(f"{choice[0]}\0{variant}".encode()).digest()[:8], "big") % len(choice)
    turned = [*choice[start:], *choice[:start]]
    unsaid = [text for text in turned if text not in said.here]
    return max(unsaid, key=lambda text: _since(text, said.lately), default=None)


def _since(text: str, lately: Sequence[str]) -> int:
    """How many texts were said since this one; all of them where it was not said."""
    return lately.index(text) if text in lately else len(lately)


def check_lengths(knowledge_base: KnowledgeBase, signature: str = "") -> None:
    """Make sure that every reply that could ever be composed fits.

    Raises:
        KnowledgeBaseError: a phrasing with link and signature is over 280 weighted characters.
    """
    for snippet in knowledge_base.snippets:
        for number, phrasing in enumerate(snippet.all_wordings, start=1):
            weight = weighted_length(word(snippet, phrasing, signature))
            if weight > MAX_WEIGHT:
                raise KnowledgeBaseError(
                    f"snippet {snippet.id!r}, answer: phrasing {number} is {weight} characters long as X counts, "
                    f"with link and signature; at most {MAX_WEIGHT} fit"
                )


def word(snippet: Snippet, phrasing: str, signature: str) -> str:
    """One phrasing as it is sent; a link that it has already is not repeated."""
    link = snippet.link if snippet.link and snippet.link not in phrasing else None
    return " ".join(part for part in (phrasing, link, signature) if part)
