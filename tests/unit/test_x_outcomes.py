"""What becomes of a call: from a status, headers and a body, or from silence, to one typed error."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from triage.channels.x.endpoint import Endpoint
from triage.channels.x.outcomes import (
    CLOCK_WRONG,
    TOKEN_REFUSED,
    Answer,
    Pauses,
    Silence,
    Situation,
    UnknownFields,
    failure,
    limits,
    unreadable,
)
from triage.errors import Ambiguous, GiveUp, Repeated, RetryLater

NOW = datetime(2026, 10, 20, 12, tzinfo=UTC)
READ, WRITE = Endpoint.MENTIONS, Endpoint.POST


def situation(endpoint: Endpoint = READ, failures: int = 1, chance: float = 1.0) -> Situation:
    return Situation(endpoint, NOW, failures, lambda: chance)


def answer(status: int, body: object = None, **headers: object) -> Answer:
    names = {name.replace("_", "-"): str(value) for name, value in headers.items()}
    return Answer(status, names, body if isinstance(body, bytes) else json.dumps(body).encode())


def after(**delta: float) -> int:
    return int((NOW + timedelta(**delta)).timestamp())


@pytest.mark.parametrize("status", [200, 201, 204])
def test_a_status_of_success_is_no_failure(status) -> None:
    assert failure(answer(status), situation()) is None


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504, 599])
@pytest.mark.parametrize(("endpoint", "error"), [(READ, RetryLater), (WRITE, Ambiguous)])
def test_a_broken_server_is_asked_later_and_leaves_a_post_in_doubt(status, endpoint, error) -> None:
    found = failure(answer(status, b"<html>"), situation(endpoint))
    assert type(found.error) is error
    assert found.rest_until == NOW + timedelta(seconds=2)


@pytest.mark.parametrize(
    ("endpoint", "reached", "error"),
    [(READ, True, RetryLater), (READ, False, RetryLater), (WRITE, False, RetryLater), (WRITE, True, Ambiguous)],
)
def test_silence_leaves_a_post_in_doubt_only_where_it_may_have_reached_x(endpoint, reached, error) -> None:
    assert type(failure(Silence("no answer", reached), situation(endpoint)).error) is error


@pytest.mark.parametrize(("endpoint", "error"), [(READ, RetryLater), (WRITE, Ambiguous)])
def test_an_answer_of_success_that_cannot_be_read_leaves_a_post_in_doubt(endpoint, error) -> None:
    assert type(unreadable("half of it", situation(endpoint)).error) is error


@pytest.mark.parametrize("endpoint", [READ, WRITE])
def test_a_redirection_was_not_carried_out(endpoint) -> None:
    assert type(failure(answer(302), situation(endpoint)).error) is RetryLater


def test_a_429_rests_until_the_reset_that_x_names() -> None:
    found = failure(answer(429, x_rate_limit_reset=after(minutes=7)), situation())
    assert found.error.not_before == found.rest_until == NOW + timedelta(minutes=7)


@pytest.mark.parametrize("which", ["app", "user"])
def test_of_several_limits_the_one_that_is_used_up_counts(which) -> None:
    headers = {
        "x_rate_limit_remaining": 95,
        "x_rate_limit_reset": after(minutes=7),
        f"x_{which}_limit_24hour_remaining": 0,
        f"x_{which}_limit_24hour_reset": after(hours=11),
    }
    assert failure(answer(429, **headers), situation(WRITE)).rest_until == NOW + timedelta(hours=11)


def test_a_limit_of_a_day_with_calls_left_does_not_count() -> None:
    headers = {
        "x_rate_limit_remaining": 0,
        "x_rate_limit_reset": after(minutes=7),
        "x_app_limit_24hour_remaining": 9000,
        "x_app_limit_24hour_reset": after(hours=11),
    }
    assert failure(answer(429, **headers), situation(WRITE)).rest_until == NOW + timedelta(minutes=7)


def test_a_429_without_a_time_is_backed_off_from() -> None:
    rests = [failure(answer(429), situation(failures=n)).rest_until - NOW for n in (1, 2, 3, 20)]
    assert rests == [timedelta(seconds=2), timedelta(seconds=4), timedelta(seconds=8), timedelta(minutes=15)]


@pytest.mark.parametrize("reset", ["", "soon", "-5", "1e9", "9" * 40, "٣٣"])
def test_a_reset_that_is_no_time_is_none(reset) -> None:
    assert failure(answer(429, x_rate_limit_reset=reset), situation()).rest_until == NOW + timedelta(seconds=2)


def test_a_reset_in_the_past_or_in_years_is_a_clock_that_is_wrong() -> None:
    past = failure(answer(429, x_rate_limit_reset=after(hours=-1)), situation()).rest_until
    assert past == NOW + timedelta(seconds=2)
    assert failure(answer(429, x_rate_limit_reset=after(days=900)), situation()).rest_until == NOW + timedelta(hours=25)


def test_a_cap_on_usage_is_waited_for_longer() -> None:
    body = {"type": "https://api.x.com/2/problems/usage-capped", "period": "Monthly", "detail": "Usage cap exceeded"}
    found = failure(answer(429, body), situation())
    assert found.rest_until == NOW + timedelta(hours=1)
    assert "Usage cap exceeded" in str(found.error)


@pytest.mark.parametrize(("status", "words"), [(401, "access token any more"), (402, "credit")])
@pytest.mark.parametrize("endpoint", [READ, WRITE])
def test_what_a_person_has_to_put_right_is_tried_every_quarter_of_an_hour(status, words, endpoint) -> None:
    found = failure(answer(status, {"title": "Unauthorized"}), situation(endpoint))
    assert words in str(found.error)
    assert found.error.not_before == found.rest_until == NOW + timedelta(minutes=15)


@pytest.mark.parametrize(
    ("skew", "words"), [(timedelta(minutes=7), "7 min ahead of X's"), (timedelta(minutes=-2.5), "2 min behind X's")]
)
def test_a_signature_that_is_refused_by_a_wrong_clock_is_not_put_down_to_the_credentials(skew, words) -> None:
    found = failure(answer(401), replace(situation(), skew=skew))
    assert type(found.error) is RetryLater
    assert str(found.error).startswith(CLOCK_WRONG)
    assert words in str(found.error)
    assert str(found.error) not in TOKEN_REFUSED


@pytest.mark.parametrize("skew", [None, timedelta(), timedelta(seconds=59), timedelta(seconds=-59)])
def test_a_clock_that_is_right_has_nothing_to_do_with_a_refused_token(skew) -> None:
    assert str(failure(answer(401), replace(situation(), skew=skew)).error) in TOKEN_REFUSED


@pytest.mark.parametrize("status", [400, 401])
def test_a_refresh_token_that_is_refused_is_said_to_be_so(status) -> None:
    found = failure(answer(status, {"error": "invalid_request"}), situation(Endpoint.TOKEN))
    assert isinstance(found.error, RetryLater)
    assert "TRIAGE_X_REFRESH_TOKEN" in str(found.error)


@pytest.mark.parametrize(
    ("detail", "words"),
    [
        (
            "Reply to this conversation is not allowed because you have not been mentioned or otherwise engaged by the "
            "author of the post you are replying to.",
            "named or quoted",
        ),
        ("You attempted to reply to a Tweet that is deleted or not visible to you.", "deleted"),
        ("The original Tweet author restricted who can reply to this Tweet.", "restricted"),
        ("You have been blocked from the author of this Tweet.", "the author has blocked the account"),
        ("You cannot answer: this user has blocked you.", "the author has blocked the account"),
        ("You do not have permission to DM one or more participants.", "private messages"),
        ("You cannot send messages to this user.", "private messages"),
        ("Something new.", "Something new."),
        ("Requests from this network are blocked.", "Requests from this network are blocked."),
        ("This app has been blocked from posting.", "This app has been blocked from posting."),
    ],
)
def test_a_refusal_says_what_an_agent_can_do(detail, words) -> None:
    found = failure(answer(403, {"detail": detail, "title": "Forbidden", "status": 403}), situation(WRITE))
    assert type(found.error) is GiveUp
    assert words in str(found.error)
    assert found.rest_until is None


def test_older_bodies_of_refusals_are_understood_too() -> None:
    body = {"errors": [{"code": 433, "message": "The original Tweet author restricted who can reply to this Tweet."}]}
    assert "restricted" in str(failure(answer(403, body), situation(WRITE)).error)


@pytest.mark.parametrize(
    "body",
    [
        {"detail": "You are not allowed to create a Tweet with duplicate content."},
        {"errors": [{"code": 187, "message": "Status is a duplicate."}]},
    ],
)
def test_a_duplicate_may_be_the_very_post(body) -> None:
    assert type(failure(answer(403, body), situation(WRITE)).error) is Repeated


@pytest.mark.parametrize("kind", ["oauth1-permissions", "client-forbidden", "unsupported-authentication"])
def test_a_right_that_the_app_lacks_fails_no_reply_for_good(kind) -> None:
    body = {"type": f"https://api.twitter.com/2/problems/{kind}", "detail": "Your client app is not configured"}
    found = failure(answer(403, body), situation(WRITE))
    assert type(found.error) is RetryLater
    assert found.rest_until == NOW + timedelta(minutes=15)


def test_a_locked_account_fails_no_reply_for_good() -> None:
    found = failure(answer(403, {"detail": "Your account is suspended and is not permitted"}), situation(WRITE))
    assert type(found.error) is RetryLater


@pytest.mark.parametrize("status", [400, 404, 410, 422])
def test_any_other_refusal_is_for_good_with_xs_words(status) -> None:
    found = failure(answer(status, {"detail": "One or more parameters was invalid."}), situation())
    assert type(found.error) is GiveUp
    assert str(status) in str(found.error)
    assert "parameters was invalid" in str(found.error)


def test_a_spelling_that_x_does_not_know_is_told_apart() -> None:
    body = {"errors": [{"message": "The query parameter [tweet.fields] is not one of [id,post.fields]"}]}
    assert type(failure(answer(400, body), situation()).error) is UnknownFields


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[1]",
        b'"x"',
        b"\xff",
        b'{"errors": 3}',
        b'{"errors": [3, null]}',
        b'{"detail": {"a": 1}}',
        b"[" * 5000,
    ],
)
@pytest.mark.parametrize("status", [400, 401, 403, 429, 500])
def test_no_body_makes_the_judgement_fail(status, body) -> None:
    assert failure(Answer(status, {}, body), situation()) is not None


def test_words_of_x_are_kept_short_and_on_one_line() -> None:
    words = str(failure(answer(400, {"detail": "many\nwords " * 500}), situation()).error)
    assert len(words) < 300
    assert "\n" not in words


def test_limits_are_read_where_x_says_all_of_them() -> None:
    headers = {"x_rate_limit_limit": 300, "x_rate_limit_remaining": 7, "x_rate_limit_reset": after(minutes=3)}
    headers |= {"x_app_limit_24hour_limit": 10_000, "x_app_limit_24hour_remaining": 9}
    headers |= {"x_app_limit_24hour_reset": after(hours=3)}
    found = limits(answer(200, **headers, x_user_limit_24hour_limit=5))
    assert [(one.limit, one.remaining, one.resets_at - NOW) for one in found] == [
        (300, 7, timedelta(minutes=3)),
        (10000, 9, timedelta(hours=3)),
    ]


def test_pauses_are_values() -> None:
    assert Pauses() == Pauses()
    quick = Pauses(person=timedelta(seconds=1))
    assert failure(answer(401), situation(), quick).rest_until == NOW + timedelta(seconds=1)
