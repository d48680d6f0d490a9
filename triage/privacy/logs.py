"""Logs without personal data: the last look at every line before it is written.

The product logs no text of a message on purpose. What an error quotes, its own or a library's, is not
in its hands, so every record is masked: the message with its arguments, and what exceptions say. Only
what the detection finds is masked; a value without anything that tells what it is stays.
"""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from collections.abc import Iterable
from types import TracebackType
from typing import Final

from triage.privacy.redact import Find, mask

#: How a frame of a traceback begins, which is code and no data.
_FRAME: Final = '  File "'


class Masking(logging.Filter):
    """A filter for handlers: changes records and lets all of them through."""

    def __init__(self, find: Find) -> None:
        super().__init__()
        self._find = find

    def filter(self, record: logging.LogRecord) -> bool:
        message = _said(record)
        try:
            message = mask(message, self._find(message))
            if record.exc_info and record.exc_info[1] is not None:
                record.exc_text = masked_traceback(record.exc_info[1], self._find)
        except Exception as error:  # whoever logs must go on, and nothing goes out unmasked
            message, record.exc_text = f"a line that could not be masked ({type(error).__name__})", None
        record.msg, record.args, record.exc_info, record.stack_info = message, None, None, None
        return True


def _said(record: logging.LogRecord) -> str:
    """The message; where its arguments do not fit it, without them: ``logging`` would write them out as they are."""
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError):
        return f"{record.msg} (its arguments do not fit)"


def masked_traceback(error: BaseException, find: Find) -> str:
    """A traceback as Python writes it, with personal data masked in what the exceptions say."""
    lines = traceback.TracebackException.from_exception(error).format()
    return "".join(line if line.startswith(_FRAME) else mask(line, find(line)) for line in lines).rstrip("\n")


def mask_logs(find: Find, handlers: Iterable[logging.Handler]) -> None:
    """Have ``handlers`` write nothing before it was masked. Doing it twice changes nothing."""
    for handler in handlers:
        if not any(isinstance(one, Masking) for one in handler.filters):
            handler.addFilter(Masking(find))


def mask_uncaught(find: Find) -> None:
    """Mask what Python itself writes of an exception that nobody caught, in any thread."""

    def say(error: BaseException) -> None:
        sys.stderr.write(masked_traceback(error, find) + "\n")

    def uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            sys.__excepthook__(kind, error, trace)
        else:
            say(error)

    def uncaught_in_thread(ended: threading.ExceptHookArgs) -> None:
        if ended.exc_value is not None and not isinstance(ended.exc_value, SystemExit):
            say(ended.exc_value)

    sys.excepthook = uncaught
    threading.excepthook = uncaught_in_thread
