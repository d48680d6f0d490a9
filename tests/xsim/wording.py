"""What X makes of a text: its weighted length, the mentions and links in it, and how it is written in answers.

The rules are those of twitter-text with its configuration 3, written anew here: the product's own must have somebody
who disagrees with it.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Final

import regex
import tldextract

MAX_WEIGHT: Final = 280
LINK_WEIGHT: Final = 23
_LIGHT: Final = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))
_EMOJI = regex.compile(
    r"\p{RI}\p{RI}|[0-9#*]\ufe0f?\u20e3|"
    r"[\p{Emoji}--[0-9#*\p{RI}]](?:\p{Emoji_Modifier}|\ufe0f|[\U000e0020-\U000e007e]+\U000e007f)?"
    r"(?:\u200d[\p{Emoji}--[0-9#*\p{RI}]](?:\p{Emoji_Modifier}|\ufe0f)?)*",
    regex.VERSION1,
)
_MENTION = regex.compile(
    r"(?:(?<![A-Za-z0-9_!#$%&*@＠])|(?<=(?:^|[^A-Za-z0-9_])[rR][tT]:?))"
    r"[@＠]([A-Za-z0-9_]{1,20})(?![@＠A-Za-z0-9_\u00c0-\u024f]|://)"
)
_LATIN: Final = "a-zA-Z0-9\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f"
_BEFORE: Final = "(?<![A-Za-z0-9@＠$#＃])"
#: With ``http`` a host may be written in any letters, without it only in Latin ones.
_HOSTS: Final = rf"https?://(?P<any>[\p{{L}}\p{{M}}\p{{N}}\p{{So}}_.-]+)|(?<![-_./])(?P<latin>[{_LATIN}][{_LATIN}_.-]*)"
_LINK = regex.compile(f"{_BEFORE}(?:{_HOSTS})", regex.IGNORECASE)
_PATH_CHAR: Final = rf"[{_LATIN}\u0400-\u04ff!*';:=+,.$%#\[\]\-\u2013_~@|&/]"
_PATH_END: Final = rf"[{_LATIN}\u0400-\u04ff=_#/+\-]"
_BALANCED: Final = rf"\((?:{_PATH_CHAR}|\({_PATH_CHAR}+\))+\)"
_TAIL = regex.compile(
    rf"(?::[0-9]+)?(?:/(?:(?:{_PATH_CHAR}|{_BALANCED})*(?:{_PATH_END}|{_BALANCED}))?)?"
    r"(?:\?[a-z0-9!?*'@();:&=+$/%#\[\]\-_.,~|]*[a-z0-9\-_&=#/])?",
    regex.IGNORECASE,
)
_SHORTENED = regex.compile(r"https?://t\.co/([a-z0-9]+)", regex.IGNORECASE)
_LONGEST_SLUG: Final = 40
_LONGEST_LABEL: Final = 63


@dataclass(frozen=True, slots=True)
class Found:
    """A mention (``name``) or a link (``link``) in a text, by code points."""

    start: int
    end: int
    name: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Wording:
    """A text as X hands it out: escaped, with short links, and where in it what is.

    ``shown_from`` is where the words begin behind the names that a reply is given.
    """

    text: str
    shown_from: int
    mentions: tuple[Found, ...] = ()
    links: tuple[Found, ...] = ()
    long: Wording | None = field(default=None)


def weighted_length(text: str) -> int:
    """Length of a text as X counts it: 1 or 2 a code point, 2 an emoji, 23 a link."""
    text = unicodedata.normalize("NFC", text)
    weight, end = 0, 0
    for link in links(text):
        weight += _plain_weight(text[end : link.start]) + LINK_WEIGHT
        end = link.end
    return weight + _plain_weight(text[end:])


def fits(text: str) -> bool:
    """Whether X takes the text as a post."""
    return 0 < weighted_length(text) <= MAX_WEIGHT and not {"\ufffe", "\ufeff", "\uffff"} & set(text)


def links(text: str) -> Iterator[Found]:
    """Links with ``http`` or without, whose domain exists."""
    at = 0
    while "." in text and (match := _LINK.search(text, at)):
        group = "any" if match["any"] else "latin"
        host = _host(match[group], text[match.end() : match.end() + 1])
        if not host:
            at = match.end()
            continue
        end = _TAIL.match(text, match.start(group) + len(host)).end()
        if shortened := _SHORTENED.match(text[match.start() : end]):
            end = match.start() + shortened.end()
        if not shortened or len(shortened[1]) <= _LONGEST_SLUG:
            yield Found(match.start(), end, link=text[match.start() : end])
        at = end


def mentions(text: str) -> Iterator[Found]:
    if "@" in text or "＠" in text:
        for match in _MENTION.finditer(text):
            yield Found(match.start(), match.end(), name=match[1])


def word(raw: str, names: tuple[str, ...] = ()) -> Wording:
    """What X makes of a text typed as ``raw``, in a reply to people whose ``names`` it puts before it."""
    prefix = "".join(f"@{name} " for name in names)
    whole = _write(prefix + raw, len(prefix))
    if weighted_length(raw) <= MAX_WEIGHT:
        return whole
    cut = next(size for size in range(min(len(raw), MAX_WEIGHT), 0, -1) if weighted_length(raw[:size]) <= 250)
    short = _write(f"{prefix}{raw[:cut].rstrip()}… https://x.com/i/web/status/{_short(raw)}", len(prefix))
    return Wording(short.text, short.shown_from, short.mentions, short.links, whole)


def _write(raw: str, shown_from: int) -> Wording:
    found = sorted([*links(raw), *mentions(raw)], key=lambda each: each.start)
    text, at = "", 0
    named: list[Found] = []
    linked: list[Found] = []
    for each in found:
        if each.start < at:
            continue  # a name within a link
        text += _escape(raw[at : each.start])
        start = len(text)
        text += f"https://t.co/{_short(each.link)}" if each.link else raw[each.start : each.end]
        (linked if each.link else named).append(Found(start, len(text), each.name, each.link))
        at = each.end
    return Wording(text + _escape(raw[at:]), shown_from, tuple(named), tuple(linked))


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _short(link: str) -> str:
    return hashlib.sha1(link.encode(), usedforsecurity=False).hexdigest()[:10]


@cache
def _top_levels() -> frozenset[str]:
    """Top-level domains, from the list that tldextract brings; nothing is fetched."""
    suffixes = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None).tlds
    return frozenset(suffix.rpartition(".")[2] for suffix in suffixes)


def _host(run: str, after: str) -> str:
    """The longest beginning of a run of labels and dots that is a host; ``after`` is what comes behind the run."""
    labels = run.split(".")
    for count in range(len(labels), 1, -1):
        *names, last = labels[:count]
        behind = "." if count < len(labels) else after
        top = next((last[:size] for size in range(len(last), 0, -1) if _is_top(last, size, behind)), "")
        if top and all(_is_label(name) for name in names) and "_" not in names[-1]:
            return ".".join([*names, top])
    return ""


def _is_top(label: str, size: int, behind: str) -> bool:
    """Whether the first ``size`` letters of a label are a top-level domain that ends there."""
    following = label[size : size + 1] or behind
    ends = not (following.isascii() and following.isalnum()) and following not in ("@", "+", "-")
    return ends and label[:size].lower() in _top_levels()


def _is_label(name: str) -> bool:
    if not name or name[0] in "-_" or name[-1] in "-_" or (name.startswith("xn--") and not name.isascii()):
        return False
    return len(name) <= _LONGEST_LABEL if name.isascii() else len(name.encode("punycode")) + 4 <= _LONGEST_LABEL


def _plain_weight(text: str) -> int:
    if text.isascii() and "\u20e3" not in text:
        return len(text)
    emoji = sum(1 for _ in _EMOJI.finditer(text))
    rest: str = _EMOJI.sub("", text)
    return 2 * emoji + sum(1 if any(a <= ord(char) <= b for a, b in _LIGHT) else 2 for char in rest)
