"""A brand: who it is on its channels, its queues, its policy. Read from ``brand.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from triage.errors import ConfigurationError
from triage.policy import Policy
from triage.routing.private import PrivateMessages
from triage.routing.table import RoutingTable


@dataclass(frozen=True, slots=True)
class Brand:
    """Everything that is the operator's to decide, in one value.

    ``handles`` are the brand's accounts without the ``@``; ``signature`` ends automatic replies, as
    X asks automated accounts to say what they are; ``private_link`` opens a private message;
    ``private`` is how a customer is asked to go on there; ``published`` are the brand's own numbers and
    addresses, which a public reply may contain.
    """

    name: str
    handles: tuple[str, ...]
    signature: str
    private_link: str
    published: tuple[str, ...]
    routing: RoutingTable
    policy: Policy
    knowledge_base: Path
    private: PrivateMessages = field(default_factory=PrivateMessages)

    @property
    def folded_handles(self) -> frozenset[str]:
        """Handles as they are compared: X ignores their case."""
        return frozenset(handle.casefold() for handle in self.handles)


class _Private(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    texts: list[str] = []
    delete: list[str] = []
    automatic: bool = False


class _File(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    handles: list[str]
    routing: RoutingTable
    policy: Policy
    signature: str = ""
    private_link: str = ""
    published: list[str] = []
    private: _Private = _Private()


def load_brand(folder: Path) -> Brand:
    """Read ``brand.toml`` of a brand's folder, whose knowledge base is in ``kb/`` beside it.

    Raises:
        ConfigurationError: the file is missing, is not TOML, or a field is not what it should be.
    """
    path = folder / "brand.toml"
    try:
        raw: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        read = msgspec.convert(raw, _File)
        read.routing.check()
        private = PrivateMessages(
            read.private_link, tuple(read.private.texts), tuple(read.private.delete), read.private.automatic
        )
        private.check(read.signature)
    except FileNotFoundError:
        raise ConfigurationError(f"{path} does not exist; TRIAGE_BRAND must name a folder with a brand.toml") from None
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, UnicodeDecodeError, ConfigurationError) as error:
        raise ConfigurationError(f"{path}: {error}") from None
    return Brand(
        name=read.name,
        handles=tuple(handle.removeprefix("@") for handle in read.handles),
        signature=read.signature,
        private_link=read.private_link,
        published=tuple(read.published),
        routing=read.routing,
        policy=read.policy,
        knowledge_base=folder / "kb",
        private=private,
    )
