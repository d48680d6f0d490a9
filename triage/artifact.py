"""The folder that training hands to serving: a manifest, and files that are exactly what it says.

A folder is accepted as a whole or refused. The manifest carries a digest of itself and the SHA-256
and size of every other file; each file is read once, and the bytes that were checked are the bytes
that are parsed. Arrays are NumPy archives read without pickle, so nothing in an artifact can run.

The digests guard against damage, mix-ups and careless edits. They are no signature: whoever can
write the folder can also write a manifest that fits.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from triage.errors import ArtifactError

FORMAT: Final = "tweet-triage-artifact"
FORMAT_VERSION: Final = 1
MANIFEST: Final = "manifest.json"
_LARGEST_MANIFEST: Final = 4 * 1024 * 1024
_DIGEST: Final = "manifest_sha256"


@dataclass(frozen=True, slots=True)
class Artifact:
    """A checked folder: its manifest and the bytes of its files."""

    folder: Path
    manifest: Mapping[str, Any]
    files: Mapping[str, bytes]

    @property
    def version(self) -> str:
        """Name and the start of the manifest's digest: equal versions are equal artifacts."""
        return f"{self.manifest['name']}@{self.manifest[_DIGEST][:12]}"

    def get(self, key: str, kind: type) -> Any:
        """``manifest[key]``, which must be of type ``kind``."""
        value = self.manifest.get(key)
        if not isinstance(value, kind):
            raise ArtifactError(f"{self.folder / MANIFEST}: {key!r} is missing or not what it should be")
        return value

    def file(self, name: str) -> bytes:
        """The checked bytes of a file that the manifest must list."""
        if name not in self.files:
            raise ArtifactError(f"{self.folder}: the manifest does not list {name}")
        return self.files[name]

    def arrays(self, name: str) -> dict[str, NDArray[Any]]:
        """The arrays of a ``.npz`` file, none of them of objects.

        Raises:
            ArtifactError: it is no NumPy archive, or holds pickled objects.
        """
        try:
            with np.load(io.BytesIO(self.file(name)), allow_pickle=False) as archive:
                arrays = {key: archive[key] for key in archive.files}
        except (ValueError, OSError, EOFError, zipfile.BadZipFile, AttributeError, KeyError) as error:
            raise ArtifactError(f"{self.folder / name} is no readable archive of arrays: {error}") from error
        if not all(isinstance(array, np.ndarray) for array in arrays.values()):
            raise ArtifactError(f"{self.folder / name} is no readable archive of arrays alone")
        return arrays


def read(folder: Path, *, kind: str) -> Artifact:
    """Check ``folder`` and return what is in it.

    Raises:
        ArtifactError: something is missing, damaged, foreign, or of another kind or layout.
    """
    manifest = _read_manifest(folder / MANIFEST)
    if manifest.get("format") != FORMAT:
        raise ArtifactError(f"{folder} is not a model artifact of this product")
    if manifest.get("format_version") != FORMAT_VERSION:
        raise ArtifactError(
            f"{folder} has layout {manifest.get('format_version')!r}; this version reads layout {FORMAT_VERSION}"
        )
    if manifest.get(_DIGEST) != _digest(manifest):
        raise ArtifactError(f"{folder / MANIFEST} was changed after it was written")
    if manifest.get("kind") != kind:
        raise ArtifactError(f"{folder} holds {manifest.get('kind')!r}, not {kind!r}")
    listed = manifest.get("files")
    if not isinstance(listed, dict) or not isinstance(manifest.get("name"), str):
        raise ArtifactError(f"{folder / MANIFEST} lists no files or has no name")
    return Artifact(folder, manifest, {name: _read_file(folder, name, entry) for name, entry in listed.items()})


def write(folder: Path, *, kind: str, name: str, files: Mapping[str, bytes], about: Mapping[str, Any]) -> str:
    """Write an artifact; returns the digest of its manifest. The manifest comes last, so a folder
    whose writing was cut short is refused.

    ``about`` is whatever else the manifest should say (features, labels, provenance, metrics).
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MANIFEST).unlink(missing_ok=True)
    listed = {}
    for file, content in sorted(files.items()):
        (folder / file).write_bytes(content)
        listed[file] = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    manifest: dict[str, Any] = {"format": FORMAT, "format_version": FORMAT_VERSION, "kind": kind, "name": name}
    manifest |= dict(about) | {"files": listed}
    manifest[_DIGEST] = _digest(manifest)
    text = json.dumps(manifest, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    (folder / MANIFEST).write_text(text, encoding="utf-8")
    return str(manifest[_DIGEST])


def pack(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """A compressed ``.npz`` whose bytes depend on nothing but the arrays (no time stamps)."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for key in sorted(arrays):
            member = io.BytesIO()
            np.lib.format.write_array(member, np.ascontiguousarray(arrays[key]), allow_pickle=False)
            entry = zipfile.ZipInfo(f"{key}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, member.getvalue())
    return buffer.getvalue()


def _read_manifest(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > _LARGEST_MANIFEST:
            raise ArtifactError(f"{path} is too large to be a manifest")
        manifest = json.loads(path.read_bytes())
    except OSError as error:
        raise ArtifactError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise ArtifactError(f"{path} is not JSON: {error}") from error
    if not isinstance(manifest, dict):
        raise ArtifactError(f"{path} is not a manifest")
    return manifest


def _digest(manifest: Mapping[str, Any]) -> str:
    rest = {key: value for key, value in manifest.items() if key != _DIGEST}
    return hashlib.sha256(json.dumps(rest, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _read_file(folder: Path, name: str, entry: object) -> bytes:
    path = folder / name
    if Path(name).name != name or path.is_symlink():
        raise ArtifactError(f"{folder / MANIFEST} lists {name!r}, which is not a file of its own folder")
    if not isinstance(entry, dict):
        raise ArtifactError(f"{folder / MANIFEST} says nothing about {name}")
    try:
        if path.stat().st_size != entry.get("bytes"):
            raise ArtifactError(f"{path} is not as long as its manifest says: it is damaged or another file")
        content = path.read_bytes()
    except OSError as error:
        raise ArtifactError(f"{path} cannot be read: {error.strerror}") from error
    if hashlib.sha256(content).hexdigest() != entry.get("sha256"):
        raise ArtifactError(f"{path} is not the file its manifest names: the checksums differ")
    return content
