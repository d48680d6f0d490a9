"""Whatever X answers, there is one typed error; and pauses are in the future, bounded, and spread."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from triage.channels.x.endpoint import Endpoint
from triage.channels.x.outcomes import Answer, Pauses, Silence, Situation, failure
from triage.errors import Ambiguous, GiveUp, RetryLater

NOW = datetime(2026, 10, 20, 12, tzinfo=UTC)
PAUSES = Pauses()
LIMITS = [
    f"{name}-{part}"
    for name in ("x-rate-limit", "x-app-limit-24hour", "x-user-limit-24hour")
    for part in ("limit", "remaining", "reset")
]

numbers = st.one_of(
    st.integers(-(10**6), 10**13).map(str),
    st.integers(-90_000, 90_000).map(lambda seconds: str(int(NOW.timestamp()) + seconds)),
    st.text(alphabet="09-. e+x٣", max_size=6),
)
answers = st.builds(
    Answer,
    status=st.integers(100, 999),
    headers=st.dictionaries(st.sampled_from(LIMITS), numbers),
    body=st.one_of(st.binary(max_size=60), st.sampled_from([b'{"detail":"duplicate"}', b'{"detail":"blocked"}'])),
)
silences = st.builds(Silence, problem=st.just("no answer"), reached=st.booleans())
situations = st.builds(
    Situation,
    endpoint=st.sampled_from(Endpoint),
    now=st.just(NOW),
    failures=st.integers(1, 10_000),
    chance=st.floats(0, 1, exclude_max=True).map(lambda chance: lambda: chance),
)


@given(st.one_of(answers, silences), situations)
def test_every_outcome_is_success_or_one_of_three_errors(happened, situation) -> None:
    found = failure(happened, situation)
    if found is None:
        assert 200 <= happened.status < 300
        return
    assert isinstance(found.error, RetryLater | GiveUp | Ambiguous)
    assert str(found.error)


@given(st.one_of(answers, silences), situations)
def test_only_a_call_that_writes_is_ever_in_doubt(happened, situation) -> None:
    found = failure(happened, situation)
    if found and isinstance(found.error, Ambiguous):
        assert situation.endpoint.terms.writes


@given(st.one_of(answers, silences), situations)
def test_no_call_is_tried_again_at_once_or_never(happened, situation) -> None:
    found = failure(happened, situation)
    if found and found.rest_until is not None:
        assert NOW + timedelta(milliseconds=500) <= found.rest_until <= NOW + timedelta(hours=25)
    if found and isinstance(found.error, RetryLater):
        assert found.error.not_before == found.rest_until


@given(situations)
def test_a_pause_without_a_time_from_x_is_jittered_within_its_bounds(situation) -> None:
    rest = failure(Answer(429, {}, b""), situation).rest_until - NOW
    backoff = PAUSES.backoff
    longest = min(backoff.most, backoff.first * 2 ** min(situation.failures - 1, 20))
    assert backoff.least <= rest <= longest <= timedelta(minutes=15)


@given(st.integers(1, 40), st.floats(0, 1, exclude_max=True))
def test_pauses_never_get_shorter_with_more_failures(failures, chance) -> None:
    def rest(count: int) -> timedelta:
        return failure(Answer(503, {}, b""), Situation(Endpoint.ME, NOW, count, lambda: chance)).rest_until - NOW

    assert rest(failures) <= rest(failures + 1)
