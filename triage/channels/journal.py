"""A way out for messages that came from a file or the API: replies are appended to a journal.

Integrations may follow the file; each line is one reply, as JSON.
"""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryFile

import msgspec

from triage.channels.protocol import Found, Presence
from triage.domain.reply import Reply
from triage.errors import ConfigurationError


class _Line(msgspec.Struct):
    key: str
    in_reply_to: str
    kind: str
    text: str


class JournalChannel:
    """Appends replies to ``folder/<name>.jsonl``, each safely on disk before it counts as sent."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self._path = folder / f"{name}.jsonl"

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
        with self._path.open("ab") as journal:
            if _ends_torn(self._path):
                journal.write(b"\n")  # a process died in mid-line: that line never counted
            journal.write(line)
            journal.flush()
            os.fsync(journal.fileno())
        return reply.key

    def find(self, reply: Reply) -> Found:
        present = any(line.key == reply.key for line in self.lines())
        return Found(Presence.PRESENT, reply.key) if present else Found(Presence.ABSENT)

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
