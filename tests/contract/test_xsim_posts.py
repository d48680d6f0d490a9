"""What the stand-in takes as a post, and how it shows it: as X does."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.xsim.asking import Asking


def detail(response: Any) -> str:
    found: str = response.json()["detail"]
    return found


def test_ids_have_19_digits_and_rise_with_time(brand: Asking) -> None:
    ids = brand.sim.bulk([{"author": "ann", "text": f"@MarramAir {n}"} for n in range(500)])
    later = brand.sim.post("ann", "later").id
    assert {len(each) for each in [*ids, later]} == {19}
    assert [*ids, later] == sorted({*ids, later})


def test_a_reply_is_in_its_parents_conversation_with_the_names_x_puts_before_it(brand: Asking) -> None:
    asked = brand.sim.post("ann", "@MarramAir and @bob where is it?")
    brand.sim.user("bob")
    brand.reply(brand.sim.post("ann", "@MarramAir and @bob where is it?").id, "Here")
    made = brand.reply(asked.id, "There").json()["data"]
    fields = "conversation_id,in_reply_to_user_id,referenced_tweets,entities,display_text_range"
    shown = brand.get(f"tweets/{made['id']}", tweet__fields=fields).json()["data"]
    assert shown["conversation_id"] == asked.id
    assert shown["in_reply_to_user_id"] == asked.author_id
    assert shown["referenced_tweets"] == [{"type": "replied_to", "id": asked.id}]
    assert (shown["text"], shown["display_text_range"]) == ("@ann There", [5, 10])
    assert shown["entities"]["mentions"][0] == {"start": 0, "end": 4, "username": "ann", "id": asked.author_id}


def test_texts_are_escaped_and_links_shortened(brand: Asking) -> None:
    post = brand.sim.post("ann", "@MarramAir a<b & see https://example.com/a?b=1")
    shown = brand.get(f"tweets/{post.id}", tweet__fields="entities").json()["data"]
    (link,) = shown["entities"]["urls"]
    assert shown["text"] == f"@MarramAir a&lt;b &amp; see {link['url']}"
    assert len(link["url"]) == 23
    assert link["expanded_url"] == "https://example.com/a?b=1"
    assert shown["text"][link["start"] : link["end"]] == link["url"]


def test_a_long_post_is_cut_and_whole_in_its_note(brand: Asking) -> None:
    post = brand.sim.post("ann", "@MarramAir " + "word " * 100)
    shown = brand.get(f"tweets/{post.id}", tweet__fields="note_tweet").json()["data"]
    assert len(shown["text"]) <= 280
    assert shown["note_tweet"]["text"] == "@MarramAir " + "word " * 100


@pytest.mark.parametrize(("text", "status"), [("a" * 280, 201), ("a" * 281, 400), ("字" * 140, 201), ("字" * 141, 400)])
def test_a_text_is_weighed(brand: Asking, text: str, status: int) -> None:
    assert brand.post("tweets", text=text).status_code == status


def test_a_text_is_taken_once(brand: Asking) -> None:
    first, second = (brand.sim.post(name, "@MarramAir hello") for name in ("ann", "bob"))
    assert brand.reply(first.id, "Good morning").status_code == 201
    for again in (first, second):
        response = brand.reply(again.id, "Good morning")
        assert (response.status_code, "duplicate content" in detail(response)) == (403, True)
    brand.sim.advance(86_400)
    assert brand.reply(second.id, "Good morning").status_code == 201
    assert brand.reply(first.id, "Good morning").status_code == 403


def test_who_did_not_address_the_account_is_not_answered(brand: Asking) -> None:
    alone = brand.sim.post("ann", "what a flight")
    response = brand.reply(alone.id, "May we help?")
    assert (response.status_code, "not been mentioned" in detail(response)) == (403, True)
    ours = brand.post("tweets", text="we are open").json()["data"]["id"]
    quoting = brand.sim.post("ann", "are they", quote=ours)
    assert brand.reply(quoting.id, "We are.").status_code == 201


def test_a_mention_that_x_put_there_may_count_or_not(brand: Asking) -> None:
    ours = brand.post("tweets", text="we are open").json()["data"]["id"]
    follow = brand.sim.post("ann", "are you?", reply_to=ours)
    brand.sim.rule(implicit_summons=False)
    assert brand.reply(follow.id, "We are.").status_code == 403
    brand.sim.rule(implicit_summons=True)
    assert brand.reply(follow.id, "We are.").status_code == 201


def test_blocks_restrictions_and_deletions_are_refused_in_their_own_words(brand: Asking) -> None:
    blocked = brand.sim.post("ann", "@MarramAir one")
    brand.sim.block("ann", "MarramAir")
    gone = brand.sim.post("bob", "@MarramAir two")
    brand.sim.delete(gone.id)
    ours = brand.post("tweets", text="we are open").json()["data"]["id"]
    restricted = brand.sim.post("carl", "three", quote=ours, who_may_reply="mentionedUsers")
    words = [detail(brand.reply(each.id, f"reply {each.id}")) for each in (blocked, gone, restricted)]
    assert ["blocked" in words[0], "deleted" in words[1], "restricted" in words[2]] == [True] * 3


def test_a_deleted_post_is_in_no_timeline(brand: Asking) -> None:
    post = brand.sim.post("ann", "@MarramAir one")
    kept = brand.sim.post("ann", "@MarramAir two")
    brand.sim.delete(post.id)
    assert [each["id"] for each in brand.mentions().json()["data"]] == [kept.id]


def test_an_edit_is_a_new_id_with_the_history(brand: Asking) -> None:
    post = brand.sim.post("ann", "@MarramAir one")
    edited = brand.sim.edit(post.id, "@MarramAir won")
    (shown,) = brand.mentions().json()["data"]
    assert (shown["id"], shown["edit_history_tweet_ids"]) == (edited.id, [post.id, edited.id])
    old = brand.get(f"tweets/{post.id}").json()["data"]
    assert (old["text"], old["edit_history_tweet_ids"]) == ("@MarramAir one", [post.id, edited.id])


def test_only_ones_own_posts_can_be_deleted(brand: Asking) -> None:
    assert brand.delete(f"tweets/{brand.sim.post('ann', 'mine').id}").status_code == 403


def test_what_x_does_not_know_is_refused(brand: Asking) -> None:
    assert brand.post("tweets", text="a", colour="red").status_code == 400
    assert brand.post("tweets").status_code == 400
    assert brand.get("tweets/abc").status_code == 400


#: In the stand-in's bodies and not yet in recordings of 2021.
NEWER = {"edit_history_tweet_ids"}


def test_bodies_have_the_fields_of_recorded_ones(brand: Asking, x_api: Path) -> None:
    brand.sim.bulk([{"author": "ann", "text": f"@MarramAir {n}"} for n in range(11)])
    ann = brand.sim.user("ann")
    brand.sim.message("ann", "MarramAir", "hello")
    asked = brand.mentions().json()
    made = brand.reply(asked["data"][0]["id"], "hello")
    answers = {
        "client_get_users_mentions.json": [asked],
        "client_get_me.json": [brand.get("users/me").json()],
        "client_get_tweet.json": [brand.get(f"tweets/{asked['data'][0]['id']}").json()],
        "client_create_and_delete_tweet.json": [
            made.json(),
            brand.delete(f"tweets/{made.json()['data']['id']}").json(),
        ],
        "manage_and_lookup_direct_messages.json": [
            brand.post(f"dm_conversations/with/{ann.id}/messages", text="hi").json()
        ],
    }
    for name, ours in answers.items():
        recorded = json.loads((x_api / "recorded" / name).read_text(encoding="utf-8"))
        for theirs, our in zip(recorded, ours, strict=False):
            assert names(theirs["body"]) == names(our) - {f"data.{new}" for new in NEWER} | (
                names(theirs["body"]) & {f"data.{new}" for new in NEWER}
            ), name


def names(body: Any, at: str = "") -> set[str]:
    """Names of all values; the entries of a list count as one that has all their names."""
    if isinstance(body, list):
        return set().union(*(names(each, at) for each in body))
    if not isinstance(body, dict):
        return {at}
    return set().union(*(names(each, f"{at}.{name}".strip(".")) for name, each in body.items()))


def test_bulk_posts_come_at_their_rate(brand: Asking) -> None:
    brand.sim.bulk([{"author": f"person{n % 7}", "text": f"@MarramAir {n}"} for n in range(30)], rate=30)
    ids, going_on = brand.sim.bulk_ids()
    assert (len(ids) < 30, going_on) == (True, True)
    while brand.sim.bulk_ids()[1]:
        pass
    authors = Counter(post.author for post in brand.sim.world().posts)
    assert (authors.total(), len(authors)) == (30, 7)


def test_20_000_posts_can_be_handed_over_at_once(brand: Asking) -> None:
    posts = [{"author": f"person{n % 997}", "text": f"@MarramAir {n} where is my bag?"} for n in range(20_000)]
    ids = brand.sim.bulk(posts)
    assert len(set(ids)) == 20_000
    assert [post.id for post in brand.sim.world(since=ids[-3]).posts] == ids[-2:]


def test_a_reply_can_name_its_parent_by_key(brand: Asking) -> None:
    entries = [
        {"author": "ann", "text": "@MarramAir a", "key": "first"},
        {"author": "bob", "text": "b", "reply_to": "first"},
    ]
    first, second = brand.sim.bulk(entries)
    assert brand.sim.world().posts[1].reply_to == first
    with pytest.raises(ValueError, match="no post 'nowhere'"):
        brand.sim.post("bob", "c", reply_to="nowhere")
    assert second > first
