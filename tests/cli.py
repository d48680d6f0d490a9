"""The command line, called as its users call it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from app.cli import main


def run(*arguments: str | Path, text: str | bytes | None = None, **environment: str) -> Result:
    return CliRunner().invoke(main, [str(a) for a in arguments], input=text, env=environment, catch_exceptions=False)


def lines(*rows: Any) -> str:
    """JSON Lines; what is text already is a line as it is."""
    return "".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows)
