"""Every error the product raises on purpose, in one tree.

Whether a failure is worth trying again is a *type* (:class:`RetryLater`), never a flag to inspect.
The API turns each class into one HTTP status (``app/api/problems.py``); the command line turns each
into one line on standard error.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path


class TriageError(Exception):
    """Root of the tree. ``str(error)`` is a sentence a user can act on."""


class InvalidInput(TriageError):
    """Something handed in from outside cannot be accepted.

    ``field`` names the offending field (dotted path, ``messages.3.text``); ``line`` is the 1-based
    line of a file, where there is one.
    """

    def __init__(self, reason: str, *, field: str | None = None, line: int | None = None) -> None:
        self.reason = reason
        self.field = field
        self.line = line
        super().__init__(str(self))

    def __str__(self) -> str:
        place = [f"line {self.line}"] if self.line is not None else []
        place += [self.field] if self.field else []
        return f"{', '.join(place)}: {self.reason}" if place else self.reason


class NotFound(TriageError):
    """The thing named does not exist, or not for this user."""


class Conflict(TriageError):
    """The request was fine but the state of the world has moved on (claimed, closed, …)."""


class IllegalMove(Conflict):
    """A case was asked to make a move that its state does not allow."""


class Forbidden(TriageError):
    """The user is known but may not do this."""


class GuardBlocked(TriageError):
    """An outgoing public reply was stopped because of what it says.

    ``findings`` lists what was found, as personal-data types, never the values themselves.
    """

    def __init__(self, reason: str, findings: tuple[str, ...]) -> None:
        super().__init__(reason)
        self.findings = findings


class ConfigurationError(TriageError):
    """A setting or a file of the operator's is wrong; the message names it."""


class ArtifactError(TriageError):
    """A model artifact is missing, damaged, foreign or of an unknown layout."""


class KnowledgeBaseError(TriageError):
    """A knowledge-base file is broken; the message names file, line (1-based) and field where they are known."""

    def __init__(
        self, reason: str, *, path: Path | None = None, line: int | None = None, field: str | None = None
    ) -> None:
        self.reason = reason
        self.path = path
        self.line = line
        self.field = field
        place = [str(path)] if path else []
        place += [f"line {line}"] if line else []
        place += [field] if field else []
        super().__init__(f"{', '.join(place)}: {reason}" if place else reason)


class ChannelError(TriageError):
    """A channel could not do what it was asked."""


class RetryLater(ChannelError):
    """Worth trying again, not before ``not_before``."""

    def __init__(self, reason: str, not_before: datetime) -> None:
        super().__init__(reason)
        self.not_before = not_before


class GiveUp(ChannelError):
    """The channel refused for good; trying again cannot help."""


class Ambiguous(ChannelError):
    """It is unknown whether the channel acted: look before trying again."""


class Repeated(Ambiguous):
    """The channel refused a text that it has seen before. It may have seen it in this very reply, so look first."""
