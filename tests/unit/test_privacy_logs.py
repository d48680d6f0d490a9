"""No log line says personal data, whoever wrote it and whatever went wrong."""

from __future__ import annotations

import io
import logging
import sys
import threading
from collections.abc import Iterator

import pytest

from triage.privacy.detect import detect
from triage.privacy.logs import mask_logs, mask_uncaught, masked_traceback

SECRET = "jo.marsh@example.org"


class Log:
    """A logger of its own, and what it has written."""

    def __init__(self) -> None:
        self.stream = io.StringIO()
        self.logger = logging.Logger("test", logging.DEBUG)
        self.logger.addHandler(logging.StreamHandler(self.stream))
        mask_logs(detect, self.logger.handlers)

    @property
    def written(self) -> str:
        return self.stream.getvalue()


@pytest.fixture
def log() -> Log:
    return Log()


def test_messages_and_their_arguments_are_masked(log: Log) -> None:
    log.logger.debug("mail %s and card 4111 1111 1111 1111", SECRET)
    assert log.written == "mail [EMAIL] and card [CARD]\n"


def test_a_line_without_personal_data_is_written_as_it_is(log: Log) -> None:
    log.logger.info("settled %d replies that were being sent when an earlier process stopped", 3)
    assert log.written == "settled 3 replies that were being sent when an earlier process stopped\n"


def test_what_exceptions_say_is_masked_and_where_they_came_from_is_not(log: Log) -> None:
    try:
        try:
            raise ValueError(f"cannot read {SECRET}\nnor {SECRET}")
        except ValueError as error:
            error.add_note(f"while at {SECRET}")
            raise RuntimeError(f"gave up on {SECRET}") from error
    except RuntimeError:
        log.logger.exception("a round failed")
    assert SECRET not in log.written
    assert "ValueError: cannot read [EMAIL]\nnor [EMAIL]\n" in log.written
    assert "while at [EMAIL]" in log.written
    assert log.written.endswith("RuntimeError: gave up on [EMAIL]\n")
    assert f'File "{__file__}"' in log.written


def test_arguments_that_do_not_fit_are_left_out(log: Log, capsys: pytest.CaptureFixture[str]) -> None:
    log.logger.error("%d messages", SECRET)
    assert log.written == "%d messages (its arguments do not fit)\n"
    assert SECRET not in capsys.readouterr().err


def test_masking_twice_is_masking_once(log: Log) -> None:
    mask_logs(detect, log.logger.handlers)
    assert len(log.logger.handlers[0].filters) == 1


@pytest.fixture
def uncaught() -> Iterator[None]:
    before = sys.excepthook, threading.excepthook
    mask_uncaught(detect)
    yield
    sys.excepthook, threading.excepthook = before


@pytest.mark.usefixtures("uncaught")
def test_what_nobody_caught_is_masked_too(capsys: pytest.CaptureFixture[str]) -> None:
    error = ValueError(f"cannot read {SECRET}")
    sys.excepthook(ValueError, error, None)
    assert capsys.readouterr().err == "ValueError: cannot read [EMAIL]\n"


@pytest.mark.usefixtures("uncaught")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_what_nobody_caught_in_a_thread_is_masked_too(capsys: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        raise ValueError(f"cannot read {SECRET}")

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()
    said = capsys.readouterr().err
    assert said.endswith("ValueError: cannot read [EMAIL]\n")
    assert SECRET not in said


def test_an_exception_in_a_group_is_masked() -> None:
    group = ExceptionGroup("several", [ValueError(f"cannot read {SECRET}")])
    said = masked_traceback(group, detect)
    assert SECRET not in said
    assert "ValueError: cannot read [EMAIL]" in said


def test_a_detector_that_fails_stops_nobody_and_lets_nothing_out() -> None:
    def broken(text: str) -> tuple[()]:
        raise RuntimeError(text)

    stream = io.StringIO()
    logger = logging.Logger("test", logging.DEBUG)
    logger.addHandler(logging.StreamHandler(stream))
    mask_logs(broken, logger.handlers)
    logger.info("write to %s", SECRET)
    assert stream.getvalue() == "a line that could not be masked (RuntimeError)\n"
