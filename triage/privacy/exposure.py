"""Which of the people and addresses that a model sees are exposed personal data (labelling guide, head 4).

Two layers are kept apart: the model says that a name is a person's, this module whether that person is one
whom the text exposes. Staff and public figures are not; which of the two a person is, is told by the words
around (:mod:`triage.privacy.contexts`).

In a message to a brand names are mostly those of staff and of stars, so only a full name counts, and only where
something of a customer's is said to be theirs. In other texts a first name or a surname counts as well, unless it
is staff's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from triage.privacy.addressee import is_to_a_brand
from triage.privacy.contexts import Context, contexts, matcher_over
from triage.privacy.findings import Finding, Ground
from triage.privacy.hints import may_name
from triage.privacy.names import is_name
from triage.privacy.people import People, WordLists
from triage.privacy.public_figures import is_public_figure
from triage.privacy.view import BLANK

if TYPE_CHECKING:
    from spacy.matcher import Matcher
    from spacy.tokens import Doc, Span

_LETTERS: Final = re.compile(r"[^\W\d_]+")
#: Letters of other scripts, of which the model knows no names.
_FOREIGN: Final = re.compile(r"[^\x00-\u024f\u1e00-\u1eff‘’]")
_MOST_WORDS: Final = 5
_NO_CUSTOMER: Final = frozenset({Context.STAFF, Context.PUBLIC})


@dataclass(frozen=True)
class Exposure:
    """The model, and the patterns over its tokens by which its entities are judged; made once."""

    people: People
    matcher: Matcher

    @classmethod
    def over(cls, people: People) -> Exposure:
        return cls(people, matcher_over(people.language))

    def find(self, texts: Sequence[str], views: Sequence[str]) -> list[list[Finding]]:
        """What each text exposes; ``views`` are the same texts as the rules read them.

        The model reads only those that may name somebody, all at once.
        """
        found: list[list[Finding]] = [[] for _ in texts]
        asked = [
            place
            for place, (text, view) in enumerate(zip(texts, views, strict=True))
            if may_name(view, self.people.words, is_to_a_brand(text))
        ]
        docs = self.people.read([texts[place] for place in asked])
        for place, doc in zip(asked, docs, strict=True):
            found[place] += self._exposed(doc, views[place])
        return found

    def _exposed(self, doc: Doc, view: str) -> Iterator[Finding]:
        if not doc.ents:
            return
        around = contexts(self.matcher, doc)
        to_a_brand = is_to_a_brand(doc.text)
        for one in doc.ents:
            words = view[one.start_char : one.end_char]
            told = frozenset().union(*(around.get(token.i, ()) for token in one))
            if one.label_ == "PERSON":
                exposed = _may_be_a_name(words, self.people.words) and _counts(one, told, to_a_brand)
            else:
                exposed = _may_be_an_address(one, words) and (Context.LIVED in told or not to_a_brand)
            if exposed:
                yield Finding(one.start_char, one.end_char, one.label_, Ground.GUESSED)


def _counts(one: Span, told: frozenset[Context], to_a_brand: bool) -> bool:
    if told & _NO_CUSTOMER:
        return False
    if not to_a_brand:
        return True
    if Context.WORK in told or not (Context.OWNED in told or _is_signature(one)):
        return False
    first, *others = one.text.split()
    return bool(others) and first[0].isupper() and others[-1][0].isupper() and is_name(one.text)


def _is_signature(one: Span) -> bool:
    """Whether the name is a line of its own, and not the first."""
    before, after = one.doc[: one.start], one.doc[one.end :]
    return bool(before) and "\n" in before[-1].text and (not after or "\n" in after[0].text)


def _may_be_a_name(words: str, lists: WordLists) -> bool:
    """Doubts about the model: what it takes for names in other languages, and in words that it has never seen."""
    if BLANK in words or "\n" in words or _FOREIGN.search(words) or is_public_figure(words):
        return False
    parts = [part for part in _LETTERS.findall(words) if len(part) > 1]
    if not parts or len(parts) > _MOST_WORDS or all(part.lower() in lists.common for part in parts):
        return False
    return words[0].isupper() or lists.has_name(parts[0])


def _may_be_an_address(one: Span, words: str) -> bool:
    long_enough = any(len(part) > 3 for part in _LETTERS.findall(words))
    return BLANK not in words and long_enough and any(map(str.isdigit, words)) and len(one) > 1
