"""Where a command writes its result: standard output, or a file that is whole or as it was before."""

from __future__ import annotations

import os
import secrets
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

import click

from triage.errors import ConfigurationError

_STANDARD_OUTPUT: Final = Path("-")

output_option = click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    default=_STANDARD_OUTPUT,
    help="Where to write; standard output by default.",
)


@contextmanager
def written(path: Path) -> Iterator[IO[bytes]]:
    """A stream whose bytes are in ``path`` once the block has ended well; until then the old file stays.

    So a command may write to the file that it reads. A pipe or a device is written as it goes.

    Raises:
        ConfigurationError: the file cannot be written.
    """
    if path == _STANDARD_OUTPUT:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
    elif path.exists() and not path.is_file():
        with path.open("wb") as stream:
            yield stream
    else:
        with _replaced(path) as stream:
            yield stream


@contextmanager
def _replaced(path: Path) -> Iterator[IO[bytes]]:
    target = path.resolve()  # a link stays a link
    part = target.with_name(f".{target.name[:100]}.{secrets.token_hex(4)}.part")
    try:
        stream = part.open("xb")
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be written: {error.strerror}") from None
    try:
        with stream:
            _keep_permissions(path, target, part)
            yield stream
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _keep_permissions(path: Path, target: Path, part: Path) -> None:
    if not target.exists():
        return
    if not os.access(target, os.W_OK):
        raise ConfigurationError(f"{path} cannot be written: it is read-only")
    shutil.copymode(target, part)
