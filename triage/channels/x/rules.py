"""The rules of the filtered stream: which posts X sends on it.

Those of other programs of the same app are told from ours by their tags, and left as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from triage.channels.x.calls import Calls
from triage.channels.x.endpoint import Endpoint
from triage.channels.x.post import Account
from triage.channels.x.transport import Ask

_ROUTE: Final = "/2/tweets/search/stream/rules"
_MOST_PAGES: Final = 10


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule; ``id`` is X's. A rule need not have a tag."""

    value: str
    tag: str | None = None
    id: str | None = None


def wanted(account: Account) -> tuple[Rule, ...]:
    """Mentions of the account, answers to it, and its own posts. Reposts say nothing new, and cost."""
    tag = _tag(account)
    return (
        Rule(f"@{account.handle} -is:retweet", f"{tag}mentions"),
        Rule(f"to:{account.handle} -is:retweet", f"{tag}answers"),
        Rule(f"from:{account.handle} -is:retweet", f"{tag}own posts"),
    )


def keep(calls: Calls, account: Account) -> frozenset[str]:
    """Make sure that X has the rules that are wanted for an account, and of ours for it no others; their ids.

    Another program's rule with the same value serves as well as one of ours: X has each value once. Doing it again
    changes nothing.

    Raises:
        RetryLater: not now.
        GiveUp: X refuses.
    """
    values = {rule.value: rule for rule in wanted(account)}
    ours = _tag(account)
    there = tuple(_listed(calls))
    if outdated := [rule.id for rule in there if (rule.tag or "").startswith(ours) and rule.value not in values]:
        _change(calls, {"delete": {"ids": outdated}})
    missing = [rule for value, rule in values.items() if value not in {one.value for one in there}]
    if missing:
        _change(calls, {"add": [{"value": rule.value, "tag": rule.tag} for rule in missing]})
        there = tuple(_listed(calls))
    return frozenset(rule.id for rule in there if rule.id and rule.value in values)


def _tag(account: Account) -> str:
    """What the tags of our rules begin with. A handle may change, the id does not; another brand has another."""
    return f"triage {account.id}: "


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
