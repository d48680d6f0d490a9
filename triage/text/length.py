"""How long a text is on X: weighted characters, links at a flat rate.

The rules are those of X's twitter-text, configuration version 3: the text is put into NFC; every link
that X finds counts 23, with or without ``http`` before it; an emoji counts 2, however many code points it
takes; of the rest each code point counts 1 or 2. X knows all top-level domains and all emoji by list;
here the lists are short, and in doubt the larger count is taken: a reply that is refused for a few
characters can be cut, one that X refuses is lost.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Final

import regex

from triage.text.domains import COUNTRIES, COUNTRIES_IN_OWN_SCRIPT, WELL_KNOWN

MAX_WEIGHT: Final = 280
LINK_WEIGHT: Final = 23

_EMOJI_WEIGHT: Final = 2
_MOST_LINK_CHARACTERS: Final = 4096
#: A host name's part may be this long, as it is written in the domain name system.
_MOST_LABEL_CHARACTERS: Final = 63

#: Code points that count twice: all but those that X's configuration lists.
_HEAVY = regex.compile(r"[^\u0000-\u10ff\u2000-\u200d\u2010-\u201f\u2032-\u2037]")

# --- Links. The classes of characters are X's.
_ACCENTED: Final = (
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
_LATIN_LABEL: Final = rf"[a-z0-9{_ACCENTED}](?:[a-z0-9{_ACCENTED}\-]{{0,61}}[a-z0-9{_ACCENTED}])?\."
_AFTER: Final = r"(?![0-9a-z@+\-])"
_NAMES: Final = sorted(WELL_KNOWN | COUNTRIES | COUNTRIES_IN_OWN_SCRIPT, key=len, reverse=True)
_SURE: Final = rf"(?:(?:{'|'.join(_NAMES)}){_AFTER}|xn--[\-0-9a-z]{{1,59}}(?![\-0-9a-z]))"
#: Whole names only: ``john.doe`` in an address is no link.
_PERHAPS: Final = rf"(?P<perhaps>\p{{L}}[\p{{L}}\p{{M}}]{{1,62}}){_AFTER}(?!\.[a-z0-9])"

_IN_PATH: Final = rf"[a-z0-9{_CYRILLIC}{_ACCENTED}!*';:=+,.$/%#\[\]\-\u2013_~@|&]"
_ENDS_PATH: Final = rf"[a-z0-9{_CYRILLIC}{_ACCENTED}=_#/+\-]"
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
    rf"|(?<!/|(?:^|{_NOT_IN_LABEL})[.\-])(?:(?<=(?P<glued>{_INSIDE}|\.)))?"
    rf"(?P<name>(?:{_LATIN_LABEL})+{_SURE}|(?:{_LATIN_LABEL})+{_PERHAPS})(?:(?::[0-9]+)?{_PATH}(?:{_QUERY})?)?)",
    regex.IGNORECASE,
)
_SIGN = regex.compile(r"[^\p{L}\p{M}\p{N}\-_.]")

# --- Emoji that are written with several code points (Emoji 12; X counts later ones part by part).
_ADULT: Final = "[👨👩🧑]"
_SKIN: Final = r"\p{Emoji_Modifier}?"
_WORK: Final = "(?:[⚕⚖✈]\ufe0f?|[🌾🍳🍼🎄🎓🎤🎨🏫🏭💻💼🔧🔬🚀🚒🦯🦼🦽🦰🦱🦲🦳])"
_OF_TWO_SEXES: Final = (
    "[⛹🏃🏄🏊🏋🏌👮👯👰👱👳👷💁💂💆💇🕵🙅🙆🙇🙋🙍🙎🚣🚴🚵🚶🤦🤵🤷🤸🤹🤼🤽🤾🦸🦹🧍🧎🧏🧖🧗🧘🧙🧚🧛🧜🧝🧞🧟]"
)
_FLAGS: Final = "|".join(
    "".join(chr(ord(letter) - ord("a") + 0x1F1E6) for letter in country) for country in sorted(COUNTRIES - {"uk", "su"})
)
_EMOJI = regex.compile(
    "|".join(
        (
            f"{_ADULT}{_SKIN}\u200d🤝\u200d{_ADULT}{_SKIN}",
            "[👨👩]\u200d❤\ufe0f?\u200d(?:💋\u200d)?[👨👩]",
            "[👨👩]\u200d(?:[👨👩]\u200d)?(?:👧\u200d[👧👦]|👦\u200d👦|[👧👦])",
            f"{_ADULT}{_SKIN}\u200d{_WORK}",
            f"(?:[⛹🏋🏌🕵]\ufe0f|{_OF_TWO_SEXES}{_SKIN})\u200d[♀♂]\ufe0f?",
            "🏳\ufe0f?\u200d(?:🌈|⚧\ufe0f?)|🏴\u200d☠\ufe0f?|👁\ufe0f?\u200d🗨\ufe0f?|🐕\u200d🦺|🐈\u200d⬛|🐻\u200d❄\ufe0f?",
            "🏴\U000e0067\U000e0062(?:\U000e0065\U000e006e\U000e0067|\U000e0073\U000e0063\U000e0074|"
            "\U000e0077\U000e006c\U000e0073)\U000e007f",
            _FLAGS,
            "[0-9#*]\ufe0f?\u20e3",
            r"[\p{Emoji_Modifier_Base}--[👯🤝🤼]]\p{Emoji_Modifier}",
            r"\p{Emoji_Presentation}|[\p{Emoji}--[0-9#*]]\ufe0f?",
        )
    ),
    regex.VERSION1,
)


def weighted_length(text: str) -> int:
    """Length of ``text`` as X counts it; never below, and above only where the module says so."""
    text = unicodedata.normalize("NFC", text)
    weight, end = 0, 0
    for start, stop, link in _links(text):
        weight += _plain(text[end:start]) + link
        end = stop
    return weight + _plain(text[end:])


def _links(text: str) -> Iterator[tuple[int, int, int]]:
    """``start, end, weight`` of every link."""
    for found in _LINK.finditer(text):
        if _is_link(found):
            yield found.start(), found.end(), _link_weight(found)


def _link_weight(link: regex.Match[str]) -> int:
    """At least what X makes of it: a link, no link, or a link to a part of the name with text beside it."""
    beside = _beside(link)
    return max(LINK_WEIGHT + beside, _plain(link[0]) if _is_doubtful(link) else 0)


def _is_doubtful(link: regex.Match[str]) -> bool:
    """Whether X may see no link at all: an unknown domain, a name that goes on before it, signs in the name."""
    return bool(link["perhaps"] or link["glued"] or _SIGN.search(link["host"] or ""))


def _beside(link: regex.Match[str]) -> int:
    """Weight of what X may leave out of the link."""
    if link["perhaps"] and not link["perhaps"].isascii():  # the beginning of 中国人 may be a domain
        return _plain(link[0][link.start("perhaps") - link.start() :])
    labels = (link["name"] or "").rpartition(".")[0]
    return 0 if labels.isascii() else len(labels)  # without http, a name may begin behind an accented letter


def _is_link(found: regex.Match[str]) -> bool:
    """Whether its host could be looked up, and X would store it."""
    labels = (found["host"] or "").split(".")
    return len(found[0]) <= _MOST_LINK_CHARACTERS and all(map(_can_be_looked_up, labels))


def _can_be_looked_up(label: str) -> bool:
    if label.isascii():
        return len(label) <= _MOST_LABEL_CHARACTERS
    encoded = "xn--" + label.lower().encode("punycode").decode("ascii")
    return len(encoded) <= _MOST_LABEL_CHARACTERS and not label.lower().startswith("xn--")


def _plain(text: str) -> int:
    """Weight of a text in which there is no link."""
    rest, emoji = (text, 0) if text.isascii() and "\u20e3" not in text else _EMOJI.subn("", text)
    return emoji * _EMOJI_WEIGHT + len(rest) + len(_HEAVY.findall(rest))
