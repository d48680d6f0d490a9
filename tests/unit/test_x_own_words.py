"""X's own words are kept in the open, so they must not repeat what people wrote, handles or secrets."""

from __future__ import annotations

import json

import pytest

from tests.doubles import frozen
from triage.channels.x.endpoint import Endpoint
from triage.channels.x.outcomes import Answer, Situation, failure
from triage.channels.x.own_words import shown
from triage.channels.x.refusals import complaint, refused

TOKEN = "2080761390344937796-sYnTh3t1cT0k3nOfNobody7"
REPEATED = [
    "my card was stolen",
    "jane_doe",
    "@JaneDoe",
    "jane@example.org",
    TOKEN,
    "AAAAAAAAAAAAAAAAAAAAAExampleOfABearerTokenThatIsNone",
    "https://example.org/jane?code=1",
]


@pytest.mark.parametrize(
    "words",
    [
        "One or more parameters to your request was invalid.",
        "You are not permitted to perform this action.",
        "The `max_results` query parameter value [1] is not between 5 and 100",
        "The query parameter [tweet.fields] is not one of […]",
        "Could not find tweet with ids: [2080761390344937796].",
        "Usage cap exceeded: Monthly product cap",
        "This stream has been disconnected for operational reasons.",
        "The author's post can't be answered",
    ],
)
def test_what_names_the_mistake_stays(words) -> None:
    assert shown(words) == words


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("The `text` value [my card was stolen] is not valid", "The `text` value […] is not valid"),
        ("Could not find user with username: [jane_doe].", "Could not find user with username: […]."),
        ("the text [I [really] mean it] is refused", "the text […] is refused"),
        ("the text [id] of my card] is refused", "the text […] is refused"),
        ('the text "she said "no" to me" is refused', "the text […] is refused"),
        ("the text “she's gone” is refused", "the text […] is refused"),
        ("the text 'it's mine' is refused", "the text […] is refused"),
        ("the text ‘mine’ is refused", "the text […] is refused"),
        ("not closed: [my card was", "not closed: […]"),
        ('not closed: "my card was', "not closed: […]"),
        ("@JaneDoe has blocked you", "@user has blocked you"),
        ("see https://example.org/jane?code=1", "see http://link"),
        (f"the token {TOKEN} is not valid", "the token […] is not valid"),
        ("mail jane@example.org about it", "mail [EMAIL] about it"),
        ("many\nlines\tof it", "many lines of it"),
    ],
)
def test_what_it_repeats_of_people_and_secrets_is_left_out(said, left) -> None:
    assert shown(said) == left


def test_it_is_short_and_a_text_that_is_cut_off_is_left_out_too() -> None:
    assert len(shown("many words " * 500)) == 200
    assert shown("refused: [" + "my card was stolen " * 100 + "]") == "refused: […]"


@pytest.mark.parametrize("repeated", REPEATED)
@pytest.mark.parametrize("status", [400, 403, 404, 429])
def test_no_failure_of_a_call_repeats_it(status, repeated) -> None:
    said = f"the value [{repeated}] of it is wrong"
    for body in (
        {"detail": said, "title": said, "type": "https://api.x.com/2/problems/usage-capped"},
        {"errors": [{"message": said}], "error_description": said},
        {"detail": said, "errors": [{"message": "The query parameter [tweet.fields] is unknown"}]},
    ):
        answer = Answer(status, {}, json.dumps(body).encode())
        for endpoint in (Endpoint.MENTIONS, Endpoint.POST):
            found = failure(answer, Situation(endpoint, frozen().now(), 1, lambda: 0.5))
            assert found is not None
            assert repeated not in str(found.error)


@pytest.mark.parametrize("repeated", REPEATED)
def test_no_end_of_a_stream_repeats_it(repeated) -> None:
    said = f"the value [{repeated}] of it is wrong"
    for status in (400, 429):
        assert repeated not in refused(Answer(status, {}, json.dumps({"detail": said}).encode()), frozen().now()).why
    assert repeated not in complaint({"errors": [{"title": "refused", "detail": said}]})
