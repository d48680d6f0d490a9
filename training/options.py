"""What the commands share: kinds of paths, a folder to write into, and a line for whoever waits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import Final

import click

FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)
FOLDER: Final = click.Path(file_okay=False, path_type=Path)
NEW_FILE: Final = click.Path(dir_okay=False, path_type=Path)
#: A folder that is there.
WEIGHTS: Final = click.Path(exists=True, file_okay=False, path_type=Path)


@contextmanager
def output_folder(folder: Path) -> Iterator[None]:
    """Make sure that ``folder`` can be written before anything long begins; leave none behind that stayed empty."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with TemporaryFile(dir=folder):
            pass
        yield
    finally:
        with suppress(OSError):
            folder.rmdir()


def say(line: str) -> None:
    """Tell on standard error how far it is."""
    click.echo(line, err=True)
