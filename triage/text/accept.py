"""What is taken in at all. Everything accepted is kept exactly as received."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

import regex

from triage.errors import InvalidInput

#: X's longest post has 25,000 characters; nothing longer can have come from a channel.
MAX_CHARACTERS = 25_000
#: The longest language tag that is kept (``zh-Hant-TW`` has 10 characters).
MAX_LANGUAGE_CHARACTERS: Final = 16
#: No message is older or younger, and what is computed from a moment in between stays a moment.
_YEARS: Final = range(1970, 2200)
_MOST_SHOWN: Final = 20
#: What may be quoted as it is: a name as fields and labels have them, too plain to be anybody's.
_NAME: Final = re.compile(r"[a-z][a-z_]{0,39}")
_PLAIN_SIGNS: Final = frozenset(" -_.,:;/+'\"()[]{}<>=#@")
#: A character that leaves a mark. The braille blank and the anchors of annotations leave none, though
#: Unicode does not count them among those that may be ignored. NUL has a refusal of its own.
_VISIBLE: Final = regex.compile(r"[^\s\p{Z}\x01-\x1f\x7f-\x9f\p{Default_Ignorable_Code_Point}\u2800\ufff9-\ufffb]")
#: NUL, and halves of surrogate pairs (:func:`check_storable`).
_NOT_STORABLE: Final = dict.fromkeys((0, *range(0xD800, 0xE000)), "\N{REPLACEMENT CHARACTER}")
_CONTROL: Final = regex.compile(r"[\p{Cc}--[\t\n\r]]", flags=regex.VERSION1)


def check_text(text: str, *, field: str = "text", line: int | None = None) -> str:
    """Return ``text`` unchanged if it says something and can be stored and sent back without loss.

    Raises:
        InvalidInput: empty, blank or without one visible character; too long; or not storable, see
            :func:`check_storable`.
    """
    if not _VISIBLE.search(text):
        raise InvalidInput("is empty", field=field, line=line)
    if len(text) > MAX_CHARACTERS:
        raise InvalidInput(
            f"has {len(text):,} characters; at most {MAX_CHARACTERS:,} are accepted", field=field, line=line
        )
    return check_storable(text, field=field, line=line)


def check_outgoing(text: str, *, field: str = "text") -> str:
    """Return ``text`` unchanged if it is one to send: as :func:`check_text`, and without control characters.

    Line breaks and tabs are no control characters in this sense.

    Raises:
        InvalidInput: see above.
    """
    check_text(text, field=field)
    if found := _CONTROL.search(text):
        raise InvalidInput(f"contains the control character U+{ord(found[0]):04X}", field=field)
    return text


def check_storable(text: str, *, field: str, line: int | None = None) -> str:
    """Return ``text`` unchanged if both databases can hold it, or be asked for it.

    Raises:
        InvalidInput: a NUL (PostgreSQL cannot hold one), or half of a surrogate pair (no encoding can
            hold one). Other control characters are accepted.
    """
    if "\0" in text:
        raise InvalidInput("contains a NUL character", field=field, line=line)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise InvalidInput(f"has half of a surrogate pair at character {error.start}", field=field, line=line) from None
    return text


def as_storable(text: str) -> str:
    """The text of a channel that nobody can be asked to write otherwise: what no database holds is replaced.

    A post is never lost for a character. What is longer than any post is cut.
    """
    return text.translate(_NOT_STORABLE)[:MAX_CHARACTERS]


def check_language(tag: str | None, *, field: str = "lang", line: int | None = None) -> str | None:
    """The channel's language tag, ``None`` for an empty one.

    Raises:
        InvalidInput: it is longer than any tag, or not storable.
    """
    if not tag:
        return None
    if len(tag) > MAX_LANGUAGE_CHARACTERS:
        raise InvalidInput(f"has over {MAX_LANGUAGE_CHARACTERS} characters", field=field, line=line)
    return check_storable(tag, field=field, line=line)


def check_moment(moment: datetime, *, field: str = "created_at", line: int | None = None) -> datetime:
    """``moment`` in UTC.

    Raises:
        InvalidInput: it has no time zone, or is not in the years that messages come from.
    """
    if moment.tzinfo is None:
        raise InvalidInput("has no time zone", field=field, line=line)
    if moment.year not in _YEARS:  # before astimezone, which fails at the ends of the calendar
        raise InvalidInput(f"is not between the years {_YEARS[0]} and {_YEARS[-1]}", field=field, line=line)
    return moment.astimezone(UTC)


def excerpt(value: str) -> str:
    """Something that was refused, as an error may quote it: to be found by, and never giving away what it says.

    One word in small letters, such as a wrong name of a field, is quoted as it is. Of anything else only
    the shape is: ``9`` for each digit, ``x`` and ``X`` for letters, so that ``2017-10-31 22:10`` is
    ``9999-99-99 99:99``; at most 20 characters of it.
    """
    shown = value if _NAME.fullmatch(value) else "".join(map(_shape, value[: _MOST_SHOWN + 1]))
    return shown if len(shown) <= _MOST_SHOWN else shown[: _MOST_SHOWN - 1] + "…"


def _shape(character: str) -> str:
    if character.isdigit() or character.isnumeric():
        return "9"
    if character.isalpha():
        return "X" if character.isupper() else "x"
    return character if character in _PLAIN_SIGNS else "·"
