"""A brand: who it is on its channels, its queues, its policy. Read from ``brand.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from triage.errors import ConfigurationError
from triage.policy import Policy
from triage.routing.table import RoutingTable

FILE: Final = "brand.toml"


@dataclass(frozen=True, slots=True)
class Brand:
    """Everything that is the operator's to decide, in one value.

    ``handles`` are the brand's accounts without the ``@``; ``signature`` ends automatic replies, as
    X asks automated accounts to say what they are; ``private_link`` opens a private message;
    ``published`` are the brand's own numbers and addresses, which a public reply may contain.
    """

    name: str
    handles: tuple[str, ...]
    signature: str
    private_link: str
    published: tuple[str, ...]
    routing: RoutingTable
    policy: Policy
    knowledge_base: Path

    @property
    def folded_handles(self) -> frozenset[str]:
        """Handles as they are compared: X ignores their case."""
        return frozenset(handle.casefold() for handle in self.handles)


class _File(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    handles: list[str]
    routing: RoutingTable
    policy: Policy
    signature: str = ""
    private_link: str = ""
    published: list[str] = []


def load_brand(folder: Path) -> Brand:
    """Read ``brand.toml`` of a brand's folder, whose knowledge base is in ``kb/`` beside it.

    Raises:
        ConfigurationError: the file is missing, is not TOML, or a field is not what it should be.
    """
    path = folder / FILE
    try:
        raw: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
        read = msgspec.convert(raw, _File)
        read.routing.check()
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
    )
