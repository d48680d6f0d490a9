"""Makes the accelerators that the operator asked for."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from triage.channels.x.accelerator import Accelerator
from triage.channels.x.activity_stream import ActivityEvents
from triage.channels.x.budget import Budget
from triage.channels.x.calls import Calls, SignedCalls
from triage.channels.x.credentials import Credentials
from triage.channels.x.filtered_stream import FilteredPosts
from triage.channels.x.post import Account
from triage.channels.x.signing import Bearer
from triage.channels.x.stream import Place, Stream
from triage.channels.x.transport import Caller, Wire
from triage.channels.x.watch import Watch
from triage.clock import Clock
from triage.errors import ConfigurationError

Kind = Literal["stream", "activity"]


def accelerator(
    kind: Kind,
    credentials: Credentials,
    account: Account,
    *,
    api: str,
    timeout: timedelta,
    budget: Budget,
    watch: Watch,
    clock: Clock,
    private: Calls | None = None,
) -> Accelerator:
    """The filtered stream, or the activity stream, of an account. Nothing is asked of X yet.

    ``private`` are calls in the account's own name, with which the activity stream also subscribes to private
    messages.

    Raises:
        ConfigurationError: there is no bearer token.
    """
    if credentials.bearer is None:
        raise ConfigurationError("TRIAGE_X_ACCELERATOR needs the app's bearer token: TRIAGE_X_BEARER_TOKEN is not set")
    bearer = Bearer(credentials.bearer)
    calls = calls_of_the_app(bearer, api=api, timeout=timeout, budget=budget, watch=watch, clock=clock)
    feed = FilteredPosts(calls, account) if kind == "stream" else ActivityEvents(calls, account, private)
    return Stream(feed, Place(api.rstrip("/"), bearer, timeout), budget, watch, clock)


def calls_of_the_app(
    bearer: Bearer, *, api: str, timeout: timedelta, budget: Budget, watch: Watch, clock: Clock
) -> Calls:
    """Calls in the app's own name: rules, subscriptions, webhooks."""
    return SignedCalls(Wire(api, timeout), Caller(budget, watch, clock), lambda: bearer)
