"""A stream of X that is kept up: connects, reads, notices what went wrong, pauses, connects again.

tweepy's own loop is not used: ``docs/adr/0023-streams.md`` has what it does on each way of ending.
"""

from __future__ import annotations

import logging
import random
import threading
from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, Final, Protocol

import msgspec
import requests
from requests.auth import AuthBase
from urllib3.exceptions import HTTPError

from triage.channels.x import refusals
from triage.channels.x.accelerator import Missed
from triage.channels.x.backoff import Backoff, Chance
from triage.channels.x.budget import Budget
from triage.channels.x.deadline import Deadline, PunctualAdapter
from triage.channels.x.endpoint import Endpoint
from triage.channels.x.happening import Happening, Posted, PrivatelyWritten
from triage.channels.x.lines import Body, read_lines
from triage.channels.x.outcomes import Answer, limits
from triage.channels.x.refusals import BROKEN, REFUSED, Ended
from triage.channels.x.stall import StallTimer
from triage.channels.x.watch import Source, Watch
from triage.clock import Clock
from triage.errors import ChannelError, RetryLater

log = logging.getLogger(__name__)

#: X sends a heartbeat every 20 seconds: three in a row that do not come are a stall.
PATIENCE: Final = 3 * timedelta(seconds=20)
#: A connection that stood for so long was a good one: what failed before it is forgotten.
GOOD_AFTER: Final = timedelta(minutes=2)
#: Rules and subscriptions are looked at again so long after the last look: somebody may have taken them away.
LOOK_AGAIN_AFTER: Final = timedelta(hours=1)

_MOST_BYTES: Final = 64 * 1024
_AT_ONCE: Final = Backoff(first=timedelta(0), most=timedelta(0))


class Feed(Protocol):
    """What is asked for on a stream, and how what comes is read."""

    source: Source
    endpoint: Endpoint
    path: str
    query: Mapping[str, str]

    def prepare(self) -> None:
        """Have X send what is wanted: rules, or subscriptions. Doing it again changes nothing.

        Raises:
            RetryLater: not now.
            GiveUp: X refuses.
        """
        ...

    def read(self, told: Mapping[str, Any]) -> Iterable[Happening]:
        """The happenings of one line that has ``data``; whatever is wrong with it is raised."""
        ...


@dataclass(frozen=True, slots=True)
class Place:
    """Where X's API is, who signs, and how long at most an answer is waited for."""

    api: str
    auth: AuthBase
    timeout: timedelta


@dataclass(slots=True)
class _Run:
    """What is remembered from one connection to the next."""

    timer: StallTimer
    session: requests.Session
    prepared_at: datetime | None = None
    failures: int = 0


