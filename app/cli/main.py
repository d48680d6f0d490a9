"""The ``triage`` command: its groups, and how errors leave it."""

from __future__ import annotations

import logging
import sys
from collections import UserDict
from collections.abc import Mapping
from importlib import import_module
from typing import Any, Final

import click

from triage import settings
from triage.errors import TriageError
from triage.privacy.detect import detect
from triage.privacy.logs import mask_logs, mask_uncaught

#: Exit codes: 1, some of the input was bad and skipped; 2, nothing could be done at all.
EXIT_UNUSABLE = 2
#: Libraries that write rows, texts or tokens at the level DEBUG.
_TALKATIVE: Final = ("alembic", "oauthlib", "requests_oauthlib", "sqlalchemy", "tweepy", "urllib3")
_LOG_LINE: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"


#: The module and the name in it of each command.
_COMMANDS: Final[Mapping[str, tuple[str, str]]] = {
    "answer": ("score", "answer"),
    "db": ("admin", "db"),
    "demo": ("demo", "demo"),
    "erase": ("privacy", "erase"),
    "export": ("privacy", "export"),
    "kb": ("kb", "kb"),
    "replay": ("replay", "replay"),
    "report": ("report", "report"),
    "retain": ("privacy", "retain"),
    "score": ("score", "score"),
    "serve": ("serve", "serve"),
    "settings": ("admin", "settings_command"),
    "training-export": ("training_export", "training_export"),
    "user": ("admin", "user"),
    "work": ("serve", "work"),
    "x": ("x", "x"),
}


class _Commands(UserDict[str, Any]):
    """Imports the module of a command when it is asked for: scoring needs no web framework, and starts sooner."""

    def __getitem__(self, name: str) -> click.Command:
        module, attribute = self.data[name]
        command: click.Command = getattr(import_module(f"app.cli.{module}"), attribute)
        return command


class _Group(click.Group):
    """Turns the product's errors into one line on standard error, without a traceback."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except TriageError as error:
            click.echo(f"triage: {error}", err=True)
            sys.exit(EXIT_UNUSABLE)
        except BrokenPipeError:
            sys.exit(0)  # whoever read us has read enough
        except OSError as error:  # a folder that may not be written, a full disk, a port that is taken
            click.echo(f"triage: {error}", err=True)
            sys.exit(EXIT_UNUSABLE)


@click.group(cls=_Group, commands=_Commands(_COMMANDS), context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="tweet-triage", message="%(version)s")
def main() -> None:
    """Triage for customer-care messages: score, answer the simple ones, queue the rest for people."""
    handler = logging.StreamHandler()
    mask_logs(detect, [handler])
    mask_uncaught(detect)
    logging.basicConfig(level=settings.read().log_level, format=_LOG_LINE, handlers=[handler])
    for library in _TALKATIVE:
        logging.getLogger(library).setLevel(logging.WARNING)
