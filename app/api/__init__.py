"""The JSON API, version 1. A route parses, calls one use case, renders."""

from __future__ import annotations

from apiflask import APIBlueprint

from app.api import audits, cases, messages, queues, reading, replies, reveals, system, x_status


def blueprint() -> APIBlueprint:
    """All routes of the API, to be mounted at ``/api/v1``."""
    reading.register()
    parent = APIBlueprint("api", __name__, tag="triage")
    for part in (messages, queues, cases, replies, reveals, audits, x_status, system):
        parent.register_blueprint(part.blueprint())
    return parent
