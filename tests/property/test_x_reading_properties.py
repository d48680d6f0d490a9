"""Whatever X sends is read, or refused as one item or as one answer: nothing else comes of it."""

from __future__ import annotations

import json

from hypothesis import example, given
from hypothesis import strategies as st

from triage.channels.x import raw
from triage.channels.x.outcomes import Unreadable
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
)
from triage.errors import InvalidInput

AROUND = Around(accounts={"ada": "5"})
texts = st.text(alphabet="a@ADa &;lt/:.0🐶\ud83d\n", max_size=12)
ids = st.sampled_from(["2080765813578191303", "7", "", "x", "99999999999999999999"])
names = st.sampled_from(
    [
        *raw.Post.__struct_fields__,
        *raw.PrivateMessage.__struct_fields__,
        "mentions",
        "urls",
        "username",
        "expanded_url",
        "type",
        "users",
        "tweets",
        "posts",
        "detail",
        "resource_id",
        "value",
        "next_token",
        "data",
        "meta",
    ]
)
values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-5, 2**70),
        st.floats(allow_nan=False, allow_infinity=False),
        texts,
        ids,
        st.sampled_from(
            ["replied_to", "quoted", "2026-07-24T21:23:23Z", "9999-12-31T23:59:59-23:00", "resource-not-found"]
        ),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(names, inner, max_size=5)),
    max_leaves=12,
)
posts = st.fixed_dictionaries(
    {"id": ids, "text": texts},
    optional={name: values for name in raw.Post.__struct_fields__ if name not in ("id", "text")},
)
bodies = st.dictionaries(
    st.sampled_from(["data", "includes", "errors", "meta"]), st.one_of(values, st.lists(posts, max_size=3))
)


@example("\ud83d", None)
@given(st.one_of(posts, values), values)
def test_an_item_is_a_post_or_invalid(item, includes) -> None:
    try:
        post = post_from(item, around_from(includes))
    except InvalidInput:
        return
    if post is not None:
        assert post.id == item["id"]
        assert post.created_at.tzinfo is not None
        assert all(one.isdigit() for one in (*post.versions, *post.mentions, *post.summons))
        assert list(post.versions) == sorted(post.versions, key=int)


@given(posts)
def test_who_is_summoned_is_known_by_name_or_quoted(item) -> None:
    try:
        post = post_from(item, AROUND)
    except InvalidInput:
        return
    if post is not None and post.quotes is None:
        assert post.summons <= post.mentions


@given(values)
def test_an_item_is_a_private_message_or_invalid(item) -> None:
    try:
        private_message_from(item)
    except InvalidInput:
        return


@given(st.one_of(st.binary(max_size=40), bodies.map(lambda body: json.dumps(body).encode())))
def test_an_answer_is_read_or_unreadable(body) -> None:
    for read in (
        read_posts,
        read_private_messages,
        read_account,
        read_created,
        lambda body: read_look_up(body, ["7", "2080765813578191303"]),
    ):
        try:
            read(body)
        except Unreadable:
            continue
