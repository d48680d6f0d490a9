"""Small changes to a message that change nothing of what it means.

Each takes the text, the marked items in it and a source of chance, and gives the changed text, or ``None`` where
there is nothing to change. Handles, links and marked items are left alone unless they are what is changed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import numpy as np

from triage.domain.scores import Span

Chance = np.random.Generator
Change = Callable[[str, Sequence[Span], Chance], str | None]

#: First names that are hardly ever words, to find and to put in.
FIRST_NAMES: Final = (
    "Aaron", "Abby", "Adam", "Adrian", "Ahmed", "Aisha", "Alan", "Alex", "Alice", "Alicia", "Amanda", "Amy", "Andrea",
    "Andrew", "Andy", "Angela", "Anita", "Anna", "Anne", "Anthony", "Ashley", "Barbara", "Becky", "Ben", "Beth",
    "Brandon", "Brenda", "Brian", "Carla", "Carlos", "Carol", "Caroline", "Cathy", "Charlotte", "Chloe", "Chris",
    "Christina", "Cindy", "Claire", "Daniel", "Danielle", "Dave", "David", "Deborah", "Denise", "Diana", "Diane",
    "Donna", "Doris", "Edward", "Elena", "Elizabeth", "Ellen", "Emily", "Emma", "Eric", "Erica", "Erin", "Fatima",
    "Fiona", "Gary", "George", "Greg", "Hannah", "Heather", "Helen", "Henry", "Imran", "Ivan", "Jackie", "Jacob",
    "James", "Jamie", "Jane", "Janet", "Jason", "Jeff", "Jen", "Jennifer", "Jenny", "Jessica", "Joanna", "Joe",
    "John", "Jonathan", "Jose", "Joseph", "Joshua", "Juan", "Julia", "Julie", "Karen", "Kate", "Katie", "Keith",
    "Kelly", "Kenneth", "Kevin", "Kim", "Kyle", "Laura", "Lauren", "Leah", "Liam", "Linda", "Lisa", "Louise", "Lucas",
    "Lucy", "Luis", "Maggie", "Marco", "Marcus", "Margaret", "Maria", "Marie", "Martin", "Mary", "Matt", "Matthew",
    "Megan", "Melissa", "Michael", "Michelle", "Mike", "Mohammed", "Monica", "Nadia", "Nancy", "Natalie", "Nathan",
    "Nicole", "Nina", "Oliver", "Olivia", "Omar", "Oscar", "Pam", "Patricia", "Paul", "Paula", "Peter", "Phil",
    "Priya", "Rachel", "Rebecca", "Renee", "Richard", "Robert", "Ronald", "Ruth", "Ryan", "Sam", "Samantha", "Sandra",
    "Sara", "Sarah", "Scott", "Sean", "Sharon", "Simon", "Sofia", "Sophie", "Stephanie", "Stephen", "Steve", "Steven",
    "Susan", "Tanya", "Teresa", "Theresa", "Thomas", "Tiffany", "Tim", "Tina", "Todd", "Tom", "Tony", "Tracy",
    "Vanessa", "Vicky", "Wei", "Wendy", "William", "Yusuf", "Yvonne", "Zoe",
)  # fmt: skip

_HANDLE: Final = re.compile(r"(?<![\w@])@\w{1,30}\b(?!@|\.\w)")
_LINK: Final = re.compile(r"https?://\S+")
_KEPT: Final = re.compile(f"{_HANDLE.pattern}|{_LINK.pattern}|\\S*@\\S+|#\\w+")
_WORD: Final = re.compile(r"(?<![\w'’&-])[A-Za-z]+(?![\w'’-])")
_NAME: Final = re.compile(r"\b[A-Z][a-z]+\b")
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz0123456789"
#: Nobody draws these out.
_SHORT: Final = frozenset({"a", "i", "the", "be", "he", "she", "we", "me", "are", "there", "these", "were", "to"})
_HELD: Final = 3


def other_handle(text: str, _: Sequence[Span], chance: Chance) -> str | None:
    """Another account in place of one that is named, wherever it is named; a number half of the time."""
    found = sorted(set(_HANDLE.findall(text)))
    if not found:
        return None
    old = found[int(chance.integers(len(found)))]
    new = f"@{chance.integers(100_000, 1_000_000)}" if chance.random() < 0.5 else f"@{_letters(chance, 9)}Care"
    return _HANDLE.sub(lambda match: new if match.group() == old else match.group(), text)


def other_link(text: str, _: Sequence[Span], chance: Chance) -> str | None:
    """Another link in place of the first."""
    return _LINK.sub(f"https://t.co/{_letters(chance, 10)}", text, count=1) if _LINK.search(text) else None


def other_name(text: str, spans: Sequence[Span], chance: Chance) -> str | None:
    """Another first name in place of one: that of a marked person, else one of :data:`FIRST_NAMES`."""
    old = _first_name(text, spans)
    if old is None:
        return None
    others = [name for name in FIRST_NAMES if name != old]
    return re.sub(rf"\b{old}\b", others[int(chance.integers(len(others)))], text)


def lower_case(text: str, _: Sequence[Span], __: Chance) -> str | None:
    """No capitals but in links, whose capitals count."""
    return _unless_same(text, "".join(part if link else part.lower() for part, link in _links_apart(text)))


def capital_first(text: str, spans: Sequence[Span], _: Chance) -> str | None:
    """A capital at the beginning of the first word."""
    words = _words(text, spans, at_least=1)
    if not words:
        return None
    start = words[0].start()
    return _unless_same(text, text[:start] + text[start].upper() + text[start + 1 :])


def typo(text: str, spans: Sequence[Span], chance: Chance) -> str | None:
    """One inner letter of one word of four letters or more is left out, doubled, or changes place with the next."""
    words = _words(text, spans, at_least=4)
    if not words:
        return None
    word = words[int(chance.integers(len(words)))]
    place = word.start() + int(chance.integers(1, len(word.group()) - 2))
    letter, after = text[place], text[place + 1]
    wrong = ("" + after, letter + letter + after, after + letter)[int(chance.integers(3))]
    return _unless_same(text, text[:place] + wrong + text[place + 2 :])


def elongation(text: str, spans: Sequence[Span], chance: Chance) -> str | None:
    """The vowel at the end of one word is drawn out: "sooo"."""
    words = [
        word
        for word in _words(text, spans, at_least=2)
        if word.group()[-1] in "aeiouy" and word.group().lower() not in _SHORT
    ]
    if not words:
        return None
    end = words[int(chance.integers(len(words)))].end()
    return text[:end] + text[end - 1] * (_HELD - 1) + text[end:]


#: Each kind of change by its name in the table.
CHANGES: Final[Mapping[str, Change]] = {
    "another handle": other_handle,
    "another link": other_link,
    "another first name": other_name,
    "lower case": lower_case,
    "a capital at the beginning": capital_first,
    "a typo": typo,
    "an elongation": elongation,
}


def _first_name(text: str, spans: Sequence[Span]) -> str | None:
    for span in spans:
        marked = _NAME.search(text[span.start : span.end]) if span.type == "PERSON" else None
        if marked:
            return marked.group()
    return next((word.group() for word in _words(text, (), at_least=2) if word.group() in FIRST_NAMES), None)


def _words(text: str, spans: Sequence[Span], *, at_least: int) -> list[re.Match[str]]:
    """The plain words outside of handles, links, addresses, tags and marked items."""
    kept = [match.span() for match in _KEPT.finditer(text)] + [(span.start, span.end) for span in spans]
    return [
        word
        for word in _WORD.finditer(text)
        if len(word.group()) >= at_least and all(word.end() <= start or word.start() >= end for start, end in kept)
    ]


def _links_apart(text: str) -> list[tuple[str, bool]]:
    """The parts of ``text``, and whether each is a link."""
    parts, end = [], 0
    for link in _LINK.finditer(text):
        parts += [(text[end : link.start()], False), (link.group(), True)]
        end = link.end()
    return [*parts, (text[end:], False)]


def _letters(chance: Chance, count: int) -> str:
    return "".join(_LETTERS[place] for place in chance.integers(0, len(_LETTERS), count))


def _unless_same(text: str, changed: str) -> str | None:
    return None if changed == text else changed
