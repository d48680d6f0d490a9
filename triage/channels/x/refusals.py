"""What X answers instead of a stream, in plain words, and how long to stay away then."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any, Final

import msgspec
import requests

from triage.channels.x.backoff import Backoff
from triage.channels.x.budget import Limit

#: Every limit on connections is over after so long, whatever a header says.
_WINDOW: Final = timedelta(minutes=15)
_MOST_BYTES: Final = 64 * 1024
_MOST_CHARACTERS: Final = 200

#: Ended by X or by the network although it stood, or never reached.
BROKEN: Final = Backoff(first=timedelta(seconds=1), most=timedelta(minutes=1))
#: X is down.
DOWN: Final = Backoff(first=timedelta(seconds=5), most=timedelta(minutes=5))
#: X counts another connection, which may be our last one that it has not seen end, or too many of them.
TAKEN: Final = Backoff(least=timedelta(seconds=20), first=timedelta(minutes=1), most=_WINDOW)
#: X refuses for a reason that a person has to look at.
REFUSED: Final = Backoff(least=timedelta(minutes=5), first=_WINDOW, most=_WINDOW)

_UNAUTHORISED: Final = "X does not accept the app's bearer token: make a new one and set TRIAGE_X_BEARER_TOKEN"


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


def refused(response: requests.Response, now: datetime) -> Ended:
    """Why X opened no stream."""
    status = response.status_code
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return Ended(f"X allows no further connection now{_detail(response)}", TAKEN, _until(response, now))
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return Ended(f"X is down (status {status})", DOWN)
    return Ended(words(response), REFUSED)


def words(response: requests.Response) -> str:
    """A refusal that trying again at once cannot help."""
    if response.status_code == HTTPStatus.UNAUTHORIZED:
        return _UNAUTHORISED
    return f"X refused (status {response.status_code}){_detail(response)}"


def unreachable(error: requests.RequestException) -> str:
    """A network that is not there, in plain words. What the error quotes is not repeated."""
    if isinstance(error, requests.Timeout):
        return "X did not answer in time"
    return f"X could not be reached ({type(error).__name__})"


def limit_of(response: requests.Response) -> Limit | None:
    """What the answer says of the limit of its endpoint, if it does."""
    said = response.headers
    try:
        resets_at = datetime.fromtimestamp(int(said["x-rate-limit-reset"]), UTC)
        return Limit(int(said["x-rate-limit-limit"]), int(said["x-rate-limit-remaining"]), resets_at)
    except (KeyError, ValueError, OverflowError, OSError):
        return None


def complaint(told: Mapping[str, Any]) -> str:
    """What a line without data says, as far as it says anything: titles and details of its errors."""
    errors = [one for one in told.get("errors") or [told.get("disconnect")] if isinstance(one, dict)]
    said = [
        str(one[name]) for one in errors for name in ("title", "reason", "disconnect_type", "detail") if name in one
    ]
    return f"X says on the stream: {', '.join(said)[:_MOST_CHARACTERS]}" if said else "X sent a line without data"


def _until(response: requests.Response, now: datetime) -> datetime | None:
    limit = limit_of(response)
    return min(limit.resets_at, now + _WINDOW) if limit and not limit.remaining else None


def _detail(response: requests.Response) -> str:
    """X's own words, where there are any, after a colon."""
    try:
        body: Any = msgspec.json.decode(response.raw.read(_MOST_BYTES, decode_content=True))
        said = body.get("detail") or body.get("title") or body["errors"][0]["message"]
    except Exception:  # it is only an explanation, and can be anything
        return ""
    return f": {str(said)[:_MOST_CHARACTERS]}"
