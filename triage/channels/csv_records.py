"""Records of a CSV file with the lines they were read from, in spite of broken ones among them.

A quote that is opened and never closed makes a reader take the rest of the file for one field. Here
only the line in which a broken record begins is given up: reading goes on at the line after it.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

#: No record is longer: the longest text that is accepted, each character four bytes and each written twice.
_MOST_BYTES: Final = 256 * 1024


@dataclass(frozen=True, slots=True)
class Record:
    """One record: ``values``, or ``None`` and the ``problem``.

    ``line`` is the 1-based line in which it begins, ``raw`` the bytes of all its lines. Bytes that are
    not UTF-8 are halves of surrogate pairs in ``values``.
    """

    line: int
    raw: bytes
    values: list[str] | None
    problem: str = ""


class _Lines:
    """Lines as text, with the bytes of those read since the last record kept."""

    def __init__(self, stream: Iterator[bytes]) -> None:
        self._stream = stream
        self._again: deque[bytes] = deque()
        self._size = 0
        self._last = 0
        self.read: list[bytes] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self.read and self._size > _MOST_BYTES:
            raise csv.Error(f"a quote is not closed within {_MOST_BYTES // 1024} KiB")
        raw = self._again.popleft() if self._again else next(self._stream)
        self.read.append(raw)
        self._size += len(raw)
        self._last += 1
        return raw.decode("utf-8", "surrogateescape")

    def first(self) -> int:
        """The number of the first line that was read since the last record."""
        return self._last - len(self.read) + 1

    def take(self) -> bytes:
        """The bytes read since the last record, which ends here."""
        raw = b"".join(self.read)
        self.read = []
        self._size = 0
        return raw

    def give_back(self) -> bytes:
        """Read all lines since the last record again, but for the first, which is returned."""
        first, *others = self.read
        self._again.extendleft(reversed(others))
        self._last -= len(others)
        self.read = []
        self._size = 0
        return first


def read_records(stream: Iterator[bytes]) -> Iterator[Record]:
    """The records of a CSV file, given as its lines, in its order; empty lines are none."""
    csv.field_size_limit(2**31 - 1)
    lines = _Lines(stream)
    rows = csv.reader(lines, strict=True)
    width: int | None = None
    while True:
        try:
            values = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield _broken(lines, str(error))
            rows = csv.reader(lines, strict=True)  # the old one still believes to be inside a field
            continue
        width = width or len(values)
        if len(values) != width and len(lines.read) > 1:
            # A quote that was closed by one of a later record: what is between is more than one record.
            yield _broken(lines, f"has {len(values)} columns over {len(lines.read)} lines")
            continue
        line, raw = lines.first(), lines.take()
        if values:
            yield Record(line, raw, values)


def _broken(lines: _Lines, problem: str) -> Record:
    line = lines.first()
    return Record(line, lines.give_back(), None, problem)
