"""The command line: ``triage …``. Each command is a thin layer over one use case."""

from app.cli.main import main

__all__ = ["main"]
