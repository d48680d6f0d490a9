"""What the words around a name say of whose it is, as patterns over the tokens of a model's document."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.matcher import Matcher
    from spacy.tokens import Doc, Span

Pattern = list[dict[str, Any]]
#: What a matcher found: the number of a context's name, and the first token and the one behind the last.
Matches = Sequence[tuple[int, int, int]]


class Context(StrEnum):
    """Where a name stands."""

    STAFF = "staff"  # thanked, spoken to, named by their work for a brand
    PUBLIC = "public"  # with an office, or something of theirs that one buys, sees or hears
    WORK = "work"  # somebody's work is named, and they may be anyone
    NAMED = "named"  # no entity to the model, but the last word after a title or a relation is a name
    ELSE = "else"  # a firm or a place, whatever it is called
    OWNED = "owned"  # an account, a parcel, a contract is theirs
    LIVED = "lived"  # somebody lives there, or is sent something there


def _word(words: str, times: str = "{1}") -> dict[str, Any]:
    return {"LOWER": {"IN": words.split()}, "OP": times}


_PERSON: Final[dict[str, Any]] = {"ENT_TYPE": "PERSON", "OP": "+"}
_BETWEEN: Final = _word("you u so much very to , ! : the a an your ur our lady guy man woman girl named called", "*")
_ADDRESS: Final[dict[str, Any]] = {"ENT_TYPE": "STREET_ADDRESS", "OP": "+"}
_NEAR: Final = {"ENT_TYPE": "", "IS_SPACE": False, "LOWER": {"NOT_IN": [".", "!", "?"]}, "OP": "{0,3}"}
_POSTS: Final = (
    "agent agents rep reps representative attendant operator manager supervisor advisor adviser assistant colleague"
    " steward stewardess pilot captain clerk cashier technician engineer driver courier waiter waitress server barista"
    " staff employee crew member postie postman bot chatbot bloke lady"
)
_PLACES: Final = (
    "desk counter gate till chat branch store shop restaurant depot office collections billing sales support bakery"
    " team accounts department dept kiosk telephone desk reception checkout kitchen bar station phone phones line"
    " live dm dms"
)
_OWNED_THINGS: Final = (
    "name names account acct username user login profile fb facebook booking reservation booked parcel package"
    " passenger policy contract bill letter letters invoice cheque refund patient tenant guest holder registered"
    " addressed signed under belongs belonging behalf beneficiary mail email"
)

#: What makes each context: one of these over the tokens of a document.
PATTERNS: Final[dict[Context, Sequence[Pattern]]] = {
    Context.STAFF: (
        [_word("thanks thank thx ty cheers kudos shoutout props grateful appreciate"), _BETWEEN, _PERSON],
        [_word("shout hats"), _word("out off"), _BETWEEN, _PERSON],
        [_word(_POSTS), _word("named called name is was , : - ' \" by", "*"), _PERSON],
        [_word("your ur"), _PERSON],
        [
            _word("spoke speaking talked chatted spoken talking chatting dealt dealing"),
            _word("to with"),
            _BETWEEN,
            _PERSON,
        ],
        [_word("helped served assisted"), _word("by"), _BETWEEN, _PERSON],
        [_word("called named"), _word("' \" “", "?"), _PERSON, _word("' \" ”", "?"), _word("who that now told at in")],
        [_PERSON, _word("helped assisted served hung"), _word("me us up you")],
        [_PERSON, _word("( ,", "?"), _word("from at in on"), _word("your ur the customer", "?"), _word(_PLACES)],
        [
            _PERSON,
            _word("from at in on"),
            _word("your ur the customer"),
            {"OP": "{0,2}", "IS_PUNCT": False},
            _word(_PLACES),
        ],
        [
            _PERSON,
            _word("you he she they", "?"),
            _word("is are was were 're 's ’s"),
            _word("a an such so the absolutely really very", "*"),
            _word(
                "star legend hero gem angel brilliant amazing great lovely rude fantastic fab helpful superb best"
                " credit"
            ),
        ],
        [_word("star legend hero gem angel"), _word(",", "?"), _PERSON],
        [_word("^ ~"), _PERSON],
    ),
    Context.PUBLIC: (
        [
            _word(
                "president minister senator mayor governor ceo cfo cto chairman founder coach actor actress singer"
                " author king queen prince princess pope chancellor congressman congresswoman rapper comedian director"
            ),
            _word(", : -", "*"),
            _word("mr mr. mrs mrs. ms ms. dr dr.", "?"),
            _PERSON,
        ],
        [
            _PERSON,
            _word("'s ’s '", "?"),
            _word("new latest last first old", "?"),
            _word(
                "album albums song songs single movie movies film films book books jersey jerseys shirt concert tour"
                " tickets show game playlist music podcast poster mixtape special comic collection"
            ),
        ],
    ),
    Context.WORK: (
        [_PERSON, _word("fan fans")],
        [
            _word("album song single movie film book jersey concert tour tickets show music playlist by with"),
            _word("by of from to for see , : -", "*"),
            _PERSON,
        ],
        [
            _word("starring stars featuring feat ft feat. ft. vs voiced played directed produced playing"),
            _BETWEEN,
            _PERSON,
        ],
    ),
    Context.NAMED: (
        [_word("mr mr. mrs mrs. ms ms. miss"), {"IS_TITLE": True, "ENT_TYPE": ""}],
        [
            _word("my our his her"),
            _word("kid son daughter child husband wife partner brother sister mum mom dad father mother niece nephew"),
            {"IS_TITLE": True, "ENT_TYPE": ""},
        ],
    ),
    Context.ELSE: (
        [_word("work works worked working employed"), _word("for at in"), _PERSON],
        [
            _PERSON,
            _word("is was"),
            _word("a an"),
            {"OP": "{0,2}", "IS_PUNCT": False},
            _word(
                "agency company firm bank charity startup business bakery shop supplier brand band town city village"
            ),
        ],
        [_PERSON, _word("ltd inc inc. llc plc gmbh corp group partners invested")],
        [_word("in near outside around via based"), _PERSON],
        [
            _word(
                "come coming travel travelling traveling travelled fly flying flew go going went move moved drive drove"
            ),
            _word("here back over", "?"),
            _word("to from"),
            _PERSON,
        ],
    ),
    Context.OWNED: (
        [_word(_OWNED_THINGS), _NEAR, _PERSON],
        [
            _PERSON,
            _word("'s ’s"),
            _word("new old other", "?"),
            _word(
                "account name parcel package order profile bill policy booking ticket address flat house phone number"
            ),
        ],
        [_PERSON, _word("lives lived paid signed owns born moved")],
        [_PERSON, _word("is was"), _word("my our")],
    ),
    Context.LIVED: (
        [
            _word(
                "address live lives living lived deliver ship shipped send sent move moved moving home house flat i'm"
                " im located office offices restaurant corner drops drop stop stops"
            ),
            _NEAR,
            _ADDRESS,
        ],
        [_ADDRESS, _word("is was"), _word("my our")],
    ),
}


def matcher_over(language: Language) -> Matcher:
    """All patterns, over the words of ``language``."""
    from spacy.matcher import Matcher

    matcher = Matcher(language.vocab)
    for context, patterns in PATTERNS.items():
        matcher.add(context.value, list(patterns))
    return matcher


def contexts(doc: Doc, matches: Matches) -> dict[int, set[Context]]:
    """The contexts of each token of ``doc`` that is in one; ``matches`` are what :func:`matcher_over` gives."""
    found: dict[int, set[Context]] = {}
    for key, start, end in matches:
        for place in range(start, end):
            found.setdefault(place, set()).add(Context(doc.vocab.strings[key]))
    return found


def named(doc: Doc, matches: Matches) -> Iterator[Span]:
    """Words that are names by what is before them, where the model saw none."""
    from spacy.tokens import Span

    for key, _, end in matches:
        if doc.vocab.strings[key] == Context.NAMED:
            yield Span(doc, end - 1, end, label="PERSON")


def may_be_in(context: Context, lower: str) -> bool:
    """Whether a text in small letters has the words without which nothing in it is in ``context``.

    It takes no tokens, and finds the words inside others too: a cheap look, which never misses one.
    """
    return any(all(needed.search(lower) for needed in runs) for runs in _needed(context))


@cache
def _needed(context: Context) -> list[list[re.Pattern[str]]]:
    return [_runs(pattern) for pattern in PATTERNS[context]]


def _runs(pattern: Pattern) -> list[re.Pattern[str]]:
    """The words that a pattern cannot do without; those of tokens side by side stand with one space between at most."""
    runs: list[list[str]] = [[]]
    for token in pattern:
        words = token.get("LOWER", {}).get("IN")
        if words and token["OP"] == "{1}":
            runs[-1].append(f"(?:{'|'.join(map(re.escape, words))})")
        else:
            runs.append([])
    return [re.compile(" ?".join(run)) for run in runs if run]
