"""Where the keys come from that message texts are encrypted with: the environment, or a file."""

from __future__ import annotations

import base64
import binascii
import logging
import os
import secrets
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, Protocol

from triage.errors import ConfigurationError

log = logging.getLogger(__name__)

#: The environment variable of :attr:`triage.settings.Settings.encryption_keys`, as operators know it.
VARIABLE: Final = "TRIAGE_ENCRYPTION_KEYS"
#: AES-256.
KEY_BYTES: Final = 32


class KeySource(Protocol):
    """The keys of a database. The first one encrypts; each of them may have encrypted what is there."""

    def first(self) -> bytes:
        """The key to encrypt with."""
        ...

    def all(self) -> Sequence[bytes]:
        """All keys; empty if none was made yet."""
        ...


class GivenKeys:
    """Keys that the operator gave, the one to encrypt with first."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._keys = tuple(keys)

    def first(self) -> bytes:
        return self._keys[0]

    def all(self) -> Sequence[bytes]:
        return self._keys


class KeyFile:
    """A file with the keys, made with a first key when one is needed: for a first try, without any setting.

    Whoever can read the file can read the messages, so in production keys come from the environment.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def first(self) -> bytes:
        return (self.all() or self._make())[0]

    def all(self) -> Sequence[bytes]:
        """The keys of the file.

        Raises:
            ConfigurationError: the file cannot be read, or holds something else than keys.
        """
        try:
            return parse_keys(self._path.read_text(encoding="ascii"), str(self._path))
        except FileNotFoundError:
            return ()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigurationError(f"the encryption keys in {self._path} cannot be read: {error}") from None

    def _make(self) -> Sequence[bytes]:
        """Of processes that make the file at once one wins, and all use its key: linking never overwrites."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        part = self._path.with_name(f".{self._path.name}.{secrets.token_hex(4)}.part")
        try:
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(encode_key(new_key()).encode() + b"\n")
                file.flush()
                os.fsync(file.fileno())
            with suppress(FileExistsError):
                os.link(part, self._path)
                log.warning(
                    "made %s, the key that messages are encrypted with; in production set %s instead and keep the key "
                    "away from the database (`triage db new-key` makes one)",
                    self._path,
                    VARIABLE,
                )
        finally:
            part.unlink(missing_ok=True)
        return self.all()


def new_key() -> bytes:
    """A random key of 32 bytes."""
    return secrets.token_bytes(KEY_BYTES)


def encode_key(key: bytes) -> str:
    """A key as it is written in the environment and in files: URL-safe base64, 44 characters."""
    return base64.urlsafe_b64encode(key).decode()


def parse_keys(written: str, where: str) -> tuple[bytes, ...]:
    """The keys in a text, parted by commas or lines.

    Raises:
        ConfigurationError: there is none, or one is not 32 bytes in URL-safe base64. The message says which
            one, never what it is.
    """
    parts = written.replace(",", " ").split()
    if not parts:
        raise ConfigurationError(f"{where} holds no encryption key; `triage db new-key` makes one")
    return tuple(_parse_key(part, f"{where}: key {number}") for number, part in enumerate(parts, start=1))


def _parse_key(part: str, where: str) -> bytes:
    try:
        key = base64.b64decode(part, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise ConfigurationError(f"{where} is not {KEY_BYTES} bytes in URL-safe base64; `triage db new-key` makes one")
    return key
