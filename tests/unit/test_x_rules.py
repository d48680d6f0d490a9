"""Rules and subscriptions: put in order, and left alone where they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.doubles import NOON
from triage.channels.x import rules, subscriptions
from triage.channels.x.activity_stream import ActivityEvents
from triage.channels.x.endpoint import Endpoint
from triage.channels.x.filtered_stream import FilteredPosts
from triage.channels.x.happening import Posted
from triage.channels.x.post import Account
from triage.channels.x.transport import Ask
from triage.errors import ChannelError, GiveUp, RetryLater

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
    first = rules.keep(x, BRAND)
    assert values(x) == {f"{way}MarramAir -is:retweet" for way in ("@", "to:", "from:")}
    assert len(x.changes) == 1
    assert rules.keep(x, BRAND) == first == set(x.rules)
    assert len(x.changes) == 1


def test_rules_of_others_stay_and_our_own_of_an_old_name_go() -> None:
    other_brand = ("@GorseRail -is:retweet", "triage 901: mentions")
    x = KeptRules(("weather", None), ("@OldName -is:retweet", "triage 900: mentions"), ("sport", "sports"), other_brand)
    kept = rules.keep(x, BRAND)
    assert {"weather", "sport", other_brand[0]} < values(x)
    assert "@OldName -is:retweet" not in values(x)
    assert len(kept) == 3


def test_a_rule_that_is_there_without_a_tag_serves() -> None:
    x = KeptRules(*[(rule.value, None) for rule in rules.wanted(BRAND)])
    assert rules.keep(x, BRAND) == {"1", "2", "3"}
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
    """X's side of subscriptions, of which it has one for an event of an account."""

    def __init__(self, *there: dict[str, Any]) -> None:
        self.kept = {str(number): one for number, one in enumerate(there)}
        self.writes = 0

    @property
    def events(self) -> set[str]:
        return {one["event_type"] for one in self.kept.values()}

    def call(self, endpoint: Endpoint, ask: Ask) -> Mapping[str, Any]:
        assert endpoint is Endpoint.SUBSCRIPTIONS
        if ask.method == "GET":
            return {"data": [one | {"subscription_id": number} for number, one in self.kept.items()], "meta": {}}
        self.writes += 1
        number = ask.route.rpartition("/")[2]
        if ask.method == "DELETE":
            del self.kept[number]
        elif ask.method == "PUT":
            self.kept[number] |= dict(ask.json or {})
        elif any(all(one[name] == (ask.json or {})[name] for name in KEY) for one in self.kept.values()):
            raise GiveUp("X refused the call with status 409: DuplicateSubscriptionFailed")
        else:
            self.kept[str(self.writes + 100)] = dict(ask.json or {})
        return {}


KEY = ("event_type", "filter")


def of_another(event: str, **more: Any) -> dict[str, Any]:
    """A subscription to what happens to the brand, made by another program of the app."""
    return {"event_type": event, "filter": {"user_id": "900"}, **more}


def test_subscriptions_are_made_once_for_each_account() -> None:
    x = KeptSubscriptions()
    for _ in range(2):
        for user in ("900", "901"):
            assert subscriptions.keep(x, subscriptions.PUBLIC_EVENTS, user) == ()
    assert x.writes == len(x.kept) == 2 * len(subscriptions.PUBLIC_EVENTS)


def test_a_subscription_is_given_a_webhook_and_keeps_it() -> None:
    x = KeptSubscriptions()
    subscriptions.keep(x, ("post.create",), "900")
    for webhook in ("7", "7", None):
        subscriptions.keep(x, ("post.create",), "900", webhook)
    (kept,) = x.kept.values()
    assert (kept["webhook_id"], x.writes) == ("7", 2)


@pytest.mark.parametrize("tag", [{}, {"tag": "crm"}], ids=["without a tag", "with a tag"])
@pytest.mark.parametrize("webhook", [{}, {"webhook_id": "3"}], ids=["on the stream", "to a webhook"])
def test_a_subscription_of_another_program_is_left_alone_and_said(tag: dict[str, str], webhook: dict[str, str]) -> None:
    theirs = of_another("post.create", **tag, **webhook)
    x = KeptSubscriptions(theirs.copy())
    (in_the_way,) = subscriptions.keep(x, ("post.create", "post.delete"), "900", "7")
    assert x.kept["0"] == theirs
    assert (in_the_way.event_type, in_the_way.tag, in_the_way.webhook_id) == (
        "post.create",
        tag.get("tag"),
        webhook.get("webhook_id"),
    )
    assert x.events == {"post.create", "post.delete"}
    assert x.writes == 1, "X is not asked for what it would refuse each time"


