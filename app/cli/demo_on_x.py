"""The demo's day as it would be on X: customers post, the product listens, and its replies are posts."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from app.cli.stand_in import StandIn
from app.compose import Product
from triage.clock import FastClock
from triage.domain.message import IncomingMessage
from triage.service.progress import progress
from triage.text.mentions import mentioned

#: The stand-in's time runs so many times as fast as real time, and is skipped where nothing happens.
FACTOR: Final = 10.0
#: Before the first post: the product is there by then, and has looked back.
EARLY: Final = timedelta(minutes=10)
SILENCE_MINUTES: Final = 60.0
_BRAND: Final = "MarramAir"
#: How much time is skipped at once.
_STEP: Final = timedelta(minutes=6)
#: Real seconds.
_PAUSE: Final = 0.1
_GLANCE: Final = 0.01
_PATIENCE: Final = 20.0


@dataclass(slots=True)
class Posted:
    """What was posted that day; ``unseen`` are posts that do not name the brand, which X tells it nothing of."""

    posts: int = 0
    unseen: int = 0


def join(stand_in: StandIn) -> dict[str, str]:
    """Make the brand's account; its credentials."""
    return stand_in.join(_BRAND, credentials=True)


def live_through(
    day: Iterable[IncomingMessage],
    product: Product,
    stand_in: StandIn,
    clock: FastClock,
    shift: timedelta,
    on_progress: Callable[[int], object],
) -> Posted:
    """Post a day's messages when their time has come. Between two of them time is skipped, once all is done.

    The product must be listening and working meanwhile, with ``clock``.
    """
    _until(stand_in.streams)
    posted, known, names = Posted(), set[str](), dict[str, str]()
    for message in sorted(day, key=lambda message: message.created_at):
        _skip_to(message.created_at + shift, stand_in, clock)
        author = _author(stand_in, message, names)
        parent = message.in_reply_to if message.in_reply_to in known else None
        shown = stand_in.post(author, message.text, key=message.external_id, reply_to=parent)
        known.add(message.external_id)
        posted.posts += 1
        if author != _BRAND and _BRAND.casefold() not in mentioned(shown):
            posted.unseen += 1
        on_progress(1)
        _until(partial(_has_done, product, posted.posts - posted.unseen))
    return posted


def _author(stand_in: StandIn, message: IncomingMessage, names: dict[str, str]) -> str:
    """The name of who writes; whoever writes for the first time joins."""
    if not message.inbound:
        return _BRAND
    if message.author_id not in names:
        names[message.author_id] = f"passenger{len(names) + 1}"
        stand_in.join(names[message.author_id], user_id=message.author_id)
    return names[message.author_id]


def _skip_to(moment: datetime, stand_in: StandIn, clock: FastClock) -> None:
    """Step by step, as polling must keep pace: a long silence would be an alarm."""
    while (gap := min(moment - clock.now(), _STEP)) > timedelta():
        stand_in.skip(gap)
        clock.advance(gap)
        if gap == _STEP:
            time.sleep(_PAUSE)


def _has_done(product: Product, expected: int) -> bool:
    """Whether all that X had to tell is here and decided, and has its reply on X, which has come back as a post."""
    come = progress(product.store)
    return come.is_idle and come.stored >= expected + come.sent


def _until(done: Callable[[], bool]) -> None:
    """Wait for it; a day goes on even if something does not come."""
    end = time.monotonic() + _PATIENCE
    while not done() and time.monotonic() < end:
        time.sleep(_GLANCE)
