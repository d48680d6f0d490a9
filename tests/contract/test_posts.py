"""One suite for every channel whose posts can be looked up again."""

from __future__ import annotations

import pytest

from triage.channels.memory import MemoryPosts
from triage.channels.protocol import Deleted, Posts, Present


@pytest.fixture(params=["memory"])
def posts(request: pytest.FixtureRequest) -> Posts:
    """A channel on which there is a post 1, with the text "one", and no post 2."""
    return MemoryPosts(texts={"1": "one"})


def test_a_post_is_present_with_its_text_or_deleted(posts) -> None:
    assert posts.look_up(["1", "2"]) == {"1": Present("one"), "2": Deleted()}


def test_nothing_is_said_of_what_was_not_asked_for(posts) -> None:
    assert posts.look_up([]) == {}
    assert posts.look_up(["2"]) == {"2": Deleted()}


def test_a_channel_has_a_name_and_says_how_many_it_can_be_asked_for(posts) -> None:
    assert posts.name
    assert posts.most >= 1
