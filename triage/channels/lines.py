"""What is wrong with a line of JSON, in words."""

from __future__ import annotations

import re

from triage.errors import InvalidInput
from triage.text.accept import excerpt

#: What the decoder quotes comes from the line itself, however long it is and whatever it says.
_UNKNOWN = re.compile(r"Object contains unknown field `(.*)`", re.DOTALL)


def bad_line(error: Exception, line: int) -> InvalidInput:
    """The decoder's complaint (``… - at `$.text```) as reason, field and line."""
    if isinstance(error, RecursionError):
        return InvalidInput("is nested too deeply", line=line)
    if unknown := _UNKNOWN.match(str(error)):
        return InvalidInput(f"has an unknown field {excerpt(unknown[1])!r}", line=line)
    reason, _, path = str(error).partition(" - at `$.")
    return InvalidInput(reason, field=path.rstrip("`") or None, line=line)