def test_who_asks_for_it_has_x_take_ours_beside_that_of_another_program_if_it_does() -> None:
    theirs, gone = of_another("post.create", tag="crm"), of_another("post.delete", tag="crm")
    x = KeptSubscriptions(theirs.copy(), gone)
    others = subscriptions.keep(x, ("post.create", "post.delete"), "900", "7")
    del x.kept["1"]
    (in_the_way,) = subscriptions.make_beside(others, "7", making=x)
    assert (in_the_way.event_type, x.kept["0"]) == ("post.create", theirs)
    assert [(one["tag"], one.get("webhook_id")) for one in x.kept.values()] == [("crm", None), ("triage", "7")]


def test_where_x_keeps_several_ours_stands_beside_that_of_another_program() -> None:
    theirs = of_another("post.create", tag="crm", webhook_id="3")
    x = KeptSubscriptions(theirs.copy(), of_another("post.create", tag="triage"))
    assert subscriptions.keep(x, ("post.create",), "900", "7") == ()
    assert x.kept["0"] == theirs
    assert x.kept["1"]["webhook_id"] == "7"


def test_what_x_refuses_for_another_reason_is_raised() -> None:
    with pytest.raises(GiveUp, match=r"dm\.read"):
        subscriptions.keep(KeptSubscriptions(), ("dm.received",), "900", making=NoAccess())


def test_only_our_own_subscriptions_are_ended() -> None:
    theirs, of_another_brand = of_another("dm.sent", tag="crm"), {"event_type": "dm.sent", "filter": {"user_id": "901"}}
    x = KeptSubscriptions(theirs, of_another_brand | {"tag": "triage"}, of_another("dm.received", tag="triage"))
    subscriptions.keep(x, ("post.create",), "900")
    subscriptions.end(x, subscriptions.PRIVATE_EVENTS, "900")
    assert list(x.kept.values())[:2] == [theirs, of_another_brand | {"tag": "triage"}]
    assert [one["event_type"] for one in x.kept.values()][2:] == ["post.create"]


def test_a_subscription_for_some_words_alone_does_not_serve() -> None:
    x = KeptSubscriptions({"event_type": "post.create", "filter": {"user_id": "900", "keyword": "sale"}})
    subscriptions.keep(x, ("post.create",), "900", "7")
    assert [one["filter"] for one in x.kept.values()] == [{"user_id": "900", "keyword": "sale"}, {"user_id": "900"}]
    assert "webhook_id" not in x.kept["0"]


class NoAccess:
    """X lets the app read no private messages."""

    def __init__(self, refusal: ChannelError | None = None) -> None:
        self.asked = 0
        self._refusal = refusal or GiveUp("X refused the call: the scope dm.read is missing")

    def call(self, endpoint: Endpoint, ask: Ask) -> Mapping[str, Any]:
        assert ask.method == "POST"
        self.asked += 1
        raise self._refusal


@pytest.mark.parametrize(
    "refusal", [GiveUp("no"), RetryLater("X does not allow this app to do that", NOON)], ids=["for good", "for now"]
)
def test_public_events_come_where_private_ones_are_refused(refusal: ChannelError) -> None:
    public, private = KeptSubscriptions(), NoAccess(refusal)
    ActivityEvents(public, BRAND, private).prepare()
    assert private.asked
    assert public.events == set(subscriptions.PUBLIC_EVENTS)


def test_private_events_are_subscribed_to_in_the_accounts_own_name() -> None:
    public, private = KeptSubscriptions(), KeptSubscriptions()
    ActivityEvents(public, BRAND, private).prepare()
    assert (public.events, private.events) == (set(subscriptions.PUBLIC_EVENTS), set(subscriptions.PRIVATE_EVENTS))


def test_without_private_messages_our_subscriptions_to_them_end_and_what_comes_of_others_is_left_alone() -> None:
    x = KeptSubscriptions(of_another("dm.received", tag="triage"), of_another("dm.sent", tag="crm"))
    feed = ActivityEvents(x, BRAND)
    feed.prepare()
    assert x.events == {*subscriptions.PUBLIC_EVENTS, "dm.sent"}
    told = {"target": {"recipient_id": "42"}, "sender_id": "900", "message_data": {"text": "hello"}}
    message = {"type": "message_create", "id": "5", "created_timestamp": "1784928224372", "message_create": told}
    event = of_another("dm.sent", payload={"direct_message_events": [message]})
    assert len(list(ActivityEvents(x, BRAND, x).read({"data": event}))) == 1
    assert list(feed.read({"data": event})) == []


def test_a_subscription_in_the_way_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    feed = ActivityEvents(KeptSubscriptions(of_another("post.create", tag="crm")), BRAND)
    for _ in range(2):
        feed.prepare()
    (told,) = caplog.messages
    assert "post.create" in told
    assert "'crm'" in told
