"""Learning from people: a message and the snippet that an agent chose for it is one more question of that snippet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from triage.answers import knowledge_base
from triage.answers.knowledge_base import KnowledgeBase, Snippet
from triage.answers.signs import read as read_signs
from triage.answers.terms import content_stems, plain, words
from triage.errors import NotFound
from triage.text.normalise import normalise

#: Chosen messages that one snippet keeps, the latest; its own questions stay whatever comes.
MOST_LEARNT: Final = 50


@dataclass(frozen=True, slots=True)
class Choice:
    """A message and the id of the snippet that was right for it; ``None`` says that none of the knowledge base is."""

    message: str
    snippet: str | None


def taught(known: KnowledgeBase, choices: Iterable[Choice]) -> KnowledgeBase:
    """A knowledge base that knows the chosen messages too; a matcher made of it answers their like more surely.

    Choices are in order of time. Where the same words were given to several snippets the last choice counts. A message
    that tells a case of its own, vents or holds several matters teaches no snippet, though an agent may well have used
    one for it; nor does one without a word of content. Handles and links are left out; whatever else must not be kept
    of a message is the caller's to remove. The digest changes, so a certificate has to be made anew.

    Raises:
        NotFound: a choice names a snippet that the knowledge base does not have.
    """
    ids = {snippet.id for snippet in known.snippets}
    latest: dict[str, str | None] = {}
    for choice in choices:
        if choice.snippet is not None and choice.snippet not in ids:
            raise NotFound(f"the knowledge base has no snippet {choice.snippet!r}")
        text = plain(normalise(choice.message))
        latest.pop(text, None)
        if _teaches(choice, text):
            latest[text] = choice.snippet
    learnt: dict[str | None, list[str]] = defaultdict(list)
    for text, snippet in latest.items():
        learnt[snippet].append(text)
    snippets = tuple(_with(snippet, learnt[snippet.id]) for snippet in known.snippets)
    no_answer = tuple(dict.fromkeys([*known.no_answer, *learnt[None]]))
    return replace(known, snippets=snippets, no_answer=no_answer, digest=knowledge_base.digest(snippets, no_answer))


def _teaches(choice: Choice, text: str) -> bool:
    if not content_stems(words(text)):
        return False
    signs = read_signs(choice.message)
    return choice.snippet is None or not (signs.personal or signs.venting or signs.several)


def _with(snippet: Snippet, learnt: list[str]) -> Snippet:
    return replace(snippet, questions=tuple(dict.fromkeys([*snippet.questions, *learnt[-MOST_LEARNT:]])))
