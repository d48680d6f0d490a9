"""Rules and subscriptions: put in order, and left alone where they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from triage.channels.x import rules, subscriptions
from triage.channels.x.activity_stream import ActivityEvents
from triage.channels.x.endpoint import Endpoint
from triage.channels.x.filtered_stream import FilteredPosts
from triage.channels.x.happening import Posted
from triage.channels.x.post import Account
from triage.channels.x.transport import Ask
from triage.errors import GiveUp

BRAND = Account("900", "MarramAir")


class KeptRules:
    """X's side of rules, two to a page."""

    def __init__(self, *values: tuple[str, str | None]) -> None:
        self.rules = {str(number): rule for number, rule in enumerate(values, 1)}
        self.changes: list[Mapping[str, Any]] = []

    def call(self, endpoint: Endpoint, ask: Ask) -> Mapping[str, Any]:
        assert endpoint is Endpoint.STREAM_RULES
        if ask.json is not None:
            self.changes.append(ask.json)
            for gone in ask.json.get("delete", {}).get("ids", []):
                del self.rules[gone]
            for new in ask.json.get("add", []):
                self.rules[str(100 + len(self.changes) * 10 + len(self.rules))] = (new["value"], new["tag"])
            return {"meta": {}}
        start = int(ask.params.get("pagination_token", 0))
        page = list(self.rules.items())[start : start + 2]
        shown = [{"id": number, "value": value} | ({"tag": tag} if tag else {}) for number, (value, tag) in page]
        meta = {"next_token": str(start + 2)} if start + 2 < len(self.rules) else {}
        return ({"data": shown} if shown else {}) | {"meta": meta}


def values(x: KeptRules) -> set[str]:
    return {value for value, _ in x.rules.values()}


def test_what_is_missing_is_added_and_a_second_time_nothing_is_done() -> None:
    x = KeptRules()
    first = rules.keep(x, rules.wanted(BRAND))
    assert values(x) == {f"{way}MarramAir -is:retweet" for way in ("@", "to:", "from:")}
    assert len(x.changes) == 1
    assert rules.keep(x, rules.wanted(BRAND)) == first == set(x.rules)
    assert len(x.changes) == 1


def test_rules_of_others_stay_and_our_own_of_an_old_name_go() -> None:
    x = KeptRules(("weather", None), ("@OldName -is:retweet", "triage: mentions"), ("sport", "sports"))
    kept = rules.keep(x, rules.wanted(BRAND))
    assert {"weather", "sport"} < values(x)
    assert "@OldName -is:retweet" not in values(x)
    assert len(kept) == 3


def test_a_rule_that_is_there_without_a_tag_serves() -> None:
    x = KeptRules(*[(rule.value, None) for rule in rules.wanted(BRAND)])
    assert rules.keep(x, rules.wanted(BRAND)) == {"1", "2", "3"}
    assert not x.changes


def told(author: str, text: str, **more: Any) -> dict[str, Any]:
    return {"data": {"id": "5", "author_id": author, "text": text, "created_at": "2026-07-24T21:23:23Z"}, **more}


@pytest.fixture
def feed() -> FilteredPosts:
    feed = FilteredPosts(KeptRules(("weather", None)), BRAND)
    feed.prepare()
    return feed


@pytest.mark.parametrize(
    ("line", "taken"),
    [
        (told("42", "hi", matching_rules=[{"id": "111"}]), True),
        (told("42", "hi", matching_rules=[{"id": "1", "tag": "weather"}]), False),
        (told("42", "hi"), False),
        (told("900", "our own", matching_rules=[{"id": "1"}]), True),
        (told("42", "@marramair hi", matching_rules=[]), True),
    ],
    ids=["our rule, no tag", "a rule of others", "no rule", "our own post", "a mention"],
)
def test_what_concerns_the_account_is_taken(feed: FilteredPosts, line: dict[str, Any], taken: bool) -> None:
    feed._calls.rules = {"111": ("@MarramAir -is:retweet", None)}  # type: ignore[attr-defined]
    feed.prepare()
    assert len(list(feed.read(line))) == taken


def test_a_repost_is_nothing(feed: FilteredPosts) -> None:
    line = told("42", "RT @MarramAir: hi")
    line["data"]["referenced_tweets"] = [{"type": "retweeted", "id": "4"}]
    assert list(feed.read(line)) == []


def test_a_quote_summons_its_author(feed: FilteredPosts) -> None:
    line = told("42", "look at this", includes={"tweets": [{"id": "4", "author_id": "900"}]})
    line["data"]["referenced_tweets"] = [{"type": "quoted", "id": "4"}]
    line["matching_rules"] = [{"id": next(iter(feed._rules))}]
    (happening,) = feed.read(line)
    assert isinstance(happening, Posted)
    assert happening.post.summons == {"900"}


class KeptSubscriptions:
    """X's side of subscriptions."""

    def __init__(self) -> None:
        self.kept: dict[str, dict[str, Any]] = {}
        self.writes = 0

    def call(self, endpoint: Endpoint, ask: Ask) -> Mapping[str, Any]:
        assert endpoint is Endpoint.SUBSCRIPTIONS
        if ask.method == "GET":
            return {"data": [one | {"subscription_id": number} for number, one in self.kept.items()], "meta": {}}
        self.writes += 1
        number = ask.route.rpartition("/")[2] if ask.method == "PUT" else str(len(self.kept))
        self.kept[number] = self.kept.get(number, {}) | dict(ask.json or {})
        return {}


def test_subscriptions_are_made_once_for_each_account() -> None:
    x = KeptSubscriptions()
    for _ in range(2):
        for user in ("900", "901"):
            subscriptions.keep(x, subscriptions.PUBLIC_EVENTS, user)
    assert x.writes == len(x.kept) == 2 * len(subscriptions.PUBLIC_EVENTS)


def test_a_subscription_is_given_a_webhook_and_keeps_it() -> None:
    x = KeptSubscriptions()
    subscriptions.keep(x, ("post.create",), "900")
    for webhook in ("7", "7", None):
        subscriptions.keep(x, ("post.create",), "900", webhook)
    (kept,) = x.kept.values()
    assert (kept["webhook_id"], x.writes) == ("7", 2)


def test_a_subscription_for_some_words_alone_does_not_serve() -> None:
    x = KeptSubscriptions()
    x.kept["0"] = {"event_type": "post.create", "filter": {"user_id": "900", "keyword": "sale"}}
    subscriptions.keep(x, ("post.create",), "900", "7")
    assert [one["filter"] for one in x.kept.values()] == [{"user_id": "900", "keyword": "sale"}, {"user_id": "900"}]
    assert "webhook_id" not in x.kept["0"]


class NoAccess:
    """X lets the app read no private messages."""

    def __init__(self) -> None:
        self.asked = 0

    def call(self, endpoint: Endpoint, ask: Ask) -> Mapping[str, Any]:
        if ask.method == "GET":
            return {}
        self.asked += 1
        raise GiveUp("X refused the call: the scope dm.read is missing")


def test_public_events_come_where_private_ones_are_refused() -> None:
    public, private = KeptSubscriptions(), NoAccess()
    ActivityEvents(public, BRAND, private).prepare()
    assert private.asked
    assert {one["event_type"] for one in public.kept.values()} == set(subscriptions.PUBLIC_EVENTS)


def test_private_events_are_subscribed_to_in_the_accounts_own_name() -> None:
    public, private = KeptSubscriptions(), KeptSubscriptions()
    ActivityEvents(public, BRAND, private).prepare()
    assert {one["event_type"] for one in private.kept.values()} == set(subscriptions.PRIVATE_EVENTS)
