"""One suite for every channel whose posts can be looked up again."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.doubles import frozen
from triage.channels.memory import MemoryPosts
from triage.channels.protocol import Deleted, Posts, Present
from triage.channels.x.memory import MemoryX
from triage.channels.x.posts_lookup import XPosts


@dataclass
class Channel:
    """A channel on which there is a post with the text "one", and one that was deleted."""

    posts: Posts
    there: str
    gone: str


def on_x() -> Channel:
    x = MemoryX(frozen())
    there, gone = (x.write(x.person("Ada"), text).id for text in ("one", "two"))
    x.delete(gone)
    return Channel(XPosts(x), there, gone)


@pytest.fixture(params=["memory", "x"])
def channel(request: pytest.FixtureRequest) -> Channel:
    return on_x() if request.param == "x" else Channel(MemoryPosts(texts={"1": "one"}), "1", "2")


def test_a_post_is_present_with_its_text_or_deleted(channel) -> None:
    found = channel.posts.look_up([channel.there, channel.gone])
    there = found[channel.there]
    assert isinstance(there, Present)
    assert (there.text, found[channel.gone]) == ("one", Deleted())
    assert there.versions in ((), (channel.there,))


def test_nothing_is_said_of_what_was_not_asked_for(channel) -> None:
    assert channel.posts.look_up([]) == {}
    assert channel.posts.look_up([channel.gone]) == {channel.gone: Deleted()}


def test_a_channel_has_a_name_and_says_how_many_it_can_be_asked_for(channel) -> None:
    assert channel.posts.name
    assert channel.posts.most >= 1
