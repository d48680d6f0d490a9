"""Column types whose values are encrypted in the database and plain in the product.

A column type sees nothing of a connection but its dialect, and each engine has one of its own; that is
how a type finds the vault of the database that it reads or writes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import Dialect

from triage.store.vault import Vault

Value = TypeVar("Value")

_vaults: WeakKeyDictionary[Dialect, Vault] = WeakKeyDictionary()


def bind_vault(engine: sa.Engine, vault: Vault) -> None:
    """Let sealed columns of this engine's database be read and written with the keys of ``vault``."""
    _vaults[engine.dialect] = vault


def vault_of(dialect: Dialect) -> Vault:
    """The vault of the engine with this dialect."""
    return _vaults[dialect]


class Sealed(sa.types.TypeDecorator[Value], Generic[Value]):
    """Base of the types. ``place`` is ``table.column``, which is sealed in with every value."""

    impl = sa.LargeBinary
    cache_ok = True

    def __init__(self, place: str) -> None:
        super().__init__()
        self.place = place

    def bind_processor(self, dialect: Dialect) -> Callable[[Value | None], bytes | None]:
        seal, to_bytes = vault_of(dialect).sealer(self.place), self._to_bytes
        return lambda value: None if value is None else seal(to_bytes(value))

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Value | None]:  # noqa: ARG002 - fixed by SQLAlchemy
        open_, from_bytes = vault_of(dialect).opener(self.place), self._from_bytes
        return lambda sealed: None if sealed is None else from_bytes(open_(sealed))

    def _to_bytes(self, value: Value) -> bytes:
        raise NotImplementedError

    def _from_bytes(self, plain: bytes) -> Value:
        raise NotImplementedError


class SealedText(Sealed[str]):
    """A text."""

    cache_ok = True

    def _to_bytes(self, value: str) -> bytes:
        return value.encode()

    def _from_bytes(self, plain: bytes) -> str:
        return plain.decode()


class SealedDocument(Sealed[Any]):
    """A JSON document: any value that msgspec can encode; builtins come back."""

    cache_ok = True

    def _to_bytes(self, value: Any) -> bytes:
        return msgspec.json.encode(value)

    def _from_bytes(self, plain: bytes) -> Any:
        return msgspec.json.decode(plain)


def sealed_columns(table: sa.Table) -> list[sa.Column[Any]]:
    """The columns of a table whose values are encrypted."""
    return [column for column in table.columns if isinstance(column.type, Sealed)]
