"""Asking a customer to go on in a private message: the brand's words, and a link that keeps the case's id."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final
from urllib.parse import parse_qsl, quote, urlsplit, urlunsplit

from triage.errors import ConfigurationError
from triage.text.length import MAX_WEIGHT, weighted_length
from triage.text.links import possible_links

#: Stands in for a case's id where lengths are checked; a link counts the same whatever its length.
_SOME_CASE: Final = 1_000_000
_BESIDE_HOST: Final = re.compile(r"^(?:www|mobile)\.")


@dataclass(frozen=True, slots=True)
class PrivateMessages:
    """How a brand moves a customer to a private message.

    ``link`` opens a message to the brand. ``texts`` are phrasings of the request, ``delete`` of the advice
    to take down a post that shows what could be misused. X refuses a text that repeats a recent one, so
    several of each are better. ``automatic`` lets the service ask by itself.
    """

    link: str = ""
    texts: tuple[str, ...] = ()
    delete: tuple[str, ...] = ()
    automatic: bool = False

    @property
    def offered(self) -> bool:
        """Whether the brand has a private message to move to, and words for it."""
        return bool(self.link and self.texts)

    def check(self, signature: str) -> None:
        """Make sure that every text that could ever be composed fits.

        Raises:
            ConfigurationError: one is over X's length with link and signature, or automatic without words.
        """
        if self.automatic and not self.offered:
            raise ConfigurationError("private: automatic needs private_link and texts")
        for number, text in enumerate(self.every_text(signature), start=1):
            if (weight := weighted_length(text)) > MAX_WEIGHT:
                raise ConfigurationError(
                    f"private: combination {number} of texts and delete is {weight} characters long as X counts, "
                    f"with link and signature; at most {MAX_WEIGHT} fit: {text!r}"
                )

    def ready(self, case_id: int, variant: str, *, delete: bool, signature: str = "") -> str:
        """The text to send. Equal variants, equal text; ``delete`` adds the advice to take the post down.

        Raises:
            ConfigurationError: the brand offers no private message.
        """
        if not self.offered:
            raise ConfigurationError("the brand has no private_link or no texts under [private]")
        advice = _chosen(self.delete, variant) if delete and self.delete else ""
        return _joined(advice, _chosen(self.texts, variant), self.link_for(case_id), signature)

    def link_for(self, case_id: int) -> str:
        """The brand's link, with a first line that names the case, so that what comes in private finds it again."""
        said = f"text={quote(f'Case {case_id}')}"
        link = urlsplit(self.link)  # what is behind a # stays at the end: the page that opens reads it, the server not
        return urlunsplit(link._replace(query=f"{link.query}&{said}" if link.query else said))

    def opened_by(self, text: str, links: Sequence[str] = ()) -> bool:
        """Whether ``text`` asks to go on in private: it has the brand's link in it, which is all that counts as that.

        Whoever writes it, and wherever: with or without ``https://``, on X's old domain, or with more behind it.
        ``links`` are where the links of the text lead, if the channel hides that.
        """
        if not self.link:
            return False
        wanted = _page_of(self.link)
        written = (*links, *(link.text for link in possible_links(text)))
        return any(_page_of(link).shows(wanted) for link in written)

    def every_text(self, signature: str) -> Iterator[str]:
        """Each combination of phrasing and advice, as it would be sent."""
        if self.offered:
            for advice, text in product(("", *self.delete), self.texts):
                yield _joined(advice, text, self.link_for(_SOME_CASE), signature)


@dataclass(frozen=True, slots=True)
class _Page:
    """What a link leads to: host and path, what it says to them, and which part of what opens is meant."""

    place: str
    said: frozenset[tuple[str, str]]
    part: str = ""

    def shows(self, other: _Page) -> bool:
        """Whether this is the other one, perhaps with more said to it."""
        return self.place == other.place and self.said >= other.said and (not other.part or self.part == other.part)


def _page_of(link: str) -> _Page:
    try:
        parts = urlsplit(link if "://" in link else f"https://{link}")
    except ValueError:  # it only looks like a link
        return _Page("", frozenset())
    host = _BESIDE_HOST.sub("", parts.netloc.casefold())
    host = "x.com" if host == "twitter.com" else host
    return _Page(host + parts.path.rstrip("/"), frozenset(parse_qsl(parts.query)), parts.fragment)


def _joined(*parts: str) -> str:
    return " ".join(part for part in parts if part)


def _chosen(texts: tuple[str, ...], variant: str) -> str:
    """One of the texts, as a stable function of ``variant``: the same in every process."""
    number = int.from_bytes(hashlib.sha256(f"private\0{variant}".encode()).digest()[:8], "big")
    return texts[number % len(texts)]
