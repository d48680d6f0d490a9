"""How a connection ends, or is not made at all, in plain words, and how long to stay away then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, Final

import msgspec
import requests

from triage.channels.x.backoff import Backoff
from triage.channels.x.outcomes import Answer, limits
from triage.channels.x.own_words import shown

#: Every limit on connections is over after so long, whatever a header says.
_WINDOW: Final = timedelta(minutes=15)

#: Ended by X or by the network although it stood, or never reached.
BROKEN: Final = Backoff(first=timedelta(seconds=1), most=timedelta(minutes=1))
#: X is down.
DOWN: Final = Backoff(first=timedelta(seconds=5), most=timedelta(minutes=5))
#: X counts another connection, which may be our last one that it has not seen end, or too many of them.
TAKEN: Final = Backoff(least=timedelta(seconds=20), first=timedelta(minutes=1), most=_WINDOW)
#: X refuses for a reason that a person has to look at.
REFUSED: Final = Backoff(least=timedelta(minutes=5), first=_WINDOW, most=_WINDOW)

#: What is said where X does not take the app's token: somebody has to see to it.
BEARER_REFUSED: Final = "X does not accept the app's bearer token: make a new one and set TRIAGE_X_BEARER_TOKEN"


@dataclass(frozen=True, slots=True)
class Ended:
    """A connection, or the try to make one, is over.

    ``why`` is for operators. The next try comes after a pause of ``pace``, and not before ``not_before``.
    ``stood`` is how long there was a connection.
    """

    why: str
    pace: Backoff
    not_before: datetime | None = None
    stood: timedelta = timedelta(0)


def refused(answer: Answer, now: datetime) -> Ended:
    """Why X opened no stream."""
    if answer.status == HTTPStatus.TOO_MANY_REQUESTS:
        return Ended(f"X allows no further connection now{_detail(answer)}", TAKEN, _used_up_until(answer, now))
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Ended(f"X is down (status {answer.status})", DOWN)
    if answer.status == HTTPStatus.UNAUTHORIZED:
        return Ended(BEARER_REFUSED, REFUSED)
    return Ended(f"X refused the stream (status {answer.status}){_detail(answer)}", REFUSED)


def unreachable(error: requests.RequestException) -> str:
    """A network that is not there, in plain words. What the error quotes is not repeated."""
    if isinstance(error, requests.Timeout):
        return "X did not answer in time"
    return f"X could not be reached ({type(error).__name__})"


def complaint(told: Mapping[str, Any]) -> str:
    """What a line without data says, as far as it says anything: titles and details of its errors."""
    errors = [one for one in told.get("errors") or [told.get("disconnect")] if isinstance(one, dict)]
    names = ("title", "reason", "disconnect_type", "detail")
    said = [str(one[name]) for one in errors for name in names if name in one]
    return f"X says on the stream: {shown(', '.join(said))}" if said else "X sent a line without data"


def _used_up_until(answer: Answer, now: datetime) -> datetime | None:
    used_up = [limit.resets_at for limit in limits(answer) if not limit.remaining]
    return min(max(used_up), now + _WINDOW) if used_up else None


def _detail(answer: Answer) -> str:
    """X's own words, where there are any, after a colon."""
    try:
        body: Any = msgspec.json.decode(answer.body)
        said = body.get("detail") or body.get("title") or body["errors"][0]["message"]
    except Exception:  # it is only an explanation, and can be anything
        return ""
    return f": {shown(str(said))}"
