"""``python -m app.cli``: the same as ``triage``."""

from app.cli import main

main(prog_name="triage")
