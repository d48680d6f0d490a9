"""Ids as parts of an address."""

from __future__ import annotations

from apiflask import APIBlueprint
from flask.blueprints import BlueprintSetupState
from werkzeug.routing import BaseConverter


class _Anything(BaseConverter):
    """A part of a path, slashes and all: an id is the sender's own and may look like anything."""

    regex = ".+"
    part_isolating = False


def register_converter(routes: APIBlueprint) -> None:
    """Let the addresses of ``routes`` have parts such as ``<anything:message_id>``."""

    @routes.record
    def know_the_converter(state: BlueprintSetupState) -> None:
        state.app.url_map.converters["anything"] = _Anything
