"""The report as a document: the same for the API and for programs that read the command's output."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import msgspec

from triage.measures.report import Report


def as_document(figures: Report) -> dict[str, Any]:
    """The report as plain values; shares carry their value beside numerator and denominator."""
    document: dict[str, Any] = msgspec.to_builtins(asdict(figures))
    for name in ("answered_alone", "closed_alone", "sent_to_people"):
        document[name]["value"] = getattr(figures, name).value
    document["audit"]["wrong_share"] = figures.audit.wrong_share.value
    return document
