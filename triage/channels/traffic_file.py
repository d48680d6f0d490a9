"""Messages from a file of traffic, or from standard input: JSON Lines or CSV, plain or gzipped.

Columns: ``tweet_id, author_id, inbound, created_at, text, in_response_to_tweet_id``; ``lang`` may be
there too, and ``response_tweet_id`` (children, as some published files have it) is not needed, since
children name their parents. Any other column is an error: dropping it silently would lose something.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from itertools import chain
from pathlib import Path
from typing import Any, Final

import msgspec

from triage.channels.csv_records import Record, read_records
from triage.channels.lines import STANDARD_INPUT, bad_line, check_identifier, is_gzip_name, not_utf8, read_lines
from triage.domain.message import IncomingMessage
from triage.errors import InvalidInput
from triage.text.accept import check_language, check_moment, check_text, excerpt

CHANNEL: Final = "file"
_REQUIRED: Final = ("tweet_id", "author_id", "inbound", "created_at", "text", "in_response_to_tweet_id")
_MONTHS: Final = {
    name: number
    for number, name in enumerate(
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"], start=1
    )
}
_TRUTH: Final = {"true": True, "false": False, "1": True, "0": False}


@dataclass(frozen=True, slots=True)
class Rejected:
    """A line that is not a message: where, why, and the line itself, so that nothing is lost."""

    line: int
    error: InvalidInput
    raw: str


class _Row(msgspec.Struct, forbid_unknown_fields=True):
    tweet_id: str | int
    author_id: str | int
    inbound: bool
    created_at: str
    text: str
    in_response_to_tweet_id: str | int | None
    response_tweet_id: Any = None
    lang: str | None = None


def read_traffic(path: Path) -> Iterator[IncomingMessage | Rejected]:
    """The messages of a file, in its order, with what could not be read in its place.

    ``-`` is standard input, whose first line tells JSON Lines from CSV.

    Raises:
        InvalidInput: the file as a whole cannot be read: it is missing, a broken gzip, or a CSV without
            the right columns.
    """
    lines = read_lines(path)
    first = next(lines, b"")
    lines = chain([first] if first else [], lines)
    yield from _csv_rows(lines) if _is_csv(path, first) else _json_lines(lines)


def check_traffic(path: Path) -> None:
    """See before anything is done whether the file can be read. A pipe, which is read once, is left alone.

    Raises:
        InvalidInput: as :func:`read_traffic`.
    """
    if path.is_file() or path.is_dir() or not (path == STANDARD_INPUT or path.exists()):
        next(read_traffic(path), None)


def _is_csv(path: Path, first: bytes) -> bool:
    if path == STANDARD_INPUT:
        return bool(first.strip()) and not first.lstrip().startswith(b"{")
    return (path.with_suffix("") if is_gzip_name(path) else path).suffix.lower() == ".csv"


def _json_lines(lines: Iterator[bytes]) -> Iterator[IncomingMessage | Rejected]:
    decoder = msgspec.json.Decoder(_Row)
    for line, raw in enumerate(lines, start=1):
        if not raw.strip():
            continue
        try:
            yield _message(decoder.decode(raw), line)
        except InvalidInput as error:
            yield Rejected(line, error, _kept(raw))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:  # a ValidationError is the first
            yield Rejected(line, bad_line(error, raw, line), _kept(raw))


def _csv_rows(lines: Iterator[bytes]) -> Iterator[IncomingMessage | Rejected]:
    records = read_records(lines)
    header = next(records, None)
    if header is not None and (undecodable := not_utf8(header.raw, header.line)):
        raise undecodable
    if header is None or header.values is None:
        raise InvalidInput("has no header", line=1)
    _check_header(header.values)
    for record in records:
        try:
            yield _message(_csv_row(header.values, record), record.line)
        except InvalidInput as error:
            yield Rejected(record.line, not_utf8(record.raw, record.line) or error, _kept(record.raw))


def _kept(raw: bytes) -> str:
    """The line as it was, as far as text can say it: what is not UTF-8 is written ``\\xff``."""
    return raw.decode("utf-8", "backslashreplace").rstrip("\r\n")


def _check_header(header: list[str]) -> None:
    known = set(_Row.__struct_fields__)
    for name in header:
        if name not in known:
            known_columns = ", ".join(sorted(known))
            raise InvalidInput(f"{excerpt(name)!r} is not a known column; known are {known_columns}", line=1)
        if header.count(name) > 1:
            raise InvalidInput("is in the header twice", field=name, line=1)
    for name in _REQUIRED:
        if name not in header:
            raise InvalidInput("is missing from the header", field=name, line=1)


def _csv_row(header: list[str], record: Record) -> _Row:
    if record.values is None:
        raise InvalidInput(f"is not CSV: {record.problem}", line=record.line)
    if len(record.values) != len(header):
        raise InvalidInput(f"has {len(record.values)} columns; the header has {len(header)}", line=record.line)
    cells: dict[str, Any] = dict(zip(header, record.values, strict=True))
    inbound = _TRUTH.get(cells["inbound"].strip().lower())
    if inbound is None:
        raise InvalidInput(f"is {excerpt(cells['inbound'])!r}, not true or false", field="inbound", line=record.line)
    cells["inbound"] = inbound
    return _Row(**cells)


def _message(row: _Row, line: int) -> IncomingMessage:
    return IncomingMessage(
        channel=CHANNEL,
        external_id=check_identifier(row.tweet_id, "tweet_id", line),
        author_id=check_identifier(row.author_id, "author_id", line),
        inbound=row.inbound,
        created_at=parse_moment(row.created_at, line=line),
        text=check_text(row.text, line=line),
        in_reply_to=(
            check_identifier(row.in_response_to_tweet_id, "in_response_to_tweet_id", line)
            if row.in_response_to_tweet_id not in (None, "")
            else None
        ),
        lang=check_language(row.lang, line=line),
    )


def parse_moment(value: str, *, field: str = "created_at", line: int | None = None) -> datetime:
    """A moment in UTC, from ISO 8601 or from X's older form (``Tue Oct 31 22:10:47 +0000 2017``).

    Raises:
        InvalidInput: it is neither, says no time zone, or lies outside the years that are accepted.
    """
    try:
        moment = _older_form(value) if value[3:4] == " " else datetime.fromisoformat(value)
    except (ValueError, KeyError, OverflowError):
        raise InvalidInput(f"{excerpt(value)!r} is not a date and time", field=field, line=line) from None
    if moment.tzinfo is None:
        raise InvalidInput(f"{excerpt(value)!r} has no time zone", field=field, line=line)
    return check_moment(moment, field=field, line=line)


def _older_form(value: str) -> datetime:
    """Twice as fast as ``strptime``, which does not know the format in advance."""
    _, month, day, time, zone, year = value.split(" ")
    hour, minute, second = time.split(":")
    offset = timedelta(hours=int(zone[:3]), minutes=int(zone[0] + zone[3:]))
    tzinfo = UTC if not offset else timezone(offset)
    return datetime(int(year), _MONTHS[month], int(day), int(hour), int(minute), int(second), tzinfo=tzinfo)
