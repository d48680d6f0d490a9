"""User tokens of OAuth 2: renewed in time, once, kept before they are used, and never shown."""

from __future__ import annotations

import json
import threading
from datetime import timedelta

import pytest
from pydantic import SecretStr

from tests.doubles import NOON
from tests.x_connection import Notes, OpenBudget
from triage.channels.x.credentials import OAuth2
from triage.channels.x.endpoint import Endpoint
from triage.channels.x.oauth2 import MemoryTokens, Tokens, UserTokens
from triage.channels.x.outcomes import Answer, Silence
from triage.channels.x.signing import Bearer
from triage.channels.x.transport import Ask, Caller
from triage.clock import FrozenClock
from triage.errors import RetryLater


class TokenServer:
    """X's endpoint of tokens: each refresh token works once. ``answers`` are given instead, while there are some."""

    def __init__(self, first: str = "first") -> None:
        self.valid = first
        self.asked: list[str] = []
        self.answers: list[Answer | Silence | BaseException] = []
        self.lose_answer = False

    def exchange(self, ask: Ask, auth: object) -> Answer | Silence:
        assert (ask.method, ask.route) == ("POST", "/2/oauth2/token")
        self.asked.append(ask.form["refresh_token"])
        if self.answers:
            answer = self.answers.pop(0)
            if isinstance(answer, BaseException):
                raise answer
            return answer
        if ask.form["refresh_token"] != self.valid:
            return Answer(400, {}, b'{"error": "invalid_request"}')
        number = len(self.asked)
        self.valid = f"refresh-{number}"
        if self.lose_answer:
            return Silence("lost", reached=True)
        given = {"access_token": f"access-{number}", "refresh_token": self.valid, "expires_in": 7200}
        return Answer(200, {}, json.dumps(given).encode())


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock(NOON)


@pytest.fixture
def x() -> TokenServer:
    return TokenServer()


@pytest.fixture
def keeper() -> MemoryTokens:
    return MemoryTokens()


@pytest.fixture
def budget(clock) -> OpenBudget:
    return OpenBudget(clock)


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.fixture
def process(x, keeper, clock, budget, notes):
    """Makes the tokens as one more process sees them; ``first`` is what the operator has set."""

    def make(first: str = "first", kept=keeper) -> UserTokens:
        client = OAuth2(SecretStr("client"), SecretStr(first), SecretStr("client-secret"))
        return UserTokens(client, kept, x, Caller(budget, notes, clock))

    return make


def token(tokens: UserTokens) -> str:
    return tokens.auth().token.get_secret_value()


def test_the_first_token_comes_from_the_operators_refresh_token(process, x, keeper) -> None:
    assert token(process()) == "access-1"
    assert x.asked == ["first"]
    assert keeper.load().refresh.get_secret_value() == "refresh-1"


def test_a_token_is_used_until_shortly_before_it_ends_and_then_renewed(process, x, clock) -> None:
    tokens = process()
    token(tokens)
    clock.advance(timedelta(minutes=89))
    assert token(tokens) == "access-1"
    clock.advance(timedelta(minutes=2))
    assert token(tokens) == "access-2"
    assert x.asked == ["first", "refresh-1"]


def test_a_process_that_starts_again_goes_on_with_what_was_kept(process, x) -> None:
    token(process())
    assert token(process()) == "access-1"
    assert x.asked == ["first"]


def test_threads_and_processes_renew_once(process, x) -> None:
    processes = [process() for _ in range(4)]
    found: list[str] = []
    threads = [threading.Thread(target=lambda one=one: found.append(token(one))) for one in processes * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(found) == {"access-1"}
    assert x.asked == ["first"]


def test_a_refused_token_is_replaced_by_the_one_that_another_process_got(process, x, keeper, clock) -> None:
    one, other = process(), process()
    refused = one.auth()
    token(other)
    clock.advance(timedelta(minutes=91))
    assert token(other) == "access-2"
    assert one.instead_of(refused).token.get_secret_value() == "access-2"
    assert len(x.asked) == 2


def test_a_refused_token_that_should_last_is_renewed(process, x) -> None:
    tokens = process()
    assert tokens.instead_of(tokens.auth()).token.get_secret_value() == "access-2"


def test_tokens_that_cannot_be_renewed_yet_are_used_while_they_last(process, x, clock, budget) -> None:
    tokens = process()
    token(tokens)
    clock.advance(timedelta(minutes=100))
    x.answers = [Answer(503, {}, b"")]
    assert token(tokens) == "access-1"
    assert token(tokens) == "access-1"
    assert len(x.asked) == 2, "no second try before the pause is over"
    clock.advance(timedelta(minutes=21))
    x.answers = [Answer(503, {}, b"")]
    with pytest.raises(RetryLater):
        tokens.auth()


def test_a_process_that_dies_while_it_asks_leaves_what_still_works(process, x, keeper, clock) -> None:
    token(process())
    clock.advance(timedelta(minutes=100))
    x.answers = [SystemExit()]
    with pytest.raises(SystemExit):
        process().auth()
    assert keeper.load().access.get_secret_value() == "access-1", "what still works is kept"
    assert token(process()) == "access-3", "X had not been asked: the old token still works"


def test_a_refresh_token_that_was_used_up_in_vain_asks_for_a_person(process, x, clock, notes) -> None:
    tokens = process()
    token(tokens)
    clock.advance(timedelta(minutes=100))
    x.lose_answer = True
    assert token(tokens) == "access-1"
    x.lose_answer = False
    clock.advance(timedelta(minutes=21))
    with pytest.raises(RetryLater, match="TRIAGE_X_REFRESH_TOKEN") as caught:
        tokens.auth()
    assert caught.value.not_before == clock.now() + timedelta(minutes=15)
    assert "TRIAGE_X_REFRESH_TOKEN" in notes.problems[-1][1]


def test_a_new_refresh_token_of_the_operator_counts_more_than_what_was_kept(process, x) -> None:
    token(process())
    x.valid = "second"
    assert token(process("second")) == "access-2"
    assert x.asked == ["first", "second"]


def test_an_answer_without_a_token_changes_nothing(process, x, keeper, budget) -> None:
    x.answers = [Answer(200, {}, b'{"scope": "tweet.read"}')]
    with pytest.raises(RetryLater):
        process().auth()
    assert keeper.load() is None
    budget.rests.clear()
    assert token(process()) == "access-2"
    assert x.asked == ["first", "first"]


def test_every_renewal_is_counted(process, budget, notes) -> None:
    token(process())
    assert budget.spent[Endpoint.TOKEN] == notes.things[Endpoint.TOKEN] == 1


def test_no_token_is_shown(process, keeper) -> None:
    tokens = process()
    auth = tokens.auth()
    for shown in (
        repr(keeper.load()),
        repr(auth),
        repr(tokens),
        str(Tokens(SecretStr("access-1"), SecretStr("refresh-1"), NOON, "o")),
    ):
        assert "access-1" not in shown
        assert "refresh-1" not in shown
    assert isinstance(auth, Bearer)