class Stream:
    """One :class:`Feed`, kept up: an accelerator. To be used by one thread at a time."""

    def __init__(
        self,
        feed: Feed,
        place: Place,
        budget: Budget,
        watch: Watch,
        clock: Clock,
        chance: Chance = random.random,
    ) -> None:
        self.source = feed.source
        self._feed = feed
        self._place = place
        self._budget = budget
        self._watch = watch
        self._clock = clock
        self._chance = chance

    def happenings(self, stop: threading.Event) -> Iterator[Happening | Missed]:
        """See :class:`~triage.channels.x.accelerator.Accelerator`."""
        with StallTimer(self._clock, stop, PATIENCE) as timer, requests.Session() as session:
            for scheme in ("https://", "http://"):
                session.mount(scheme, PunctualAdapter(max_retries=0))
            run = _Run(timer, session)
            while not stop.is_set():
                ended = yield from self._connection(run)
                if not stop.is_set():
                    self._clock.wait(stop, self._pause(run, ended))

    def _connection(self, run: _Run) -> Generator[Happening | Missed, None, Ended]:
        """One connection, from getting ready for it to its end."""
        try:
            self._prepare(run)
            self._budget.spend(self._feed.endpoint)
            response = self._ask(run.session)
        except RetryLater as later:
            return Ended(str(later), _AT_ONCE, later.not_before)
        except ChannelError as error:
            return Ended(str(error), REFUSED)
        except requests.RequestException as error:
            return Ended(refusals.unreachable(error), BROKEN)
        with response:
            if response.status_code == HTTPStatus.OK:
                self._learn(_answer(response, b""))
                return (yield from self._follow(run, response))
            run.prepared_at = None  # it may be the rules that X does not like
            return self._refused(_answer(response, _explanation(response)))

    def _learn(self, answer: Answer) -> None:
        self._budget.learn(self._feed.endpoint, limits(answer))

    def _refused(self, answer: Answer) -> Ended:
        self._learn(answer)
        ended = refusals.refused(answer, self._clock.now())
        if ended.not_before is not None:
            self._budget.rest(self._feed.endpoint, ended.not_before)
        return ended

    def _prepare(self, run: _Run) -> None:
        now = self._clock.now()
        if run.prepared_at is None or now - run.prepared_at >= LOOK_AGAIN_AFTER:
            self._feed.prepare()
            run.prepared_at = now

    def _ask(self, session: requests.Session) -> requests.Response:
        # The time-out alone begins anew with each byte of the headers.
        with Deadline(2 * self._place.timeout) as deadline:
            response = session.get(
                self._place.api + self._feed.path,
                params=self._feed.query,
                auth=self._place.auth,
                headers={"Accept-Encoding": "identity"},  # what compresses holds back lines
                timeout=self._place.timeout.total_seconds(),
                stream=True,
                allow_redirects=False,
            )
        if deadline.over:
            response.close()
            raise requests.Timeout
        connection = response.raw.connection
        stands = response.status_code == HTTPStatus.OK
        if stands and connection is not None and connection.sock is not None:
            connection.sock.settimeout(None)  # from here on the stall timer knows when it is too long
        return response

    def _follow(self, run: _Run, response: requests.Response) -> Generator[Happening | Missed, None, Ended]:
        """What a connection that stands tells, until it ends."""
        timer = run.timer
        silent_since, began = timer.heard_at, self._clock.now()
        timer.connected(response.raw.shutdown)
        try:
            self._watch.alive(self.source)
            yield Missed(silent_since)
            yield from self._told(run, response.raw)
            why = "X closed the connection"
        except ChannelError as error:
            why = str(error)
        finally:
            timer.disconnected()
        if timer.stalled:
            why = "X said nothing for over a minute, not even a heartbeat"
        return Ended(why, BROKEN, stood=self._clock.now() - began)

    def _told(self, run: _Run, body: Body) -> Iterator[Happening | Missed]:
        timer, lines = run.timer, read_lines(body)
        while True:
            timer.wait()
            line = next(lines, None)
            if line is None:
                return
            heard_before = timer.heard_at
            timer.heard()
            self._watch.alive(self.source)
            if line:
                yield from self._read(line, heard_before)
            yield from self._looked_again(run)

    def _looked_again(self, run: _Run) -> Iterator[Missed]:
        """Have X send what is wanted where somebody has taken that away: heartbeats come all the same."""
        before, now = run.prepared_at, self._clock.now()
        if before is None or now - before < LOOK_AGAIN_AFTER:
            return
        run.prepared_at = now  # what fails is tried again so much later, too
        try:
            self._feed.prepare()
        except ChannelError as error:  # the call that it came from has told the watch
            log.warning("what is wanted of X's %s stream could not be looked at: %s", self.source.value, error)
        yield Missed(before)

    def _read(self, line: bytes, heard_before: datetime) -> Iterator[Happening | Missed]:
        """The happenings of one line; what it should have told counts as missed if it cannot be read.

        Raises:
            ChannelError: X says that it ends the connection.
        """
        try:
            told = msgspec.json.decode(line, type=dict[str, Any])
            found = list(self._feed.read(told)) if told.get("data") else None
        except Exception as error:  # one line must not end the stream, whatever is wrong with it
            log.warning("a line of X's %s stream could not be read (%s)", self.source.value, type(error).__name__)
            self._watch.failed(self.source, f"a line of the stream could not be read ({type(error).__name__})")
            yield Missed(heard_before)
            return
        if found is None:
            self._complain(told)
            yield Missed(heard_before)
            return
        for happening in found:
            self._note(happening)
            yield happening

    def _complain(self, told: Mapping[str, Any]) -> None:
        """Take note of a line without data.

        Raises:
            ChannelError: it says that X ends the connection.
        """
        why = refusals.complaint(told)
        if "disconnect" in why:
            raise ChannelError(why)
        self._watch.failed(self.source, why)

    def _note(self, happening: Happening) -> None:
        if isinstance(happening, Posted):
            self._watch.saw(self.source, happening.post.id, happening.post.created_at)
            self._watch.called(self._feed.endpoint, 1)
        elif isinstance(happening, PrivatelyWritten):
            self._watch.saw(self.source, happening.message.id, happening.message.created_at)
            self._watch.called(Endpoint.PRIVATE_EVENTS, 1)  # what X asks for one, whichever way it comes

    def _pause(self, run: _Run, ended: Ended) -> timedelta:
        """Note how it ended; how long to stay away."""
        self._watch.failed(self.source, ended.why)
        if ended.pace is not _AT_ONCE:
            run.failures = 1 if ended.stood >= GOOD_AFTER else run.failures + 1
        pause = ended.pace.pause(max(run.failures, 1), self._chance)
        if ended.not_before is not None:
            pause = max(pause, ended.not_before - self._clock.now())
        return pause


def _answer(response: requests.Response, body: bytes) -> Answer:
    return Answer(response.status_code, {name.lower(): value for name, value in response.headers.items()}, body)


def _explanation(response: requests.Response) -> bytes:
    """The body of a refusal, as far as it comes."""
    try:
        return bytes(response.raw.read1(_MOST_BYTES, decode_content=True))
    except (HTTPError, OSError):
        return b""
