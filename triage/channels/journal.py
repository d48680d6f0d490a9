"""A way out for messages that came from a file or the API: replies are appended to a journal.

Integrations may follow the file; each line is one reply, as JSON. Where a text has to go, the file is
written anew beside itself and takes its own place, so a reader finds the old one or the new one.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryFile

import msgspec
from filelock import FileLock

from triage.channels.protocol import Found, Presence
from triage.domain.erasure import ERASED
from triage.domain.reply import Reply
from triage.errors import ConfigurationError
from triage.shapes import ready


class _Line(msgspec.Struct):
    key: str
    in_reply_to: str
    kind: str
    text: str


class JournalChannel:
    """Appends replies to ``folder/<name>.jsonl``, each safely on disk before it counts as sent."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.settles_after = timedelta()  # what is in the file is found
        self.refuses_repeats_for = timedelta()
        self.longest_send = timedelta()  # the lock on the file ends with the process that writes
        self._path = folder / f"{name}.jsonl"
        self._lock = FileLock(folder / f".{name}.lock")  # between appending and writing anew

    def check(self) -> None:
        """See before anything is sent whether the journal can be written.

        Raises:
            ConfigurationError: it cannot.
        """
        folder = self._path.parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with self._path.open("ab") if self._path.exists() else TemporaryFile(dir=folder):
                pass
        except OSError as error:
            raise ConfigurationError(
                f"replies cannot be written to {self._path}: {error.strerror}; TRIAGE_OUTBOX names another folder"
            ) from None

    def send(self, reply: Reply) -> str:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        line = msgspec.json.encode(_Line(reply.key, reply.in_reply_to, reply.kind.value, reply.text)) + b"\n"
        with self._lock, self._path.open("ab") as journal:
            if _ends_torn(self._path):
                journal.write(b"\n")  # a process died in mid-line: that line never counted
            journal.write(line)
            journal.flush()
            os.fsync(journal.fileno())
        return reply.key

    def find(self, reply: Reply) -> Found:
        present = any(line.key == reply.key for line in self.lines())
        return Found(Presence.PRESENT, reply.key) if present else Found(Presence.ABSENT)

    def rests_until(self) -> None:
        """A file takes replies at any time."""

    def forget(self, keys: Collection[str]) -> int:
        """Take the texts of these replies out of the file; how many were there.

        The lines stay, without their texts, so what was sent is still found. A torn line, which never
        counted, goes: it may hold part of a text. Forgetting again changes nothing.
        """
        if not self._path.exists():
            return 0
        with self._lock:
            lines = self.lines()
            due = [line for line in lines if line.key in keys and line.text != ERASED]
            for line in due:
                line.text = ERASED
            if due or _ends_torn(self._path):
                self._replace(lines)
        return len(due)

    def _replace(self, lines: list[_Line]) -> None:
        part = self._path.with_name(f".{self._path.name}.part")
        with part.open("wb") as journal:
            journal.writelines(msgspec.json.encode(line) + b"\n" for line in lines)
            journal.flush()
            os.fsync(journal.fileno())
        shutil.copymode(self._path, part)
        part.replace(self._path)

    def lines(self) -> list[_Line]:
        """Everything sent so far; a line torn by a crash is not among it."""
        if not self._path.exists():
            return []
        found = []
        for raw in self._path.read_bytes().split(b"\n"):
            try:
                found.append(msgspec.json.decode(raw, type=_Line))
            except msgspec.DecodeError:
                continue
        return found


def _ends_torn(path: Path) -> bool:
    with path.open("rb") as journal:
        if journal.seek(0, os.SEEK_END) == 0:
            return False
        journal.seek(-1, os.SEEK_END)
        return journal.read(1) != b"\n"


ready(_Line)
