"""Which of the people and addresses that a model sees are exposed personal data (labelling guide, head 4).

Two layers are kept apart: the model says that a name is a person's, this module whether that person is one
whom the text exposes. Staff and public figures are not; which of the two a person is, is told by the words
around (:mod:`triage.privacy.contexts`).

In a message to a brand names are mostly those of staff and of stars, so only a full name counts, and only where
something of a customer's is said to be theirs; so it is in another language, of which the model knows little. In
other texts a first name or a surname counts as well, unless it is staff's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from triage.privacy.addressee import has_handle, is_to_a_brand
from triage.privacy.contexts import Context, contexts, matcher_over, may_be_in, named
from triage.privacy.findings import Finding, Ground, any_of
from triage.privacy.hints import may_name
from triage.privacy.names import is_name
from triage.privacy.people import People, WordLists, entities_of
from triage.privacy.public_figures import is_public_figure
from triage.privacy.view import BLANK, folded
from triage.text.language import DEFAULT_LANGUAGE, identify

if TYPE_CHECKING:
    from spacy.matcher import Matcher
    from spacy.tokens import Doc, Span

_LETTERS: Final = re.compile(r"[^\W\d_]+")
#: Letters of other scripts, of which the model knows no names.
_FOREIGN: Final = re.compile(r"[^\x00-\u024f\u1e00-\u1eff‘’]")
_MOST_WORDS: Final = 5
#: What numbers are counted in that stand in no address.
_MEASURES: Final = any_of(
    "mbps gbps kbps mb gb km kms miles mph kg min mins minute minutes hour hours hrs day days week am pm"
)
#: An address of the model's takes the postcode in it along.
_GROUNDS: Final = {"PERSON": Ground.GUESSED, "STREET_ADDRESS": Ground.SHAPED}
_NO_CUSTOMER: Final = frozenset({Context.STAFF, Context.PUBLIC, Context.ELSE})


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

        The model reads only those that may name somebody who is exposed by it, all at once.
        """
        found: list[list[Finding]] = [[] for _ in texts]
        asked = [
            place
            for place, (text, view) in enumerate(zip(texts, views, strict=True))
            if may_name(view, self.people.words, has_handle(text)) and _may_expose(folded(text))
        ]
        docs = self.people.read([texts[place] for place in asked])
        for place, doc in zip(asked, docs, strict=True):
            found[place] += self._exposed(doc, views[place])
        return found

    def _exposed(self, doc: Doc, view: str) -> Iterator[Finding]:
        matches = self.matcher(doc)
        if not matches and not doc.ents:
            return
        around = contexts(doc, matches)
        strict = is_to_a_brand(doc.text) or _is_foreign(doc)
        for one in (*entities_of(doc), *named(doc, matches)):
            words = view[one.start_char : one.end_char]
            told = frozenset().union(*(around.get(token.i, ()) for token in one))
            if one.label_ == "PERSON":
                exposed = _may_be_a_name(one, words, self.people.words) and _counts(one, told, strict)
            else:
                exposed = _may_be_an_address(one, words) and (Context.LIVED in told or not strict)
            if exposed:
                yield Finding(one.start_char, one.end_char, one.label_, _GROUNDS[one.label_])


def _may_expose(text: str) -> bool:
    """Whether anybody whom ``text`` names can count: in a message to a brand (:func:`_counts`) only with certain words.

    It says no only where :meth:`Exposure._exposed` would find nothing, and takes a hundredth of its time.
    """
    if "\n" in text or not is_to_a_brand(text):
        return True
    lower = text.lower()
    lived = any(map(str.isdigit, lower)) and may_be_in(Context.LIVED, lower)
    return lived or may_be_in(Context.OWNED, lower)


def _is_foreign(doc: Doc) -> bool:
    """Whether what is around the entities is in another language; names would mislead."""
    around = "".join(token.text_with_ws for token in doc if not token.ent_type_)
    return identify(around) != DEFAULT_LANGUAGE


def _counts(one: Span, told: frozenset[Context], strict: bool) -> bool:
    if told & _NO_CUSTOMER:
        return False
    if not strict:
        return True
    if Context.WORK in told or not (Context.OWNED in told or _is_signature(one)):
        return False
    first, *others = one.text.split()
    return bool(others) and first[0].isupper() and others[-1][0].isupper() and is_name(one.text)


def _is_signature(one: Span) -> bool:
    """Whether the name is a line of its own, and not the first."""
    before, after = one.doc[: one.start], one.doc[one.end :]
    return bool(before) and "\n" in before[-1].text and (not after or "\n" in after[0].text)


def _may_be_a_name(one: Span, words: str, lists: WordLists) -> bool:
    """Doubts about the model: what it takes for names in other scripts, and in words that it has never seen."""
    if BLANK in words or "\n" in words or _FOREIGN.search(words) or is_public_figure(words):
        return False
    parts = [part for part in _LETTERS.findall(words) if len(part) > 1]
    if not parts or len(parts) > _MOST_WORDS or all(part.lower() in lists.common for part in parts):
        return False
    if len(parts) == 1 and parts[0].isupper() and not one.doc.text.isupper():
        return False  # a brand, or laughter
    return words[0].isupper() or parts[0] in lists.first


def _may_be_an_address(one: Span, words: str) -> bool:
    parts = _LETTERS.findall(words)
    if BLANK in words or not any(map(str.isdigit, words)) or not any(len(part) > 3 for part in parts):
        return False
    if any(part.lower() in _MEASURES for part in parts):
        return False
    return len(one) > 2 or (len(one) == 2 and words.lower() != words)
