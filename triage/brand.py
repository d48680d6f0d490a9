"""A brand: who it is on its channels, its queues, its policy. Read from ``brand.toml``."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec

from triage.domain.decision import Mode
from triage.domain.limits import Limits
from triage.errors import ConfigurationError, InvalidInput
from triage.policy import Policy
from triage.routing.private import PrivateMessages
from triage.routing.table import RoutingTable
from triage.shapes import ready
from triage.text.accept import check_outgoing

_VARIABLE: Final = re.compile(r"[a-z][a-z0-9_]*")

FILE: Final = "brand.toml"


@dataclass(frozen=True, slots=True)
class Brand:
    """Everything that is the operator's to decide, in one value.

    ``handles`` are the brand's accounts without the ``@``; ``signature`` ends automatic replies, as
    X asks automated accounts to say what they are; ``private_link`` opens a private message;
    ``training_channels`` are those whose messages may be exported to train models on, none unless named.
    ``retention`` says for each channel how long the content of its messages is kept, for ever where it is
    not named. ``private`` is how a customer is asked to go on in private; ``published`` are the brand's own
    numbers and addresses, which a public reply may contain; ``mode`` is how far any snippet may be used, and
    ``variables`` fill ``{name}`` in snippets; ``x`` is what automatic replies may do on X.
    """

    name: str
    handles: tuple[str, ...]
    signature: str
    private_link: str
    published: tuple[str, ...]
    routing: RoutingTable
    policy: Policy
    knowledge_base: Path
    training_channels: tuple[str, ...] = ()
    retention: Mapping[str, timedelta] = field(default_factory=dict)
    mode: Mode = Mode.LIVE
    variables: Mapping[str, str] = field(default_factory=dict)
    private: PrivateMessages = field(default_factory=PrivateMessages)
    x: Limits = field(default_factory=Limits)

    @property
    def tells_on_x_that_it_is_automated(self) -> bool:
        """Whether automatic replies say what they are, or there are none on X: its rules want that."""
        return bool(self.signature.strip()) or not (self.policy.answering and self.x.automatic_replies_per_day)

    @property
    def folded_handles(self) -> frozenset[str]:
        """Handles as they are compared: X ignores their case."""
        return frozenset(handle.casefold() for handle in self.handles)


class _Training(msgspec.Struct, forbid_unknown_fields=True):
    channels: list[str] = []


class _Private(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    texts: list[str] = []
    delete: list[str] = []
    automatic: bool = False


#: Whole days, up to a century.
_Days = Annotated[int, msgspec.Meta(ge=1, le=36_525)]


class _File(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    handles: list[str]
    routing: RoutingTable
    policy: Policy
    signature: str = ""
    private_link: str = ""
    published: list[str] = []
    training: _Training = msgspec.field(default_factory=_Training)
    retention: dict[str, _Days] = {}
    mode: Mode = Mode.LIVE
    variables: dict[str, str] = {}
    private: _Private = _Private()
    x: Limits = Limits()


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
        _check_variables(read.variables)
        private = PrivateMessages(
            read.private_link, tuple(read.private.texts), tuple(read.private.delete), read.private.automatic
        )
        private.check(read.signature)
    except FileNotFoundError:
        raise ConfigurationError(f"{path} does not exist; TRIAGE_BRAND must name a folder with a brand.toml") from None
    except (
        tomllib.TOMLDecodeError,
        msgspec.ValidationError,
        UnicodeDecodeError,
        ConfigurationError,
        InvalidInput,
    ) as error:
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
        training_channels=tuple(read.training.channels),
        retention={channel: timedelta(days=days) for channel, days in read.retention.items()},
        mode=read.mode,
        variables=read.variables,
        private=private,
        x=read.x,
    )


def brand_around(knowledge_base: Path) -> Brand | None:
    """The brand whose knowledge base this folder is, or ``None`` where no ``brand.toml`` is beside it.

    Raises:
        ConfigurationError: see :func:`load_brand`.
    """
    folder = knowledge_base.resolve().parent
    return load_brand(folder) if (folder / "brand.toml").exists() else None


def _check_variables(variables: Mapping[str, str]) -> None:
    for name, value in variables.items():
        if not _VARIABLE.fullmatch(name):
            raise InvalidInput("must be small letters, digits and underscores", field=f"variables.{name}")
        check_outgoing(value, field=f"variables.{name}")


ready(_File)
