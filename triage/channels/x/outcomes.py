"""What became of a call: pure rules from what X answered, or did not, to nothing or one typed error.

Whether a call may be made again is decided here and nowhere else. A call that only reads can always be made
again. One that writes can be, too, where X said that it did nothing, or where the call never left; where the
answer was lost, or X broke down over it, nobody knows, and whoever asked has to look (:class:`Ambiguous`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec

from triage.channels.x.backoff import Backoff, Chance
from triage.channels.x.budget import Limit
from triage.channels.x.endpoint import Endpoint
from triage.channels.x.forbidden import Refusal, refusal
from triage.channels.x.own_words import shown
from triage.errors import Ambiguous, ChannelError, GiveUp, Repeated, RetryLater

#: What X says of limits: of a quarter of an hour first, then of a day.
_LIMITS: Final = ("x-rate-limit", "x-app-limit-24hour", "x-user-limit-24hour")
#: No limit of X lasts for longer; a later reset is an error, or a clock that is wrong.
_LONGEST: Final = timedelta(hours=25)
_NOT_ACCEPTED: Final = "X does not accept the access token any more; somebody has to give the product a new one"
_REFRESH_REFUSED: Final = (
    "X does not take the refresh token any more: it was revoked, or used up by a process that died; "
    "TRIAGE_X_REFRESH_TOKEN wants a new one"
)
#: A clock that is further off may be why X refuses a signature of OAuth 1.0a, which has the time in it.
MOST_SKEW: Final = timedelta(minutes=1)
#: How it is said that this may be so; by how much follows.
CLOCK_WRONG: Final = "X does not accept signatures by this machine's clock"
#: What is said where X no longer takes a token: somebody has to see to it.
TOKEN_REFUSED: Final = frozenset({_NOT_ACCEPTED, _REFRESH_REFUSED})
#: Problem types of a call that can never succeed with this app's rights, whatever is asked.
_NO_RIGHT: Final = ("oauth1-permissions", "client-forbidden", "unsupported-authentication", "client-not-enrolled")
_GROWING: Final = Backoff(first=timedelta(seconds=2), most=timedelta(minutes=15), least=timedelta(milliseconds=500))


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer of X. Names of ``headers`` are in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Silence:
    """No whole answer came. ``reached`` says that the call may have reached X; ``problem`` is in plain words."""

    problem: str
    reached: bool


@dataclass(frozen=True, slots=True)
class Pauses:
    """How long a call rests after a failure.

    ``backoff`` is for what passes by itself; ``person`` for what somebody has to put right first, such as a
    token that was revoked; ``cap`` for a cap of calls or money of which X does not say when it ends.
    """

    backoff: Backoff = _GROWING
    person: timedelta = timedelta(minutes=15)
    cap: timedelta = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Situation:
    """The call that failed: which, when, and how many such calls have failed in a row, this one included.

    ``skew`` is how far this machine's clock is ahead of X's, where the call was signed by it.
    """

    endpoint: Endpoint
    now: datetime
    failures: int
    chance: Chance
    skew: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """What to raise, and until when no such call should be made, by any process."""

    error: ChannelError
    rest_until: datetime | None = None


class Unreadable(Exception):
    """An answer of success does not say what it should. Its text is in plain words, without a word of a person."""


class UnknownFields(GiveUp):
    """X does not know the spelling in which fields were asked for."""


def failure(happened: Answer | Silence, situation: Situation, pauses: Pauses = Pauses()) -> Failure | None:
    """The error that ``happened`` amounts to; ``None`` if X did what it was asked (a status of 200 to 299)."""
    if isinstance(happened, Silence):
        return _in_doubt(happened.problem, situation, pauses, applied=happened.reached)
    if 200 <= happened.status < 300:
        return None
    match happened.status:
        case 429:
            return _too_many(happened, situation, pauses)
        case status if status >= 500 or status == 408:
            return _in_doubt(f"X failed with status {status}", situation, pauses, applied=True)
        case status if status < 400:
            return _in_doubt(f"X sent the call elsewhere (status {status})", situation, pauses, applied=False)
        case _:
            return _refused(happened, situation, pauses)


def unreadable(problem: str, situation: Situation, pauses: Pauses = Pauses()) -> Failure:
    """The error for an answer of success that cannot be read: X did what it was asked, or so it seems."""
    return _in_doubt(f"X sent an answer that cannot be read: {problem}", situation, pauses, applied=True)


def limits(answer: Answer) -> list[Limit]:
    """What X says of its limits in an answer; one that it does not say in full is left out."""
    found: list[Limit] = []
    for name in _LIMITS:
        limit, remaining, reset = (_number(answer, f"{name}-{part}") for part in ("limit", "remaining", "reset"))
        if limit is not None and remaining is not None and reset is not None:
            found.append(Limit(limit, remaining, _moment(reset)))
    return found


def _in_doubt(problem: str, situation: Situation, pauses: Pauses, *, applied: bool) -> Failure:
    """``applied``: X may have done what it was asked."""
    until = situation.now + pauses.backoff.pause(situation.failures, situation.chance)
    if applied and situation.endpoint.terms.writes:
        return Failure(Ambiguous(f"{problem}; it is unknown whether X did it"), until)
    return _later(problem, until)


def _later(problem: str, until: datetime) -> Failure:
    return Failure(RetryLater(problem, until), until)


def _refused(answer: Answer, situation: Situation, pauses: Pauses) -> Failure:
    """X did nothing, and says so: what people have to put right is tried again, anything else is not."""
    match answer.status:
        case 400 | 401 if situation.endpoint is Endpoint.TOKEN:
            return _later(_REFRESH_REFUSED, situation.now + pauses.person)
        case 401:
            return _later(_clock_wrong(situation.skew) or _NOT_ACCEPTED, situation.now + pauses.person)
        case 402:
            return _later("the account's credit with X is used up", situation.now + pauses.person)
        case 403:
            return _forbidden(answer, situation, pauses)
        case 400 if _names_fields(answer):
            return Failure(UnknownFields(f"X does not know a field that was asked for{_explained(answer)}"))
        case status:
            return Failure(GiveUp(f"X refused the call with status {status}{_explained(answer)}"))


def _clock_wrong(skew: timedelta | None) -> str | None:
    if skew is None or abs(skew) <= MOST_SKEW:
        return None
    off = f"{abs(skew) // timedelta(minutes=1)} min"
    which = "ahead of" if skew > timedelta() else "behind"
    return f"{CLOCK_WRONG}, which is {off} {which} X's: set the clock right; the credentials may well be in order"


def _too_many(answer: Answer, situation: Situation, pauses: Pauses) -> Failure:
    """X says when to come back, or does not. However wrong a clock is, there is a pause, and it ends."""
    backed_off = situation.now + pauses.backoff.pause(situation.failures, situation.chance)
    if any("usage-capped" in kind for kind in _kinds(answer)):
        return _later(f"a cap on the use of X's API is reached{_explained(answer)}", situation.now + pauses.cap)
    told = _reset(answer)
    until = backed_off if told is None else min(max(told, backed_off), situation.now + _LONGEST)
    return _later(f"X allows no more calls of the kind {situation.endpoint.value!r} for now", until)


def _reset(answer: Answer) -> datetime | None:
    """When the limits that are used up begin anew: those of which X says that nothing remains, or not what does."""
    told = [
        (_number(answer, f"{name}-remaining"), reset)
        for name in _LIMITS
        if (reset := _number(answer, f"{name}-reset")) is not None
    ]
    used_up = [reset for remaining, reset in told if not remaining]
    return _moment(max(used_up)) if used_up else _moment(told[0][1]) if told else None


def _forbidden(answer: Answer, situation: Situation, pauses: Pauses) -> Failure:
    if any(kind.endswith(_NO_RIGHT) for kind in _kinds(answer)):
        return _later(f"X does not allow this app to do that{_explained(answer)}", situation.now + pauses.person)
    found = refusal(_words(answer))
    match found:
        case Refusal.DUPLICATE if situation.endpoint.terms.writes:
            return Failure(Repeated(found.words))
        case Refusal.LOCKED | Refusal.DAILY:
            return _later(found.words, situation.now + pauses.cap)
        case None:
            return Failure(GiveUp(f"X refused the call{_explained(answer)}"))
        case _:
            return Failure(GiveUp(found.words))


def _explained(answer: Answer) -> str:
    """X's own words as the end of a sentence, without what they may repeat; nothing if it says none."""
    words = shown(_words(answer))
    return f": {words}" if words else ""


