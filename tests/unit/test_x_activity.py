"""Activity events, read into what happened."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from triage.channels.x.activity import Activity
from triage.channels.x.happening import Happening, PostDeleted, Posted, PrivatelyWritten
from triage.channels.x.post import Account, PrivateMessage
from triage.errors import InvalidInput

BRAND = Account("1111111111111111111", "ExampleUser")


def event(kind: str, payload: Any, includes: Any = None) -> dict[str, Any]:
    return {"data": {"event_type": kind, "payload": payload, "includes": includes or {}}}


@pytest.fixture(scope="module")
def samples(x_api: Path) -> dict[str, Any]:
    """One event of each kind, as X documents them."""
    return dict(json.loads((x_api / "activity-events.json").read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def read(samples: dict[str, Any]) -> dict[str, tuple[Happening, ...]]:
    return {kind: Activity(BRAND).read(sample) for kind, sample in samples.items()}


def test_posts_are_read(read: dict[str, tuple[Happening, ...]], samples: dict[str, Any]) -> None:
    for kind in ("post.create", "post.mention.create", "post.reply.create", "post.quote.create"):
        (happening,) = read[kind]
        assert isinstance(happening, Posted)
        assert happening.post.id == samples[kind]["data"]["payload"]["id"]
        assert happening.post.text == samples[kind]["data"]["payload"]["text"]


def test_a_mention_summons_and_an_answer_does_so_only_in_so_many_words(read: dict[str, tuple[Happening, ...]]) -> None:
    (mention,), (answer,) = read["post.mention.create"], read["post.reply.create"]
    assert isinstance(mention, Posted)
    assert isinstance(answer, Posted)
    assert mention.post.summons == {BRAND.id}
    assert answer.post.mentions == {BRAND.id}
    assert answer.post.summons == frozenset()
    assert answer.post.in_reply_to == "2080761390344937796"


def test_whoever_quotes_the_account_summons_it_though_the_event_says_nothing_of_the_quoted_post(
    read: dict[str, tuple[Happening, ...]], samples: dict[str, Any]
) -> None:
    (quote,) = read["post.quote.create"]
    assert samples["post.quote.create"]["data"]["includes"] == {}
    assert isinstance(quote, Posted)
    assert (quote.post.quotes, quote.post.in_reply_to) == ("2080761390344937796", None)
    assert quote.post.summons == {BRAND.id}


def test_a_deletion_is_read(read: dict[str, tuple[Happening, ...]]) -> None:
    assert read["post.delete"] == (PostDeleted("2080761269309813134"),)


def test_private_messages_are_read(read: dict[str, tuple[Happening, ...]]) -> None:
    assert read["dm.received"] == (
        PrivatelyWritten(
            PrivateMessage(
                id="2080765901528535096",
                conversation_id="1111111111111111111-2222222222222222222",
                sender_id="2222222222222222222",
                created_at=datetime(2026, 7, 24, 21, 23, 44, 372000, UTC),
                text="hello!",
            )
        ),
    )
    (sent,) = read["dm.sent"]
    assert isinstance(sent, PrivatelyWritten)
    assert sent.message.conversation_id == "2244994945-1111111111111111111"  # the lower number first, as X does


def test_private_messages_are_left_alone_where_they_are_not_wanted(samples: dict[str, Any]) -> None:
    public = Activity(BRAND, private=False)
    assert [public.read(samples[kind]) for kind in ("dm.received", "dm.sent")] == [(), ()]
    assert public.read(samples["post.mention.create"])


def test_events_of_other_accounts_are_left_out(samples: dict[str, Any]) -> None:
    other = Activity(Account("5", "SomebodyElse"))
    assert not any(other.read(sample) for sample in samples.values())


@pytest.mark.parametrize("narrowed", [{"keyword": "bags"}, {"direction": "inbound"}, {}, None])
def test_an_event_for_no_account_is_taken_if_it_concerns_the_brand(samples: dict[str, Any], narrowed: Any) -> None:
    told = {"data": samples["post.mention.create"]["data"] | {"filter": narrowed}}
    assert len(Activity(BRAND).read(told)) == 1
    assert Activity(Account("5", "SomebodyElse")).read(told) == ()


@pytest.mark.parametrize("kind", ["post.repost.create", "chat.received", "chat.sent", "broadcast.chat"])
def test_other_kinds_tell_nothing(read: dict[str, tuple[Happening, ...]], kind: str) -> None:
    assert read[kind] == ()


def test_a_repost_tells_nothing_whatever_it_comes_as(samples: dict[str, Any]) -> None:
    repost = samples["post.repost.create"]["data"]
    assert Activity(BRAND).read({"data": repost | {"event_type": "post.create"}}) == ()


def test_an_unknown_kind_is_noted_once(caplog: pytest.LogCaptureFixture) -> None:
    activity = Activity()
    for kind in ("like.create", "like.create", "mute.mute", "like.create"):
        assert activity.read(event(kind, {"id": "1"})) == ()
    noted = [record.getMessage() for record in caplog.records]
    assert noted == [
        f"X sends events of the kind {kind!r}, which are not read" for kind in ("like.create", "mute.mute")
    ]


def test_the_names_of_unknown_kinds_that_are_remembered_do_not_grow_without_end() -> None:
    activity = Activity()
    for number in range(10_000):
        activity.read(event(f"made.up.{number}", {}))
    assert len(activity._noted) <= 100


def test_events_may_come_several_at_a_time() -> None:
    both = [event("post.delete", {"id": number, "author_id": "9"})["data"] for number in ("1", "2")]
    assert Activity().read({"data": both}) == (PostDeleted("1"), PostDeleted("2"))


def test_signs_that_x_escapes_are_undone_once() -> None:
    private = {
        "direct_message_events": [
            {
                "type": "message_create",
                "id": "5",
                "created_timestamp": "1784928224372",
                "message_create": {
                    "target": {"recipient_id": "1"},
                    "sender_id": "20",
                    "message_data": {"text": "5 &gt; 4 &amp;amp; so on"},
                },
            }
        ]
    }
    (happening,) = Activity().read(event("dm.received", private))
    assert isinstance(happening, PrivatelyWritten)
    assert happening.message.text == "5 > 4 &amp; so on"


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"data": None},
        {"data": "text"},
        {"data": {"event_type": "post.delete"}},
        {"data": {"event_type": ["post.delete"], "payload": {}}},
        event("post.delete", {"id": 2080761269309813134}),
        event("post.delete", {"id": "²"}),
        event("post.delete", []),
        event("post.create", {"id": "1"}),
        event("post.create", None),
        event("dm.received", {}),
        event("dm.received", {"direct_message_events": [{"type": "message_create", "id": "1", "message_create": 1}]}),
    ],
)
def test_what_is_not_as_x_documents_it_is_refused(broken: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        Activity().read(broken)
