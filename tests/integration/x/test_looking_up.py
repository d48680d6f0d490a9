"""Stored posts that are looked up again: versions only go forward, and what was deleted stays so."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import pytest

from tests.x_intake import Brand
from triage.channels.protocol import Deleted, Present
from triage.channels.x.happening import PostDeleted, Posted
from triage.channels.x.posts_lookup import XPosts
from triage.domain.erasure import ERASED
from triage.service.stored_posts import LOOK_AGAIN_AFTER, Looked


@pytest.fixture
def brand(store) -> Brand:
    return Brand(store)


@dataclass
class SlowPosts:
    """Posts whose answer is on its way while ``meanwhile`` happens."""

    posts: XPosts
    meanwhile: Callable[[], object]
    name: str = "x"
    most: int = 100

    def look_up(self, external_ids: Sequence[str]) -> Mapping[str, Present | Deleted]:
        said = self.posts.look_up(external_ids)
        self.meanwhile()
        return said


def look(brand: Brand, meanwhile: Callable[[], object] = lambda: None) -> Looked:
    brand.clock.advance(LOOK_AGAIN_AFTER + timedelta(minutes=1))
    return brand.taking.posts.check(SlowPosts(XPosts(brand.x), meanwhile))


def text(brand: Brand, post_id: str) -> str:
    return brand.stored()[post_id].text


def test_an_answer_that_is_older_than_an_edit_which_came_meanwhile_does_not_undo_it(brand) -> None:
    post = brand.customer("can pets fly?")
    brand.taking.take([Posted(post)])
    second = brand.x.edit(post.id, "@MarramAir can cats fly?")
    brand.clock.advance(LOOK_AGAIN_AFTER)

    def edited_again() -> None:
        third = brand.x.edit(second.id, "can dogs fly?")
        brand.taking.take([Posted(third)])

    assert look(brand, edited_again) == Looked(unchanged=1)
    assert text(brand, post.id) == "can dogs fly?"
    assert brand.stored()[post.id].summoned is False


def test_a_look_that_brings_an_edit_brings_with_it_whether_the_author_calls_the_brand(brand) -> None:
    post = brand.customer("can pets fly?")
    brand.taking.take([Posted(post)])
    brand.x.edit(post.id, "can pets fly?")
    assert look(brand) == Looked(edited=1)
    assert brand.stored()[post.id].summoned is False


def test_after_a_look_older_versions_that_come_late_change_nothing(brand) -> None:
    post = brand.customer("can pets fly?")
    second = brand.x.edit(post.id, "@MarramAir can cats fly?")
    third = brand.x.edit(second.id, "@MarramAir can dogs fly?")
    brand.taking.take([Posted(post)])
    assert look(brand) == Looked(edited=1)
    brand.taking.take([Posted(second)])
    assert text(brand, post.id) == third.text


def test_after_a_look_an_answer_to_the_version_that_it_brought_belongs_to_the_case(brand) -> None:
    post = brand.customer("can pets fly?")
    brand.taking.take([Posted(post)])
    second = brand.x.edit(post.id, "@MarramAir can cats fly?")
    look(brand)
    answer = brand.x.write(brand.account, "Yes", in_reply_to=second.id)
    brand.taking.take([Posted(answer)])
    assert brand.stored()[answer.id].case_id == brand.stored()[post.id].case_id


def test_a_post_of_which_something_cannot_be_stored_is_the_same_when_it_is_looked_up(brand) -> None:
    post = brand.customer("can pets\0 fly? \ud800")
    brand.taking.take([Posted(post)])
    assert look(brand) == Looked(unchanged=1)


def test_what_was_deleted_is_not_brought_back_by_an_answer_from_before(brand) -> None:
    post = brand.customer("can pets fly?")
    brand.taking.take([Posted(post)])
    brand.x.edit(post.id, "@MarramAir can cats fly?")
    assert look(brand, lambda: brand.taking.take([PostDeleted(post.id)])) == Looked()
    assert text(brand, post.id) == ERASED


@pytest.mark.parametrize("heard", ["told", "looked up"])
def test_a_deleted_post_that_x_shows_again_stays_deleted_with_all_its_versions(brand, heard) -> None:
    post = brand.customer("can pets fly?")
    second = brand.x.edit(post.id, "@MarramAir can cats fly?")
    brand.taking.take([Posted(post), Posted(second)])
    third = brand.x.edit(second.id, "@MarramAir can dogs fly?")
    brand.x.delete(third.id)
    if heard == "told":
        brand.taking.take([PostDeleted(second.id)])
    else:
        assert look(brand) == Looked(deleted=1)
    for shown in (post, second, third):
        brand.taking.take([Posted(shown)])
        assert text(brand, post.id) == ERASED
