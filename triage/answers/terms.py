"""The terms of a message: its words, the n-grams it is compared by, and the words that carry content."""

from __future__ import annotations

import itertools
import re
from typing import Final

from triage.text.normalise import HANDLE, LINK, normalise

_WORD = re.compile(r"[^\W_]+")
_SUFFIX = re.compile(r"(?<=...)(?:ations?|ments?|ings?|ied|ies|ed|es|ly|(?<!s)s)$")
_SHORTEST_STEM: Final = 3
_LONGEST_STEM: Final = 6
_SHORTEST_GRAM: Final = 3
_LONGEST_GRAM: Final = 5

_FUNCTION_WORDS: Final = """
a about above actually after again all allow allowed already also always am an and another any anybody anyone
anything are arent as ask asking at aware away back be because been before being best between both but by bit can
cannot cant come could couldnt cuz day days dear did didnt different do does doesnt doing dont done each either else
ever every everyone everything exactly far few find first folks for from further get gets getting give go goes going
gonna good got great guys had hadnt happen happens has hasnt have havent having he hello help her here hers hey hi
him his hiya how however hows i id idea if ill im in info information instead into is isnt it its itself ive just
keep kind kindly know known lemme let lets like ll long lot love make makes making many may maybe me mean might mine
more morning most much must my myself n need needed needing needs never new nice no nope nor not now of off ok okay
on once one ones only or other otherwise our ours out over own per perhaps please pls plz possible possibly pretty
probably put quick quickly quite r re really right said same say says see seem seems shall she should shouldnt
simply since so some somebody someone something sometimes soon sorry still stuff such sure take takes taking tell
than thank thanks that thats the their theirs them then there theres these they theyre thing things think thinking
this those though thought thx time times to too tried try trying two u under until up upon ur us use used using
usually ve very via wanna want wanted wanting wants was wasnt way we well went were werent weve what whatever whats
when whenever where wheres whether which while who whom whos whose why will willing wish with within without wonder
wondering wont work works would wouldnt ya yall yeah yes yet you youd your youre yours yourself youve yo
"""
#: Words that say how something is said, not what about: grammar, courtesy, asking.
FUNCTION_WORDS: Final = frozenset(_FUNCTION_WORDS.split())

_NEGATIONS: Final = """
arent cannot cant couldnt didnt doesnt dont hadnt hasnt havent isnt never no nobody none nor not nothing shouldnt stop
stopped wasnt werent without wont wouldnt
"""
#: Words that turn what is said into its opposite.
NEGATIONS: Final = frozenset(_NEGATIONS.split())


def plain(text: str) -> str:
    """``text`` in lower case, without what every message has: handles, links, the marks of tags and apostrophes."""
    text = normalise(text).replace(HANDLE, " ").replace(LINK, " ")
    return " ".join(text.lower().replace("'", "").replace("#", " ").split())


def words(plain_text: str) -> list[str]:
    """The words of a :func:`plain` text, in order."""
    return _WORD.findall(plain_text)


def word_grams(of: list[str]) -> list[str]:
    """Words and pairs of neighbours; every gram ends in a mark that keeps it apart from character grams."""
    return [f"{word}|" for word in of] + [f"{first} {second}|" for first, second in itertools.pairwise(of)]


def character_grams(of: list[str]) -> list[str]:
    """Runs of 3 to 5 characters inside each word, its ends marked by spaces: what survives a typing error."""
    grams = []
    for word in of:
        padded = f" {word} "
        for size in range(_SHORTEST_GRAM, _LONGEST_GRAM + 1):
            if len(padded) <= size:
                grams.append(padded)
                break
            grams += [padded[start : start + size] for start in range(len(padded) - size + 1)]
    return grams


def stem(word: str) -> str:
    """A rough stem that brings together "book", "books", "booking"; made for comparing, not for reading."""
    cut = _SUFFIX.sub("", word)
    bare = cut.rstrip("eiy")
    if len(bare) >= _SHORTEST_STEM:
        cut = bare
    return cut[:_LONGEST_STEM]


def negates(of: list[str]) -> bool:
    return not NEGATIONS.isdisjoint(of)


def content_stems(of: list[str]) -> list[str]:
    """Stems of the words that carry content, each once, in order."""
    return list(dict.fromkeys(stem(word) for word in of if word not in FUNCTION_WORDS))
