"""The ``triage`` command: its groups, and how errors leave it."""

from __future__ import annotations

import logging
import sys

import click

from app.cli import admin, demo, privacy, replay, report, score, serve
from triage import settings
from triage.errors import TriageError

#: Exit codes: 1, some of the input was bad and skipped; 2, nothing could be done at all.
EXIT_UNUSABLE = 2


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
    logging.basicConfig(level=settings.read().log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)


for command in (
    score.score,
    score.answer,
    replay.replay,
    serve.serve,
    serve.work,
    report.report,
    demo.demo,
    privacy.erase,
    privacy.retain,
    privacy.export,
    admin.db,
    admin.user,
    admin.settings_command,
):
    main.add_command(command)
