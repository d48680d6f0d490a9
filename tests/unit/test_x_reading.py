"""X's JSON, read: both spellings, whatever is missing, and nothing lost for one broken item."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from triage.channels.x.outcomes import Unreadable
from triage.channels.x.post import Account, Gone
from triage.channels.x.reading import (
    Around,
    around_from,
    post_from,
    private_message_from,
    read_account,
    read_created,
    read_look_up,
    read_posts,
    read_private_messages,
    read_sent,
    unescaped,
)
from triage.channels.x.snowflake import first_id_at, is_id, moment_of
from triage.errors import InvalidInput

POST_ID = "2080765813578191303"
BRAND = Account("1111111111111111111", "MarramAir")
OURS = Around(accounts={"marramair": BRAND.id})


def raw(**fields: Any) -> dict[str, Any]:
    return {"id": POST_ID, "text": "hey @MarramAir", "author_id": "2222222222222222222"} | fields


def reply(**fields: Any) -> dict[str, Any]:
    return raw(referenced_tweets=[{"type": "replied_to", "id": "2080761390344937796"}], **fields)


def body(**parts: Any) -> bytes:
    return json.dumps(parts).encode()


# --- Fields.


@pytest.mark.parametrize(
    "fields",
    [
        {
            "edit_history_tweet_ids": [POST_ID, "2080765800000000000"],
            "referenced_tweets": [{"type": "replied_to", "id": "7"}, {"type": "quoted", "id": "8"}],
            "note_tweet": {"text": "the whole of it"},
        },
        {
            "edit_history_post_ids": [POST_ID, "2080765800000000000"],
            "referenced_posts": [{"type": "replied_to", "id": "7"}, {"type": "quoted", "id": "8"}],
            "note_post": {"text": "the whole of it"},
        },
    ],
    ids=["2.166", "2.167"],
)
def test_both_spellings_are_read(fields) -> None:
    post = post_from(raw(**fields))
    assert (post.in_reply_to, post.quotes, post.text) == ("7", "8", "the whole of it")
    assert post.versions == ("2080765800000000000", POST_ID)


def test_versions_are_in_the_order_of_their_numbers_and_not_of_their_letters() -> None:
    assert post_from(raw(edit_history_tweet_ids=["1000000000000000000", "999999999999999999"])).versions == (
        "999999999999999999",
        "1000000000000000000",
    )


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("2026-07-24T21:23:23.000Z", datetime(2026, 7, 24, 21, 23, 23, tzinfo=UTC)),
        ("2026-07-24T21:23:23Z", datetime(2026, 7, 24, 21, 23, 23, tzinfo=UTC)),
        ("2026-07-24T21:23:23.123456Z", datetime(2026, 7, 24, 21, 23, 23, 123456, tzinfo=UTC)),
        ("2026-07-24T23:23:23+02:00", datetime(2026, 7, 24, 21, 23, 23, tzinfo=UTC)),
    ],
)
def test_dates_with_and_without_fractions(said, read) -> None:
    assert post_from(raw(created_at=said)).created_at == read


@pytest.mark.parametrize("said", [None, "yesterday", "", 5, "2026-07-24T21:23:23", "0001-01-01T00:00:00+23:00"])
def test_a_date_that_cannot_be_read_is_taken_from_the_id(said) -> None:
    post = post_from(raw(created_at=said))
    assert post.created_at == moment_of(POST_ID)
    assert post.created_at.replace(microsecond=0) == datetime(2026, 7, 24, 21, 23, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("a &lt;b&gt; &amp; c", "a <b> & c"),
        ("&amp;amp;", "&amp;"),
        ("&amp;lt;", "&lt;"),
        ("&copy; & &#39;", "&copy; & &#39;"),
    ],
)
def test_entities_are_undone_once_and_only_those_that_x_writes(written, read) -> None:
    assert unescaped(written) == read
    assert post_from(raw(text=written)).text == read


def test_a_repost_says_nothing_of_its_own() -> None:
    assert post_from(raw(referenced_tweets=[{"type": "retweeted", "id": "7"}])) is None


@pytest.mark.parametrize(
    "fields",
    [
        {"entities": None, "referenced_tweets": None, "note_tweet": None, "edit_history_tweet_ids": None, "lang": None},
        {"entities": "broken", "referenced_tweets": [3, {"type": "quoted"}], "note_tweet": {"text": None}},
        {"entities": {"mentions": None, "urls": None}, "conversation_id": 12, "lang": 3, "display_text_range": [1]},
        {"edit_history_tweet_ids": [12, "x"], "in_reply_to_tweet_id": 7, "unknown": {"a": []}},
    ],
)
def test_what_is_not_needed_may_be_missing_broken_or_new(fields) -> None:
    post = post_from(raw(**fields))
    assert (post.id, post.text, post.versions) == (POST_ID, "hey @MarramAir", (POST_ID,))
    assert (post.in_reply_to, post.quotes, post.lang) == (None, None, None)


@pytest.mark.parametrize(
    "item",
    [
        None,
        [],
        "x",
        {},
        {"id": POST_ID},
        raw(id=int(POST_ID)),
        raw(id=2.080765813578191e18),
        raw(id="-5"),
        raw(text=None),
    ],
)
def test_without_an_id_in_digits_and_a_text_it_is_no_post(item) -> None:
    with pytest.raises(InvalidInput):
        post_from(item)


# --- Mentions and summons.


def mention(name: str, account: str, start: int) -> dict[str, Any]:
    return {"username": name, "id": account, "start": start, "end": start + len(name) + 1}


def test_mentions_come_from_entities_and_from_the_text() -> None:
    post = post_from(raw(entities={"mentions": [mention("Ada", "5", 20)]}), OURS)
    assert post.mentions == {"5", BRAND.id}


def test_a_name_in_a_post_of_its_own_is_a_summons() -> None:
    assert post_from(raw(), OURS).summons == {BRAND.id}


@pytest.mark.parametrize(
    ("text", "shown", "summoned"),
    [
        ("@MarramAir thanks", None, False),
        ("@MarramAir thanks", [11, 17], False),
        ("@MarramAir and you, @marramair?", None, True),
        ("@MarramAir and you, @marramair?", [11, 30], True),
        ("@Ada @MarramAir thanks", None, False),
        ("@Ada @MarramAir thanks", [5, 22], True),  # X put only Ada there: the other name was typed
        ("@MarramAir thanks", [0, 17], True),
        ("thanks @MarramAir", None, True),
        ("see a@marramair.com", None, False),
    ],
)
def test_in_an_answer_only_names_in_the_authors_own_words_are_a_summons(text, shown, summoned) -> None:
    post = post_from(reply(text=text, display_text_range=shown), OURS)
    assert (BRAND.id in post.summons) is summoned


def test_quoting_is_a_summons_of_the_quoted_posts_author() -> None:
    quoting = raw(text="look", referenced_tweets=[{"type": "quoted", "id": "8"}])
    assert post_from(quoting, Around(authors={"8": BRAND.id})).summons == {BRAND.id}
    assert post_from(quoting, OURS).summons == frozenset()
    linked = {"urls": [{"expanded_url": "https://twitter.com/MarramAir/status/8"}, {"expanded_url": None}]}
    read = post_from(quoting | {"entities": linked}, OURS)
    assert (read.summons, read.links) == ({BRAND.id}, ("https://twitter.com/MarramAir/status/8",))


def test_names_and_authors_come_from_what_is_included() -> None:
    users = [{"id": "5", "username": "Ada", "name": "Ada"}, {"id": None, "username": "x"}, "broken"]
    around = around_from({"users": users, "tweets": [{"id": "8", "author_id": "5"}], "posts": [{"id": "9"}]}, BRAND)
    assert around.accounts == {"ada": "5", "marramair": BRAND.id}
    assert around.authors == {"8": "5"}
    assert around_from(None).accounts == {}


# --- Pages.


def test_one_broken_item_costs_no_other_and_is_told() -> None:
    reading = read_posts(body(data=[raw(), {"id": "7"}, 3, raw(id="8")], meta={"next_token": "t"}))
    assert [post.id for post in reading.items] == [POST_ID, "8"]
    assert (reading.charged, reading.next_token, len(reading.problems)) == ({POST_ID, "7", "8"}, "t", 2)
    assert "(id 7)" in reading.problems[0]


def test_half_of_a_surrogate_pair_costs_no_post() -> None:
    reading = read_posts(
        rb'{"data": [{"id": "7", "text": "a \ud83d b"}, {"id": "8", "text": "\ud83d\udc36"}], "meta": {}}'
    )
    assert [post.text for post in reading.items] == ["a \ufffd b", "🐶"]


def test_problems_hold_no_word_of_a_post() -> None:
    reading = read_posts(body(data=[raw(text=None, id="7"), raw(id="secret words")], meta={}))
    assert "secret words" not in str(reading.problems)


def test_an_empty_page_has_no_data_but_says_so() -> None:
    reading = read_posts(body(meta={"result_count": 0}))
    assert (reading.items, reading.next_token, reading.charged) == ((), None, frozenset())


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"<html>",
        b'{"data": [',
        b"\xff\xfe",
        b"{}",
        b'{"errors": [{"detail": "no"}]}',
        b"[" * 9999,
    ],
)
def test_what_is_no_page_is_never_taken_for_an_empty_one(broken) -> None:
    with pytest.raises(Unreadable):
        read_posts(broken)


def test_errors_beside_data_are_told_unless_they_say_that_something_is_gone() -> None:
    gone = {"type": "https://api.x.com/2/problems/resource-not-found", "detail": "Could not find tweet"}
    other = {"type": "https://api.x.com/2/problems/internal-error", "detail": "Something broke"}
    reading = read_posts(body(data=[raw()], errors=[gone, other, 3], meta={}))
    assert reading.problems == ("X left something out: Something broke",)


# --- Looking up.


def problem(post_id: str, kind: str = "resource-not-found", where: str = "resource_id") -> dict[str, str]:
    return {"type": f"https://api.twitter.com/2/problems/{kind}", "detail": f"about {post_id}", where: post_id}


def test_what_is_left_out_is_known_by_its_id_where_x_says_it() -> None:
    unavailable = problem("8") | {"parameter": "id", "resource_type": "tweet"}
    quoted = problem("7") | {"parameter": "referenced_tweets.id", "resource_type": "tweet"}
    somebody = problem("6") | {"parameter": "id", "resource_type": "user"}
    broken = {"title": "Internal Error", "detail": "Something broke", "type": "about:blank"}
    unreadable = [{"id": "9"}, {"text": "no id"}, 3]
    reading = read_posts(body(data=[raw(), *unreadable], errors=[unavailable, quoted, somebody, broken], meta={}))
    assert reading.left_out == ("8", None, "9", None, None)
    assert read_posts(body(data=[raw()], errors=[quoted, somebody], meta={})).left_out == ()
    assert read_private_messages(body(data=[{"text": "no id"}], meta={})).left_out == (None,)


def test_posts_that_are_gone_are_among_the_errors() -> None:
    errors = [
        problem("7"),
        problem("8", "not-authorized-for-resource", "value"),
        problem("9", "internal-error"),
        problem("10"),
    ]
    found, reading = read_look_up(body(data=[raw()], errors=errors), [POST_ID, "7", "8", "9"])
    assert found.pop(POST_ID).text == "hey @MarramAir"
    assert found == {"7": Gone("about 7"), "8": Gone("about 8")}
    assert reading.problems == ("X left something out: about 9",)


def test_all_posts_may_be_gone() -> None:
    found, _ = read_look_up(body(errors=[problem("7")]), ["7"])
    assert found == {"7": Gone("about 7")}


def test_a_later_version_stands_for_the_one_that_was_asked_for() -> None:
    later = raw(edit_history_tweet_ids=["7", POST_ID])
    assert read_look_up(body(data=[later]), ["7"])[0]["7"].id == POST_ID
    both = read_look_up(body(data=[later, raw(id="7", edit_history_tweet_ids=["7", POST_ID])]), ["7", POST_ID])[0]
    assert {post_id: post.id for post_id, post in both.items()} == {"7": "7", POST_ID: POST_ID}


@pytest.mark.parametrize("broken", [b"{}", b'{"data": null}', b"<html>", b'{"data": []}'])
def test_a_look_up_that_says_nothing_is_no_answer(broken) -> None:
    with pytest.raises(Unreadable):
        read_look_up(broken, ["7"])


# --- Others.


def test_a_private_message_is_read_and_other_events_are_passed_over() -> None:
    event = {
        "id": POST_ID,
        "event_type": "MessageCreate",
        "text": "a &amp; b",
        "sender_id": "5",
        "dm_conversation_id": "5-9",
    }
    message = private_message_from(event)
    assert (message.text, message.sender_id, message.conversation_id) == ("a & b", "5", "5-9")
    assert message.created_at == moment_of(POST_ID)
    reading = read_private_messages(body(data=[event, {"id": "8", "event_type": "ParticipantsJoin"}], meta={}))
    assert [one.id for one in reading.items] == [POST_ID]
    assert reading.charged == {POST_ID, "8"}


def test_a_post_that_comes_along_is_counted_since_x_may_charge_for_it() -> None:
    post, beside = {"id": POST_ID, "text": "see"}, {"id": "17", "text": "what was quoted", "author_id": "5"}
    for includes in ({"tweets": [beside, beside]}, {"posts": [beside, beside]}):
        assert read_posts(body(data=[post], includes=includes, meta={})).charged == {POST_ID, "17"}


def test_an_account_a_new_post_and_a_new_message() -> None:
    assert read_account(body(data={"id": "5", "username": "Ada"})) == Account("5", "Ada")
    assert read_created(body(data={"id": POST_ID, "text": "x"})) == POST_ID
    assert read_sent(body(data={"dm_event_id": "8", "dm_conversation_id": "5-9"})) == "8"


@pytest.mark.parametrize("read", [read_account, read_created, read_sent])
@pytest.mark.parametrize(
    "broken", [b"{}", b'{"data": {}}', b'{"data": {"id": 5}}', b'{"data": {"id": "x"}}', b'{"data": []}']
)
def test_an_answer_without_an_id_is_none(read, broken) -> None:
    with pytest.raises(Unreadable):
        read(broken)


# --- Ids.


def test_ids_carry_their_moment_and_moments_have_a_first_id() -> None:
    moment = moment_of(POST_ID)
    assert int(first_id_at(moment)) <= int(POST_ID)
    assert moment_of(first_id_at(moment)) == moment
    assert first_id_at(datetime(2006, 3, 21, tzinfo=UTC)) == "0"


@pytest.mark.parametrize(
    ("value", "yes"), [(POST_ID, True), ("0", True), ("", False), ("-1", False), ("٣", False), ("1" * 21, False)]
)
def test_an_id_is_digits(value, yes) -> None:
    assert is_id(value) is yes