def _words(answer: Answer) -> str:
    """X's own words, just as it says them: not to be shown."""
    problem = _problem(answer)
    said = [problem.get("detail")] + [error.get("message") or error.get("detail") for error in _errors(problem)]
    said += [problem.get("error_description"), problem.get("title")]
    words = [" ".join(one.split()) for one in said if isinstance(one, str) and one.strip()]
    return "; ".join(dict.fromkeys(words[:2]))


def _kinds(answer: Answer) -> list[str]:
    """The types of the problems that X names."""
    problem = _problem(answer)
    named = [problem.get("type"), problem.get("reason"), *(error.get("type") for error in _errors(problem))]
    return [kind.rstrip("/") for kind in named if isinstance(kind, str)]


def _names_fields(answer: Answer) -> bool:
    return any(name in answer.body for name in (b"tweet.fields", b"post.fields", b"[expansions]", b"`expansions`"))


def _problem(answer: Answer) -> Mapping[str, Any]:
    try:
        read = msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}


def _errors(problem: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    errors = problem.get("errors")
    return [error for error in errors if isinstance(error, dict)] if isinstance(errors, list) else []


def _number(answer: Answer, header: str) -> int | None:
    value = answer.headers.get(header, "").strip()
    return int(value) if value.isascii() and value.isdigit() and len(value) < 12 else None


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
