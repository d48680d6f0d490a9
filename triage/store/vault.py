"""Encryption of what people wrote: AES-256-GCM, a random nonce for each value, the key's name in front.

A sealed value is ``version (1 byte) | key id (4) | nonce (12) | ciphertext | tag (16)``. Its *place*, the
name of table and column, is authenticated with it, so a value that was moved to another column does not
open. The construction is that of NIST SP 800-38D, whose bound for random nonces is 2^32 values for each
key: rotate before that.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from functools import cached_property
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from triage.errors import ConfigurationError
from triage.store.keys import VARIABLE, KeySource

#: Length of version and key id, by which a sealed value says how it is to be opened.
HEAD_BYTES: Final = 5
_VERSION: Final = b"\x01"
_NONCE_BYTES: Final = 12
_TEXT_AT: Final = HEAD_BYTES + _NONCE_BYTES

Change = Callable[[bytes], bytes]


class Vault:
    """Seals with the first key of a source, opens with any of them. Safe to share between threads."""

    def __init__(self, source: KeySource) -> None:
        self._source = source
        self._ciphers: dict[bytes, AESGCM] = {}

    @cached_property
    def head(self) -> bytes:
        """What every value that is sealed from now on begins with."""
        return _head(self._source.first())

    def sealer(self, place: str) -> Change:
        """A function that seals values of one column."""
        bound = place.encode()

        def seal(plain: bytes) -> bytes:
            head, cipher = self._first
            nonce = os.urandom(_NONCE_BYTES)
            return head + nonce + cipher.encrypt(nonce, plain, bound)

        return seal

    def opener(self, place: str) -> Change:
        """A function that opens values of one column.

        It raises :class:`ConfigurationError` where the key is not there, and where a value was damaged or
        put there by somebody without the key.
        """
        bound = place.encode()

        def open_(sealed: bytes) -> bytes:
            cipher = self._cipher(sealed[:HEAD_BYTES])
            try:
                return cipher.decrypt(sealed[HEAD_BYTES:_TEXT_AT], sealed[_TEXT_AT:], bound)
            except InvalidTag:
                raise ConfigurationError(
                    f"a value of {place} in the database is damaged, or was not written by this product"
                ) from None

        return open_

    @cached_property
    def _first(self) -> tuple[bytes, AESGCM]:
        return self.head, AESGCM(self._source.first())

    def _cipher(self, head: bytes) -> AESGCM:
        if head not in self._ciphers:
            self._ciphers = {_head(key): AESGCM(key) for key in self._source.all()}
        try:
            return self._ciphers[head]
        except KeyError:
            raise ConfigurationError(
                f"the database is encrypted with key {head[1:].hex()}, which is not there; add it to {VARIABLE}"
            ) from None


def _head(key: bytes) -> bytes:
    """Version and key id: the start of a hash, which says nothing of the key."""
    return _VERSION + hashlib.sha256(b"triage key id\0" + key).digest()[: HEAD_BYTES - len(_VERSION)]
