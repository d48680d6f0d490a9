"""The rules of the filtered stream: which posts X sends on it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from triage.channels.x.calls import Calls
from triage.channels.x.endpoint import Endpoint
from triage.channels.x.post import Account
from triage.channels.x.transport import Ask

_ROUTE: Final = "/2/tweets/search/stream/rules"
#: Which rules are ours: those of other programs of the same app are left alone.
_TAG: Final = "triage: "
_MOST_PAGES: Final = 10


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; ``id`` is X's. A rule need not have a tag."""

    value: str
    tag: str | None = None
    id: str | None = None

    @property
    def is_ours(self) -> bool:
        """Whether it was made here, now or earlier."""
        return (self.tag or "").startswith(_TAG)


def wanted(account: Account) -> tuple[Rule, ...]:
    """Mentions of the account, answers to it, and its own posts. Reposts say nothing new, and cost."""
    return (
        Rule(f"@{account.handle} -is:retweet", f"{_TAG}mentions"),
        Rule(f"to:{account.handle} -is:retweet", f"{_TAG}answers"),
        Rule(f"from:{account.handle} -is:retweet", f"{_TAG}own posts"),
    )


def keep(calls: Calls, rules: Iterable[Rule]) -> frozenset[str]:
    """Make sure that X has these rules, and of ours no others; their ids. Doing it again changes nothing.

    Raises:
        RetryLater: not now.
        GiveUp: X refuses.
    """
    values = {rule.value: rule for rule in rules}
    there = tuple(_listed(calls))
    if outdated := [rule.id for rule in there if rule.is_ours and rule.value not in values]:
        _change(calls, {"delete": {"ids": outdated}})
    missing = [rule for value, rule in values.items() if value not in {one.value for one in there}]
    if missing:
        _change(calls, {"add": [{"value": rule.value, "tag": rule.tag} for rule in missing]})
        there = tuple(_listed(calls))
    return frozenset(rule.id for rule in there if rule.id and rule.value in values)


def _listed(calls: Calls) -> Iterator[Rule]:
    token: str | None = None
    for _ in range(_MOST_PAGES):
        params = {"pagination_token": token} if token else {}
        answer = calls.call(Endpoint.STREAM_RULES, Ask("GET", _ROUTE, params=params))
        for rule in answer.get("data") or ():
            yield Rule(str(rule.get("value")), rule.get("tag"), rule.get("id"))
        token = (answer.get("meta") or {}).get("next_token")
        if not token:
            return


def _change(calls: Calls, change: Mapping[str, Any]) -> None:
    calls.call(Endpoint.STREAM_RULES, Ask("POST", _ROUTE, json=change))
