"""Which artifact is live: promoted into the folder that serving loads, and switched back.

The live model stays a plain folder, ``TRIAGE_MODELS/TRIAGE_MODEL``. A promotion lays the new version
beside it and swaps the two folders in one step of the file system, so that at any moment, also after
a crash, the live folder is one whole model. What was live is kept::

    models/triage-en/                            the live model
    models/.previous/triage-en/0001-4f0c…/       what was live before, oldest first
    models/.previous/triage-en/undone-9a31…/     what a roll-back took out

A former model's folder is named after its digest *before* the swap, while the new version still lies
in it. So the swap is the only step that matters: until then the folder holds something other than
its name says, and is thrown away by whoever comes next; from then on it holds exactly what it says.
"""

from __future__ import annotations

import ctypes
import json
import os
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from training.recipe import PURPOSE, Purpose
from triage import artifact
from triage.errors import ArtifactError, ConfigurationError, Conflict
from triage.scoring import classifier
from triage.scoring.scorer import Scorer

#: Beside the live folder; nothing in it is for version control.
PREVIOUS: Final = ".previous"
_FORMER: Final = re.compile(r"\d{4,}-[0-9a-f]{12}")
#: Characters of the digest in a version.
_DIGITS: Final = 12
_INCOMING: Final = "incoming"
#: Stands in the name of a former folder that serving could not have loaded; such a one is kept, never rolled back to.
_UNUSABLE: Final = "unusable"
_WORKING_FOLDER: Final = -100
_SWAP: Final = 2


@dataclass(frozen=True, slots=True)
class Switch:
    """What is live now, and what was before (``None``: nothing that could be loaded)."""

    live: str
    before: str | None


def promote(candidate: Path, models: Path, name: str) -> Switch:
    """Make a copy of ``candidate`` the artifact ``name`` of ``models``; does nothing where it is that already.

    Raises:
        ArtifactError: the candidate is not a model that serving loads.
        Conflict: somebody else is promoting or rolling back.
        ConfigurationError: the candidate was not fitted for shipping, or the file system cannot swap folders.
        OSError: the folder of models cannot be written.
    """
    version = Scorer.load(candidate, [models]).version
    _refuse_unless_for_shipping(candidate, version)
    live = _live(models, name)
    with _alone(live) as previous:
        before = _loadable(live, models)
        if before == version:
            return Switch(version, before)
        incoming = _copy(candidate, previous / _INCOMING)
        Scorer.load(incoming, [models])  # what was copied, not what it was copied from
        if not live.exists():
            incoming.rename(live)
        else:
            former = incoming.rename(previous / f"{_next_number(previous):04d}-{_short(before)}")
            _swap(former, live)
        _keep_entries(live.parent)
    return Switch(version, before)


def rollback(models: Path, name: str) -> Switch:
    """Make live again what was live before; what is taken out is kept as ``undone-…``.

    Raises:
        ConfigurationError: there is nothing to go back to, or the file system cannot swap folders.
        ArtifactError: what was live before cannot be loaded any more.
        Conflict: somebody else is promoting or rolling back.
    """
    live = _live(models, name)
    if not (live.parent / PREVIOUS / live.name).is_dir():
        raise ConfigurationError(f"{live} was never promoted to: there is no former model")
    with _alone(live) as previous:
        former = _formers(previous)
        if not former:
            raise ConfigurationError(f"{previous} has no former model to go back to")
        version = Scorer.load(former[-1], [models]).version
        before = _loadable(live, models)
        if live.exists():
            _swap(former[-1], live)
            undone = previous / f"undone-{_short(before)}"
            shutil.rmtree(undone, ignore_errors=True)
            former[-1].rename(undone)
        else:
            former[-1].rename(live)
        _keep_entries(live.parent)
    return Switch(version, before)


def _refuse_unless_for_shipping(candidate: Path, version: str) -> None:
    purpose = artifact.read(candidate, kind=classifier.KIND).manifest.get(PURPOSE, Purpose.SHIPPING)
    if purpose != Purpose.SHIPPING:
        raise ConfigurationError(f"{version} was fitted for {purpose}: the licences of its data forbid to make it live")


def _live(models: Path, name: str) -> Path:
    """The live folder itself, where the name is a link to it."""
    return (models / name).resolve()


@contextmanager
def _alone(live: Path) -> Iterator[Path]:
    """The folder of former models, locked and cleared of what a crash left behind."""
    previous = live.parent / PREVIOUS / live.name
    previous.mkdir(parents=True, exist_ok=True)
    (previous.parent / ".gitignore").write_text("*\n", encoding="utf-8")
    try:
        with FileLock(previous / "lock", blocking=False):
            shutil.rmtree(previous / _INCOMING, ignore_errors=True)
            for folder in _named_as_former(previous):
                if not _holds_what_it_says(folder):
                    shutil.rmtree(folder)
            yield previous
    except Timeout:
        raise Conflict(f"another promotion or roll-back of {live} is going on") from None


def _copy(candidate: Path, target: Path) -> Path:
    """The files that the candidate's manifest lists, written through to the disk."""
    checked = artifact.read(candidate, kind=classifier.KIND)
    target.mkdir()
    for name, content in {**checked.files, artifact.MANIFEST: (candidate / artifact.MANIFEST).read_bytes()}.items():
        with (target / name).open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    _keep_entries(target)
    return target


def _swap(one: Path, other: Path) -> None:
    """Let two folders change places in one step of the file system.

    Python has no function for it: renaming cannot replace a folder that is not empty, and to move the old one away
    first would leave a moment without any.
    """
    library = ctypes.CDLL(None, use_errno=True)
    first, second = os.fsencode(one), os.fsencode(other)
    if sys.platform == "darwin":
        failed = library.renamex_np(first, second, _SWAP)
    else:
        failed = library.renameat2(_WORKING_FOLDER, first, _WORKING_FOLDER, second, _SWAP)
    if failed:
        raise ConfigurationError(
            f"{one} and {other} cannot be swapped on this file system: {os.strerror(ctypes.get_errno())}; "
            "copy the folder of models to a local disk and let TRIAGE_MODELS name the copy"
        )


def _keep_entries(folder: Path) -> None:
    """Write through to the disk which entries ``folder`` has."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _named_as_former(previous: Path) -> list[Path]:
    found = [path for path in previous.iterdir() if _FORMER.fullmatch(path.name)]
    return sorted(found, key=_number)


def _formers(previous: Path) -> list[Path]:
    """What was live before, oldest first."""
    return [folder for folder in _named_as_former(previous) if _holds_what_it_says(folder)]


def _next_number(previous: Path) -> int:
    numbers = [_number(path) for path in previous.iterdir() if path.name.partition("-")[0].isdecimal()]
    return max(numbers, default=0) + 1


def _number(folder: Path) -> int:
    return int(folder.name.partition("-")[0])


def _holds_what_it_says(folder: Path) -> bool:
    """Whether the model in a former folder is the one of its name. It need not load: damage is for people to see."""
    try:
        manifest = json.loads((folder / artifact.MANIFEST).read_bytes())
    except (OSError, ValueError, RecursionError):
        return True
    digest = manifest.get("manifest_sha256") if isinstance(manifest, dict) else None
    return not isinstance(digest, str) or digest[:_DIGITS] == folder.name.partition("-")[2]


def _loadable(folder: Path, models: Path) -> str | None:
    """The version of a model that serving loads; ``None`` for anything else."""
    try:
        return Scorer.load(folder, [models]).version
    except ArtifactError:
        return None


def _short(version: str | None) -> str:
    """The part of a version that tells it from others."""
    return version.rpartition("@")[2] if version else _UNUSABLE
