"""Where a text has links, by the rules of X's twitter-text: with and without ``http`` before them.

X knows all top-level domains by list, and the list changes. Here the list is short: a name without ``http`` is a
link only if its domain is on it; behind ``http`` any name that could be a domain will do. What X may see in another
way says so (:attr:`Link.doubtful`), so that whoever measures can take the larger count.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import regex

from triage.text.domains import COUNTRIES, COUNTRIES_IN_OWN_SCRIPT, WELL_KNOWN

_MOST_LINK_CHARACTERS: Final = 4096
#: A host name's part may be this long, as it is written in the domain name system.
_MOST_LABEL_CHARACTERS: Final = 63

# The classes of characters are X's.
ACCENTED: Final = (
    r"\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u0253\u0254\u0256\u0257\u0259\u025b\u0263\u0268\u026f\u0272"
    r"\u0289\u028b\u02bb\u0300-\u036f\u1e00-\u1eff"
)
_CYRILLIC: Final = r"\u0400-\u04ff"
_NEVER: Final = r"\ufffe\ufeff\uffff"
_NOT_IN_HOST: Final = (
    r"!'#%&()*+,\\./:;<=>?@\[\]^{|}~$"
    r"\s\u0085\u180e\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069" + _NEVER
)
_INSIDE: Final = rf"[^{_NOT_IN_HOST}]"  # with - and _
_END: Final = rf"[^{_NOT_IN_HOST}_\-]"
_SUBDOMAIN: Final = rf"{_END}(?:{_INSIDE}{{0,61}}{_END})?\."
_DOMAIN: Final = rf"{_END}(?:[^{_NOT_IN_HOST}_]{{0,61}}{_END})?\."
_NOT_IN_LABEL: Final = r"[\x00-!#-_a-\x7f]"  # of ASCII; letters are, but they would begin the name themselves
_LATIN_LABEL: Final = rf"[a-z0-9{ACCENTED}](?:[a-z0-9{ACCENTED}\-]{{0,61}}[a-z0-9{ACCENTED}])?\."
_AFTER: Final = r"(?![0-9a-z@+\-])"
_NAMES: Final = sorted(WELL_KNOWN | COUNTRIES | COUNTRIES_IN_OWN_SCRIPT, key=len, reverse=True)
_SURE: Final = rf"(?:(?:{'|'.join(_NAMES)}){_AFTER}|xn--[\-0-9a-z]{{1,59}}(?![\-0-9a-z]))"
#: Whole names only: ``john.doe`` in an address is no link.
_PERHAPS: Final = rf"(?P<perhaps>\p{{L}}[\p{{L}}\p{{M}}]{{1,62}}){_AFTER}(?!\.[a-z0-9])"

_IN_PATH: Final = rf"[a-z0-9{_CYRILLIC}{ACCENTED}!*';:=+,.$/%#\[\]\-\u2013_~@|&]"
_ENDS_PATH: Final = rf"[a-z0-9{_CYRILLIC}{ACCENTED}=_#/+\-]"
_PARENTHESES: Final = rf"\((?:{_IN_PATH}+(?:\({_IN_PATH}+\){_IN_PATH}*)?|\({_IN_PATH}+\){_IN_PATH}*)\)"
_PATH: Final = rf"/(?:(?:{_IN_PATH}|{_PARENTHESES})*(?:{_ENDS_PATH}|{_PARENTHESES}))?"
_QUERY: Final = r"\?[a-z0-9!?*'@();:&=+$/%#\[\]\-_.,~|]*[a-z0-9\-_&=#/]"

_LINK = regex.compile(
    rf"(?<![a-z0-9@＠$#＃{_NEVER}])"
    rf"(?:https?://t\.co/[a-z0-9]{{1,40}}(?![a-z0-9])(?:{_QUERY})?"
    rf"|https?://(?!t\.co/[a-z0-9])(?P<host>(?:{_SUBDOMAIN})*{_DOMAIN}{_SURE}|(?:{_SUBDOMAIN})*{_DOMAIN}{_PERHAPS})"
    rf"(?::[0-9]+)?"
    rf"(?:{_PATH})?(?:{_QUERY})?"
    # Without http: not within a path or an address, and in Latin letters.
    # Behind an underscore only as the end of a subdomain: X allows it there alone.
    rf"|(?<!/|(?:^|{_NOT_IN_LABEL})[.\-_])(?:(?<!_)|(?<=_)(?=[^.\s]{{1,63}}\.[^.\s]{{1,63}}\.))(?:(?<=(?P<glued>{_INSIDE}|\.)))?"
    rf"(?P<name>(?:{_LATIN_LABEL})+{_SURE}|(?:{_LATIN_LABEL})+{_PERHAPS})(?:(?::[0-9]+)?{_PATH}(?:{_QUERY})?)?)",
    regex.IGNORECASE,
)
_SIGN = regex.compile(r"[^\p{L}\p{M}\p{N}\-_.]")


@dataclass(frozen=True, slots=True)
class Link:
    """Something that X may turn into a link: ``text[start:end]``, in characters.

    ``doubtful``: X may see no link here, since the domain is unknown, the name goes on before it, or has signs in
    it. ``beside``: the part of it that X may leave out of the link. ``plain``: it is a link to readers, too, as
    ``bag.please`` is not, which rather is a full stop without a space.
    """

    text: str
    start: int
    end: int
    has_scheme: bool
    plain: bool
    doubtful: bool
    beside: str


def links(text: str) -> list[Link]:
    """The links of ``text``, in order, as X finds them; but for domains, see the module."""
    return [link for link in possible_links(text) if link.plain]


def possible_links(text: str) -> Iterator[Link]:
    """All that may be a link, also where X would have to know a domain that is not known here."""
    for found in _LINK.finditer(text):
        if _could_be_opened(found):
            yield Link(
                text=found[0],
                start=found.start(),
                end=found.end(),
                has_scheme=found["name"] is None,
                plain=found["perhaps"] is None or (found["name"] is None and text[found.end("perhaps") :][:1] != "_"),
                doubtful=bool(found["perhaps"] or found["glued"] or _SIGN.search(found["host"] or "")),
                beside=_beside(found),
            )


def _beside(link: regex.Match[str]) -> str:
    if link["perhaps"] and not link["perhaps"].isascii():  # the beginning of 中国人 may be a domain
        return str(link[0][link.start("perhaps") - link.start() :])
    labels = str(link["name"] or "").rpartition(".")[0]
    return "" if labels.isascii() else labels  # without http, a name may begin behind an accented letter


def _could_be_opened(found: regex.Match[str]) -> bool:
    """Whether its host could be looked up, and X would store it."""
    labels = (found["host"] or "").split(".")
    return len(found[0]) <= _MOST_LINK_CHARACTERS and all(map(_can_be_looked_up, labels))


def _can_be_looked_up(label: str) -> bool:
    if label.isascii():
        return len(label) <= _MOST_LABEL_CHARACTERS
    encoded = "xn--" + label.lower().encode("punycode").decode("ascii")
    return len(encoded) <= _MOST_LABEL_CHARACTERS and not label.lower().startswith("xn--")
