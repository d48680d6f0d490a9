"""How often each endpoint may be called, by whom, and a ledger of who kept to it."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any, Final

from tests.xsim.clock import Clock

WINDOW_S: Final = 900
DAY_S: Final = 86_400


@dataclass(slots=True)
class Limit:
    """Calls per window for one user and for the app as a whole, and per day; None: as many as one likes."""

    user: int | None = None
    app: int | None = None
    user_day: int | None = None
    app_day: int | None = None
    window_s: float = WINDOW_S


def published() -> dict[str, Limit]:
    """X's limits by the name of the endpoint; the names are those that faults are switched on for."""
    return {
        "users.me": Limit(user=75),
        "users.lookup": Limit(user=900, app=300),
        "mentions": Limit(user=300, app=450),
        "timeline": Limit(user=900, app=1500),
        "lookup": Limit(user=900, app=900),
        "create": Limit(user=100, app_day=10_000),
        "delete": Limit(user=50),
        "rules.read": Limit(app=450),
        "rules.write": Limit(app=100),
        "stream": Limit(app=50),
        "activity": Limit(app=50),
        "subscriptions": Limit(user=500, app=500),
        "webhooks": Limit(user=450, app=450),
        "messages.read": Limit(user=15, app=15),
        "messages.send": Limit(user=15, user_day=1440, app_day=1440),
        "usage": Limit(app=50),
        "token": Limit(),
    }


@dataclass(slots=True)
class Window:
    """Calls since the window began; it begins with the first call after the last one ended."""

    limit: int
    seconds: float
    ends: float = 0.0
    used: int = 0

    def at(self, now: float) -> Window:
        if now >= self.ends:
            self.ends, self.used = now + self.seconds, 0
        return self

    @property
    def left(self) -> int:
        return max(0, self.limit - self.used)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a call may go on, and the headers that tell."""

    allowed: bool
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Told:
    """That a caller has to wait: said at a moment, until another (seconds since 1970).

    ``again`` are the headers with which calls before then are refused, too; None where the windows see to that.
    """

    at: float
    until: float
    again: dict[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Early:
    """A call that came before the moment until which its caller was told to wait; in milliseconds since 1970."""

    endpoint: str
    told_ms: int
    came_ms: int


class Limits:
    """Counts calls. ``exceeded`` in the ledger are calls beyond a limit, ``too_early`` calls that came before the
    time that a 429 (also one of a fault) had named; ``early`` has each of these."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.table = published()
        self._windows: dict[tuple[str, str, str], Window] = {}
        self._waits: dict[tuple[str, str], Told] = {}
        self.early: list[Early] = []
        self.calls: Counter[str] = Counter()
        self.exceeded: Counter[str] = Counter()
        self.too_early: Counter[str] = Counter()
        self.statuses: Counter[tuple[str, int]] = Counter()

    def spend(self, endpoint: str, caller: str, *, as_user: bool) -> Verdict:
        """Counts a call of ``caller``; one that is refused does not count."""
        now = self._clock.now()
        self.calls[endpoint] += 1
        told = self._waits.get((endpoint, caller))
        if told and now < told.until:
            self.too_early[endpoint] += 1
            self.early.append(Early(endpoint, int(told.at * 1000), int(now * 1000)))
            if told.again is not None:
                return Verdict(allowed=False, headers=told.again)
        windows = self._of(endpoint, caller, as_user)
        allowed = all(window.at(now).left for window in windows.values())
        if allowed:
            for window in windows.values():
                window.used += 1
        else:
            self.exceeded[endpoint] += 1
            self.told(endpoint, caller, min(window.ends for window in windows.values() if not window.left))
        return Verdict(allowed, self._headers(windows, as_user))

    def told(self, endpoint: str, caller: str, until: float, again: dict[str, str] | None = None) -> None:
        """Notes that a caller was told to wait until then (seconds since 1970); ``again``: and will be until then."""
        self._waits[endpoint, caller] = Told(self._clock.now(), until, again)

    def set(self, endpoint: str, **values: Any) -> None:
        """Changes a limit; windows begin anew."""
        for name, value in values.items():
            setattr(self.table[endpoint], name, value)
        self._windows = {key: window for key, window in self._windows.items() if key[0] != endpoint}

    def ledger(self) -> dict[str, Any]:
        return {
            "calls": dict(self.calls),
            "exceeded": dict(self.exceeded),
            "too_early": dict(self.too_early),
            "early": [asdict(each) for each in self.early],
            "violations": self.exceeded.total() + self.too_early.total(),
            "statuses": {f"{endpoint} {status}": count for (endpoint, status), count in self.statuses.items()},
        }

    def _of(self, endpoint: str, caller: str, as_user: bool) -> dict[str, Window]:
        """The windows that a call falls into: X counts calls of users and of the app itself apart."""
        limit = self.table[endpoint]
        short = limit.user if as_user else limit.app
        sizes = {
            "window": (caller, short, limit.window_s),
            "user_day": (caller, limit.user_day if as_user else None, DAY_S),
            "app_day": ("app", limit.app_day, DAY_S),
        }
        return {
            kind: self._windows.setdefault((endpoint, kind, whose), Window(size, seconds))
            for kind, (whose, size, seconds) in sizes.items()
            if size is not None
        }

    @staticmethod
    def _headers(windows: dict[str, Window], as_user: bool) -> dict[str, str]:
        prefixes = {"window": "x-rate-limit", "user_day": "x-user-limit-24hour", "app_day": "x-app-limit-24hour"}
        headers: dict[str, str] = {}
        for kind, window in windows.items():
            headers |= limit_headers(prefixes[kind], window.limit, window.left, window.ends)
        return headers


def limit_headers(prefix: str, limit: int, left: int, ends: float) -> dict[str, str]:
    return {f"{prefix}-limit": str(limit), f"{prefix}-remaining": str(left), f"{prefix}-reset": str(int(ends) + 1)}
