"""The real client over a wire that answers as told: what is asked, and what is noted."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from tests.doubles import frozen
from tests.x_connection import PATIENCE, Notes, OpenBudget
from triage.channels.x.client import TweepyApi, connect
from triage.channels.x.credentials import Credentials, OAuth1, OAuth2
from triage.channels.x.endpoint import Endpoint
from triage.channels.x.oauth2 import MemoryTokens
from triage.channels.x.outcomes import Answer, Silence
from triage.channels.x.post import Account
from triage.channels.x.signing import Bearer
from triage.channels.x.transport import Ask, Caller
from triage.channels.x.transport import Wire as NetworkWire
from triage.errors import ChannelError, GiveUp, InvalidInput, RetryLater

ME = {"data": {"id": "900", "username": "MarramAir"}}
EMPTY = {"meta": {"result_count": 0}}
POST = {"id": "2080765813578191303", "text": "hey @MarramAir", "author_id": "5"}


class Wire:
    """Gives ``answers``, by route or in order, and keeps what was asked and with what."""

    longest = timedelta(seconds=60)

    def __init__(self, *answers: Answer | Silence | dict[str, Any]) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[Ask, str]] = []

    def exchange(self, ask: Ask, auth: Bearer) -> Answer | Silence:
        self.asked.append((ask, auth.token.get_secret_value()))
        answer = self.answers.pop(0)
        return Answer(200, {}, json.dumps(answer).encode()) if isinstance(answer, dict) else answer


class Signer:
    """Signs with one token, and has a second one if the first is refused."""

    def __init__(self, second: str | None = None) -> None:
        self._second = second

    def auth(self) -> Bearer:
        return Bearer(SecretStr("one"))

    def instead_of(self, refused: object) -> Bearer | None:
        return Bearer(SecretStr(self._second)) if self._second else None


@pytest.fixture
def notes() -> Notes:
    return Notes()


def client(wire: Wire, notes: Notes, signer: Signer | None = None) -> TweepyApi:
    clock = frozen()
    return TweepyApi(wire, signer or Signer(), Caller(OpenBudget(clock), notes, clock))


def refused(status: int, **body: Any) -> Answer:
    return Answer(status, {}, json.dumps(body).encode())


def test_the_account_is_asked_for_once(notes) -> None:
    wire = Wire(ME, EMPTY, EMPTY)
    api = client(wire, notes)
    api.mentions(since_id="7", until_id="9", token="t")
    api.own_posts(since_id=None)
    assert [ask.route for ask, _ in wire.asked] == ["/2/users/me", "/2/users/900/mentions", "/2/users/900/tweets"]
    asked = wire.asked[1][0].params
    assert (asked["since_id"], asked["until_id"], asked["pagination_token"]) == ("7", "9", "t")
    assert asked["max_results"] == 100
    assert "since_id" not in wire.asked[2][0].params


def test_a_spelling_that_x_has_given_up_is_exchanged_for_the_other_for_good(notes) -> None:
    unknown = refused(400, errors=[{"message": "The query parameter [tweet.fields] is not one of [id,post.fields]"}])
    wire = Wire(ME, unknown, EMPTY, EMPTY)
    api = client(wire, notes)
    api.mentions(since_id=None)
    api.mentions(since_id=None)
    old, new, newer = (ask.params for ask, _ in wire.asked[1:])
    assert "referenced_tweets" in old["tweet.fields"]
    assert "note_post" in new["post.fields"]
    assert "referenced_posts" in new["expansions"]
    assert "tweet.fields" not in new
    assert newer == new


def test_x_that_knows_neither_spelling_is_told_to_people(notes) -> None:
    unknown = refused(400, errors=[{"message": "[tweet.fields] and [post.fields] are unknown"}])
    with pytest.raises(GiveUp):
        client(Wire(ME, unknown, unknown), notes).mentions(since_id=None)
    assert len(notes.problems) == 2


def test_other_mistakes_are_not_tried_in_the_other_spelling(notes) -> None:
    wire = Wire(ME, refused(400, detail="The since_id is invalid"))
    with pytest.raises(GiveUp, match="since_id is invalid"):
        client(wire, notes).mentions(since_id=None)
    assert len(wire.asked) == 2


def test_a_broken_item_is_told_and_counted_and_the_page_goes_on(notes) -> None:
    wire = Wire(ME, {"data": [POST, {"id": "7"}], "meta": {}})
    assert [post.id for post in client(wire, notes).mentions(since_id=None).posts] == [POST["id"]]
    assert notes.things[Endpoint.MENTIONS] == 2, "X charges for both"
    ((where, problem),) = notes.problems
    assert where is Endpoint.MENTIONS
    assert "(id 7)" in problem


def test_the_accounts_own_name_in_a_text_is_a_mention_without_more_help(notes) -> None:
    (post,) = client(Wire(ME, {"data": [POST], "meta": {}}), notes).mentions(since_id=None).posts
    assert post.mentions == post.summons == {"900"}


def test_nothing_is_asked_for_nothing_and_not_too_much_at_once(notes) -> None:
    wire = Wire()
    assert client(wire, notes).look_up([]) == {}
    with pytest.raises(InvalidInput):
        client(wire, notes).look_up(["7"] * 101)
    assert wire.asked == []


def test_after_a_401_another_token_is_tried_once(notes) -> None:
    wire = Wire(refused(401), ME)
    assert client(wire, notes, Signer("two")).me().handle == "MarramAir"
    assert [token for _, token in wire.asked] == ["one", "two"]
    assert notes.problems == []
    wire = Wire(refused(401), refused(401))
    with pytest.raises(RetryLater, match="access token"):
        client(wire, notes, Signer("two")).me()


def test_each_request_that_leaves_is_counted_also_the_second_one_after_a_401(notes) -> None:
    clock = frozen()
    budget = OpenBudget(clock)
    told = {"x-rate-limit-limit": "75", "x-rate-limit-remaining": "73", "x-rate-limit-reset": "1792497600"}
    wire = Wire(Answer(401, told, b"{}"), ME)
    TweepyApi(wire, Signer("two"), Caller(budget, notes, clock)).me()
    assert budget.spent[Endpoint.ME] == len(wire.asked) == 2
    assert [limit.remaining for limit in budget.learnt[Endpoint.ME]] == [73], "what the first answer says counts too"


def test_after_a_401_nothing_more_is_asked_that_the_budget_does_not_give(notes) -> None:
    clock = frozen()

    class Last(OpenBudget):
        def spend(self, endpoint: Endpoint) -> None:
            super().spend(endpoint)
            self.rest(endpoint, clock.now() + timedelta(minutes=15))

    wire = Wire(refused(401), ME)
    with pytest.raises(RetryLater):
        TweepyApi(wire, Signer("two"), Caller(Last(clock), notes, clock)).me()
    assert len(wire.asked) == 1


@pytest.mark.parametrize(
    ("answer", "spent"),
    [
        ({"data": {"id": "7"}}, 1),
        (Silence("the connection broke before X had answered", reached=True), 1),
        (refused(503), 1),
        ({"data": {}}, 1),
        (Silence("X cannot be reached", reached=False), 0),
        (refused(403, detail="You are not allowed to create a Tweet with duplicate content."), 0),
        (refused(403, detail="You have been blocked from the author of this Tweet."), 0),
        (refused(429), 0),
        (refused(401), 0),
    ],
)
def test_what_may_have_been_written_is_spent_and_what_x_refused_is_not(notes, answer, spent) -> None:
    with suppress(ChannelError):
        client(Wire(answer), notes).post("see https://example.com", in_reply_to="7")
    assert (notes.things[Endpoint.POST], notes.links[Endpoint.POST]) == (spent, spent)


def test_a_post_counts_as_spent_before_it_leaves_since_the_process_may_die(notes) -> None:
    class Dying(Wire):
        def exchange(self, ask: Ask, auth: Bearer) -> Answer | Silence:
            raise SystemExit

    with suppress(SystemExit):
        client(Dying(), notes).post("Yes.", in_reply_to="7")
    assert notes.things[Endpoint.POST] == 1


class Slow(Signer):
    """Takes ``seconds`` for each token."""

    def __init__(self, *seconds: float) -> None:
        super().__init__("two")
        self._seconds = list(seconds)
        self.tick = 0.0

    def auth(self) -> Bearer:
        self.tick += self._seconds.pop(0)
        return super().auth()

    def instead_of(self, refused: object) -> Bearer | None:
        self.tick += self._seconds.pop(0)
        return super().instead_of(refused)


@pytest.mark.parametrize(("seconds", "left"), [((59,), 1), ((61,), 0), ((30, 31), 1), ((30, 29), 2)])
def test_nothing_is_posted_by_a_call_that_took_long_to_get_ready(notes, seconds, left) -> None:
    clock, signer = frozen(), Slow(*seconds)
    wire = Wire(*[refused(401)] * (len(seconds) - 1), {"data": {"id": "7"}})
    api = TweepyApi(wire, signer, Caller(OpenBudget(clock), notes, clock), ticks=lambda: signer.tick)
    with suppress(RetryLater):
        api.post("Yes.", in_reply_to="7")
    assert len(wire.asked) == left
    assert notes.things[Endpoint.POST] == (not wire.answers)


def test_a_write_lasts_as_long_as_it_may_get_ready_and_one_request_may_last(notes) -> None:
    timeout = timedelta(seconds=30)
    wire = NetworkWire("http://127.0.0.1:9", timeout)
    assert wire.longest == 2 * timeout
    assert client(wire, notes).longest_write == 2 * wire.longest


def test_reading_may_take_its_time_to_get_ready(notes) -> None:
    clock, signer = frozen(), Slow(600)
    api = TweepyApi(Wire(ME), signer, Caller(OpenBudget(clock), notes, clock), ticks=lambda: signer.tick)
    assert api.me().handle == "MarramAir"


def test_whose_account_it_is_is_told_until_that_worked_while_others_go_on(notes) -> None:
    clock, told = frozen(), []

    def learnt(account: Account) -> None:
        assert not api._lock.locked(), "whoever tells may wait, and others may not have to"
        told.append(account)
        if len(told) == 1:
            raise OSError("the database is away")

    api = TweepyApi(Wire(ME), Signer(), Caller(OpenBudget(clock), notes, clock), learnt=learnt)
    for _ in range(4):
        assert api.me().handle == "MarramAir"
    assert told == [api.account] * 2


def test_connecting_asks_x_for_nothing() -> None:
    a, b, c, d = (SecretStr(letter) for letter in "abcd")
    for user in (OAuth1(a, b, c, d), OAuth2(a, b)):
        connect(
            Credentials(user),
            api="http://127.0.0.1:9",
            timeout=PATIENCE,
            budget=OpenBudget(),
            watch=Notes(),
            clock=frozen(),
            tokens=MemoryTokens(),
        )
