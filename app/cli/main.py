"""The ``triage`` command: its groups, and how errors leave it."""

from __future__ import annotations

import logging
import sys
from typing import Final

import click

from app.cli import admin, demo, kb, privacy, replay, report, score, serve, training_export
from triage import settings
from triage.errors import TriageError
from triage.privacy.detect import detect
from triage.privacy.logs import mask_logs, mask_uncaught

#: Exit codes: 1, some of the input was bad and skipped; 2, nothing could be done at all.
EXIT_UNUSABLE = 2
#: Libraries that write rows, texts or tokens at the level DEBUG.
_TALKATIVE: Final = ("alembic", "oauthlib", "requests_oauthlib", "sqlalchemy", "tweepy", "urllib3")
_LOG_LINE: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"


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


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="tweet-triage", message="%(version)s")
def main() -> None:
    """Triage for customer-care messages: score, answer the simple ones, queue the rest for people."""
    handler = logging.StreamHandler()
    mask_logs(detect, [handler])
    mask_uncaught(detect)
    logging.basicConfig(level=settings.read().log_level, format=_LOG_LINE, handlers=[handler])
    for library in _TALKATIVE:
        logging.getLogger(library).setLevel(logging.WARNING)


for command in (
    score.score,
    score.answer,
    kb.kb,
    replay.replay,
    serve.serve,
    serve.work,
    report.report,
    training_export.training_export,
    demo.demo,
    privacy.erase,
    privacy.retain,
    privacy.export,
    admin.db,
    admin.user,
    admin.settings_command,
):
    main.add_command(command)
