"""A public corpus from ``TRIAGE_CORPORA`` or from its official source, verified by its declared checksums.

Downloads and what is made of them lie in a temporary folder beside the target until every file has
been verified; then each is moved into place in one step. So whatever goes wrong, and whenever, no
half-written file bears the name of a whole one.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from urllib.error import HTTPError
from urllib.request import urlopen

import click

from training.official import LAYOUTS, UNREADABLE
from training.public import OfficialFile, PublicCorpus, PublicFile, sha256
from triage.errors import InvalidInput, NotFound

Say = Callable[[str], None]

#: Seconds without a byte after which a server counts as gone.
TIMEOUT: Final = 30.0
#: Largest official file that is read; the largest declared one has 3 million bytes.
MOST_BYTES: Final = 64_000_000
_CHUNK: Final = 1 << 16
#: Steps of the progress bar for one file.
_STEPS: Final = 1000


@dataclass(frozen=True, slots=True)
class Presence:
    """Which files of a corpus are in a folder, and which of those differ from their declaration."""

    here: tuple[PublicFile, ...]
    differing: tuple[PublicFile, ...]


def presence(corpus: PublicCorpus, corpora: Path) -> Presence:
    """Look a corpus up in a folder of corpora, and verify every file that is there.

    Raises:
        OSError: a file is there and cannot be read.
    """
    here = tuple(file for file in corpus.files if _place(corpus, file, corpora).is_file())
    return Presence(here, tuple(file for file in here if sha256(_place(corpus, file, corpora)) != file.sha256))


def fetch(corpus: PublicCorpus, corpora: Path, into: Path, say: Say) -> Path:
    """The folder of ``corpus``: in ``corpora`` if all of it is there, else in ``into``, where what lacks is downloaded.

    Raises:
        InvalidInput: a file, here or downloaded, does not have the declared checksum; names both.
        NotFound: something has no official download, or the source cannot be reached.
        OSError: ``into`` cannot be written.
    """
    if not _missing(corpus, corpora):
        say(f"{corpora / corpus.name}: {_files(len(corpus.files))}, here and verified")
        return corpora / corpus.name
    missing = _missing(corpus, into)
    _refuse_without_download(corpus, missing)
    with _workplace(into) as folder:
        made = _make(corpus, missing, folder)
        for file in missing:
            target = _place(corpus, file, into)
            target.parent.mkdir(parents=True, exist_ok=True)
            os.replace(made / file.name, target)  # noqa: PTH105  # the standard name of the one-step replacement
    say(f"{into / corpus.name}: {_files(len(missing))} downloaded and verified; licence: {corpus.licence}")
    return into / corpus.name


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count} files"


def _place(corpus: PublicCorpus, file: PublicFile, corpora: Path) -> Path:
    return corpora / corpus.name / file.name


def _missing(corpus: PublicCorpus, corpora: Path) -> list[PublicFile]:
    found = presence(corpus, corpora)
    for file in found.differing:
        path = _place(corpus, file, corpora)
        raise _differs(str(path), path.read_bytes(), file.sha256)
    return [file for file in corpus.files if file not in found.here]


def _differs(place: str, content: bytes, expected: str, more: str = "") -> InvalidInput:
    found = hashlib.sha256(content).hexdigest()
    return InvalidInput(f"expected SHA-256 {expected}, found {found}{more}", field=place)


def _refuse_without_download(corpus: PublicCorpus, files: Sequence[PublicFile]) -> None:
    without = [file.name for file in files if not file.official]
    if without:
        raise NotFound(
            f"{corpus.name}: {', '.join(without)} cannot be downloaded as arranged here ({corpus.arrangement}); "
            f"source: {corpus.source}"
        )


@contextmanager
def _workplace(into: Path) -> Iterator[Path]:
    """A folder on the same file system as ``into``; ``into`` itself goes again if it stays empty."""
    into.mkdir(parents=True, exist_ok=True)
    try:
        with TemporaryDirectory(dir=into, prefix=".fetch-") as folder:
            yield Path(folder)
    finally:
        with suppress(OSError):
            into.rmdir()


def _make(corpus: PublicCorpus, files: Sequence[PublicFile], folder: Path) -> Path:
    """Download and arrange files in ``folder``; gives the folder in which they lie, verified, under their names."""
    official = list(dict.fromkeys(one for file in files for one in file.official))
    paths = {one: folder / f"official-{number}" for number, one in enumerate(official)}
    label = f"downloading {corpus.name}"
    with click.progressbar(length=_STEPS * len(official), label=label, file=sys.stderr) as bar:
        for one, path in paths.items():
            _download(one, path, bar.update)
    made = folder / "made"
    for file in files:
        content = _arrange(file, [paths[one].read_bytes() for one in file.official])
        (made / file.name).parent.mkdir(parents=True, exist_ok=True)
        (made / file.name).write_bytes(content)
    return made


def _arrange(file: PublicFile, contents: Sequence[bytes]) -> bytes:
    place = f"{file.name}, made of {file.official[0].url}"
    try:
        content = LAYOUTS[file.layout](contents)
    except UNREADABLE as error:
        raise InvalidInput(f"the download is not laid out as {file.layout} ({error})", field=place) from error
    if hashlib.sha256(content).hexdigest() != file.sha256:
        rows = content.count(b"\n")
        counted = "" if file.rows is None else f"; {rows:,} rows, expected {file.rows:,}"
        raise _differs(place, content, file.sha256, counted)
    return content


def _download(official: OfficialFile, path: Path, move_on: Callable[[int], Any]) -> None:
    """Write an official file to ``path``. ``move_on`` is told of :data:`_STEPS` steps in all."""
    moved = received = 0
    with path.open("wb") as file:
        for chunk, length in _chunks(official.url):
            file.write(chunk)
            received += len(chunk)
            reached = min(_STEPS, _STEPS * received // length) if length else 0
            move_on(reached - moved)
            moved = reached
    if official.sha256 is not None and sha256(path) != official.sha256:
        raise _differs(official.url, path.read_bytes(), official.sha256)
    move_on(_STEPS - moved)


def _chunks(url: str) -> Iterator[tuple[bytes, int | None]]:
    """The content of an address piece by piece, each with the length of the whole if the server tells it.

    Raises:
        NotFound: the server has no such file, or cannot be reached.
        InvalidInput: the content broke off, or is larger than any that is declared.
    """
    received = 0
    try:
        with urlopen(url, timeout=TIMEOUT) as response:  # noqa: S310  # declarations are read with https only
            length = response.length
            while chunk := response.read(_CHUNK):
                received += len(chunk)
                if received > MOST_BYTES:
                    raise InvalidInput(f"has more than {MOST_BYTES:,} bytes", field=url)
                yield chunk, length
    except HTTPError as error:
        raise NotFound(f"{url} cannot be downloaded: the server answers {error.code} {error.reason}") from error
    except (OSError, HTTPException) as error:
        raise NotFound(f"{url} cannot be downloaded: {getattr(error, 'reason', None) or error}") from error
    if length is not None and received < length:
        raise InvalidInput(f"broke off after {received:,} of {length:,} bytes", field=url)
