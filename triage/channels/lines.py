"""The lines of a file, and what is wrong with one of them, in words."""

from __future__ import annotations

import codecs
import gzip
import io
import json
import re
import sys
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Final, cast

import msgspec

from triage.errors import InvalidInput
from triage.text.accept import check_text, excerpt

#: As on every command line: not a file of that name, but standard input.
STANDARD_INPUT: Final = Path("-")
_GZIP: Final = b"\x1f\x8b"
_MOST_ID_CHARACTERS: Final = 128
#: What the decoder quotes comes from the line itself, however long it is and whatever it says.
_UNKNOWN = re.compile(r"Object contains unknown field `(.*)`", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(\w+)`")


def read_lines(path: Path) -> Iterator[bytes]:
    """The lines of a file, plain or gzipped, without a byte order mark; ``-`` is standard input.

    Raises:
        InvalidInput: the file is missing, may not be read, or is a broken gzip.
    """
    try:
        with _opened(path) as stream:
            for number, line in enumerate(stream):
                yield line if number else line.removeprefix(codecs.BOM_UTF8)
    except FileNotFoundError:
        raise InvalidInput(f"{path} does not exist") from None
    except OSError as error:  # a file that is no gzip at all is one without ``strerror``
        raise InvalidInput(f"{path} cannot be read: {error.strerror or error}") from None
    except (EOFError, zlib.error) as error:
        raise InvalidInput(f"{path} cannot be read: {error}") from None


def is_gzip_name(path: Path) -> bool:
    """Whether a file says by its name that it is gzipped."""
    return path.suffix.lower() == ".gz"


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    with ExitStack() as stack:
        stream = _standard_input() if path == STANDARD_INPUT else stack.enter_context(path.open("rb"))
        if is_gzip_name(path) or stream.peek(len(_GZIP)).startswith(_GZIP):
            yield cast(IO[bytes], stack.enter_context(gzip.open(stream, "rb")))
        else:
            yield stream


def _standard_input() -> io.BufferedReader:
    stream = sys.stdin.buffer
    return stream if isinstance(stream, io.BufferedReader) else io.BufferedReader(cast(io.RawIOBase, stream))


def check_identifier(value: str | int | None, field: str, line: int) -> str:
    """An identifier as text, without white space around it.

    Raises:
        InvalidInput: it is empty, too long or not storable.
    """
    text = str(value).strip() if value is not None else ""
    if not text:
        raise InvalidInput("is empty", field=field, line=line)
    if len(text) > _MOST_ID_CHARACTERS:
        raise InvalidInput(f"has over {_MOST_ID_CHARACTERS} characters", field=field, line=line)
    return check_text(text, field=field, line=line)


def not_utf8(raw: bytes, line: int) -> InvalidInput | None:
    """The complaint about bytes that are not UTF-8, with the first of them; ``None`` if they are."""
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        return InvalidInput(f"is not UTF-8 (byte {error.start + 1} is 0x{raw[error.start]:02X})", line=line)
    return None


def bad_line(error: Exception, raw: bytes, line: int) -> InvalidInput:
    """The decoder's complaint (``… - at `$.text```) about ``raw`` as reason, field and line."""
    if isinstance(error, RecursionError):
        return InvalidInput("is nested too deeply", line=line)
    if undecodable := not_utf8(raw, line):
        return undecodable
    said = str(error)
    if unknown := _UNKNOWN.match(said):
        return InvalidInput(f"has an unknown field {excerpt(unknown[1])!r}", line=line)
    if missing := _MISSING.match(said):
        return InvalidInput("is missing", field=missing[1], line=line)
    if not isinstance(error, msgspec.ValidationError) and (half := _half_of_a_pair(raw, line)):
        return half
    reason, _, path = said.partition(" - at `$.")
    return InvalidInput(reason, field=path.rstrip("`") or None, line=line)


def _half_of_a_pair(raw: bytes, line: int) -> InvalidInput | None:
    """Half of a surrogate pair, of which the decoder says that the input ends too early."""
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        return None  # it is no JSON for another reason
    for name, value in found.items() if isinstance(found, dict) else ():
        try:
            json.dumps(value, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            return InvalidInput("has half of a surrogate pair", field=excerpt(name), line=line)
    return None
