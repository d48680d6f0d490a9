"""How long a text is on X: weighted characters, links at a flat rate.

The rules are those of X's twitter-text: the text is put into NFC; every link that X finds counts 23, with or
without ``http`` before it; of the rest each code point counts 1 or 2. Since version 3 of its configuration an emoji
counts 2, however many code points it takes. X knows all top-level domains and all emoji by list; here the lists are
short, and in doubt the larger count is taken: a reply that is refused for a few characters can be cut, one that X
refuses is lost.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Final

import regex

from triage.text.domains import COUNTRIES
from triage.text.links import Link, possible_links

MAX_WEIGHT: Final = 280
LINK_WEIGHT: Final = 23
#: X takes no longer private message.
MAX_PRIVATE_CHARACTERS: Final = 10_000

_EMOJI_WEIGHT: Final = 2
#: Characters that X takes in no post: a byte order mark and what is no character.
_REFUSED: Final = frozenset("\ufeff\ufffe\uffff")

#: Code points that count twice: all but those that X's configuration lists.
_HEAVY = regex.compile(r"[^\u0000-\u10ff\u2000-\u200d\u2010-\u201f\u2032-\u2037]")


@dataclass(frozen=True, slots=True)
class Counting:
    """A version of X's configuration: whether an emoji of several code points counts as one."""

    version: int
    emoji_whole: bool


#: X's rule until 2018, which its older conformance cases are for.
VERSION_2: Final = Counting(2, emoji_whole=False)
#: X's rule today.
VERSION_3: Final = Counting(3, emoji_whole=True)

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


def weighted_length(text: str, counting: Counting = VERSION_3) -> int:
    """Length of ``text`` as X counts it; never below, and above only where the module says so."""
    text = unicodedata.normalize("NFC", text)
    weight, end = 0, 0
    for link in possible_links(text):
        weight += _plain(text[end : link.start], counting) + _link_weight(link, counting)
        end = link.end
    return weight + _plain(text[end:], counting)


def fits(text: str) -> bool:
    """Whether X would take ``text`` as a post: neither empty nor too long, and no character that X refuses."""
    return 0 < weighted_length(text) <= MAX_WEIGHT and _REFUSED.isdisjoint(text)


def _link_weight(link: Link, counting: Counting) -> int:
    """At least what X makes of it: a link, no link, or a link to a part of the name with text beside it."""
    as_link = LINK_WEIGHT + _plain(link.beside, counting)
    return max(as_link, _plain(link.text, counting)) if link.doubtful else as_link


def _plain(text: str, counting: Counting) -> int:
    """Weight of a text in which there is no link."""
    whole = counting.emoji_whole and not (text.isascii() and "\u20e3" not in text)
    rest, emoji = _EMOJI.subn("", text) if whole else (text, 0)
    return emoji * _EMOJI_WEIGHT + len(rest) + len(_HEAVY.findall(rest))
