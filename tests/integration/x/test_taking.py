"""Each post is stored once, whatever tells of it and in whatever order."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest
from msgspec.structs import replace

from tests.doubles import NOON, worker
from tests.x_intake import Brand, Killed
from triage.channels.memory import MemoryChannel
from triage.channels.x.happening import PostDeleted, Posted, PrivatelyWritten
from triage.channels.x.watch import Source
from triage.domain.erasure import ERASED
from triage.domain.event import EventKind
from triage.domain.message import MessageState
from triage.domain.reply import ReplyState
from triage.errors import Ambiguous, RetryLater
from triage.service.x.condition import Conditions
from triage.service.x.notebook import Notebook
from triage.service.x.taking import Taken
from triage.store.x_notes import Heard


@pytest.fixture
def brand(store) -> Brand:
    return Brand(store)


def test_a_mention_is_stored_with_who_summoned_whom(brand) -> None:
    post = brand.customer()
    assert brand.taking.take([Posted(post)]) == Taken(1, 0, 0)
    found = brand.stored()[post.id]
    assert (found.inbound, found.author_id, found.text, found.summoned) == (True, post.author_id, post.text, True)
    assert brand.rung == 1


def test_an_answer_that_only_answers_does_not_summon_and_the_brands_own_posts_say_nothing_of_it(brand) -> None:
    question = brand.customer()
    own = brand.x.write(brand.account, "Yes", in_reply_to=question.id)
    answer = brand.x.write(brand.x.person("ann"), "great", in_reply_to=own.id)
    brand.taking.take([Posted(question), Posted(own), Posted(answer)])
    found = brand.stored()
    assert [found[one.id].summoned for one in (question, own, answer)] == [True, None, False]
    assert len({message.case_id for message in found.values()}) == 1


def last_mention(brand: Brand) -> Heard | None:
    polled = {Source.STREAM: None, Source.OWN_POSTS: timedelta(minutes=5)}
    return Conditions(brand.store, brand.clock, polled, timedelta(minutes=15), dry_run=False).now().last_mention


def test_the_last_mention_is_the_last_post_by_somebody_else_whatever_brought_it_and_in_which_order(brand) -> None:
    assert last_mention(brand) is None
    first = brand.customer()
    own = brand.x.write(brand.account, "@ann Yes", in_reply_to=first.id)
    brand.clock.advance(timedelta(seconds=4))
    brand.taking.take([Posted(own)])
    Notebook(brand.store, brand.clock).saw(Source.STREAM, own.id, own.created_at)
    assert last_mention(brand) is None
    brand.taking.take([Posted(first)])
    seen = Heard(None, NOON + timedelta(seconds=4), first.id, 4.0)
    assert last_mention(brand) == seen
    brand.clock.advance(timedelta(minutes=5))
    brand.taking.take([Posted(first), Posted(brand.x.write(brand.account, "hello"))])
    assert last_mention(brand) == seen
    older, newer = brand.customer("and cats?"), brand.customer("and dogs?")
    for post in (newer, older):
        brand.taking.take([Posted(post)])
    assert last_mention(brand) == Heard(None, brand.clock.now(), newer.id, 0.0)


def test_telling_it_again_changes_nothing_and_wakes_nobody(brand) -> None:
    post = brand.customer()
    brand.taking.take([Posted(post), Posted(post)])
    before, rung = brand.stored(), brand.rung
    assert brand.taking.take([Posted(post)]) == Taken(0, 0, 0)
    assert (brand.stored(), brand.rung) == (before, rung)


def test_another_version_is_an_edit_of_what_is_stored_under_the_first_ones_id(brand) -> None:
    first = brand.customer("can pets fly?")
    second = brand.x.edit(first.id, "@MarramAir can cats fly?")
    brand.taking.take([Posted(first)])
    assert brand.taking.take([Posted(second)]) == Taken(0, 1, 0)
    assert brand.taking.take([Posted(second)]) == Taken(0, 0, 0)
    assert {one: message.text for one, message in brand.stored().items()} == {first.id: second.text}


def test_an_older_version_that_comes_late_does_not_bring_the_old_text_back(brand) -> None:
    first = brand.customer("can pets fly?")
    second = brand.x.edit(first.id, "@MarramAir can cats fly?")
    third = brand.x.edit(second.id, "@MarramAir can dogs fly?")
    for version in (third, first, second):
        brand.taking.take([Posted(version)])
    assert {one: message.text for one, message in brand.stored().items()} == {first.id: third.text}


def test_an_edit_may_take_the_summons_away(brand) -> None:
    first = brand.customer()
    brand.taking.take([Posted(first)])
    brand.taking.take([Posted(brand.x.edit(first.id, "can pets fly?"))])
    assert brand.stored()[first.id].summoned is False


def test_an_answer_to_an_edited_post_belongs_to_its_case_whichever_version_it_names(brand) -> None:
    first = brand.customer()
    second = brand.x.edit(first.id, "@MarramAir can cats fly?")
    answer = brand.x.write(brand.account, "Yes", in_reply_to=second.id)
    brand.taking.take([Posted(first), Posted(second)])
    brand.taking.take([Posted(answer)])
    found = brand.stored()
    assert found[answer.id].in_reply_to == first.id
    assert found[answer.id].case_id == found[first.id].case_id


def test_a_deleted_post_loses_its_content_by_any_of_its_ids(brand) -> None:
    first = brand.customer()
    second = brand.x.edit(first.id, "@MarramAir can cats fly?")
    brand.taking.take([Posted(first), Posted(second)])
    assert brand.taking.take([PostDeleted(second.id)]) == Taken(0, 0, 1)
    assert brand.stored()[first.id].text == ERASED


@pytest.mark.parametrize("told", ["first", "second"])
def test_a_deletion_that_is_told_before_the_post_keeps_it_from_being_stored(brand, told) -> None:
    first = brand.customer()
    second = brand.x.edit(first.id, "@MarramAir can cats fly?")
    brand.taking.take([PostDeleted({"first": first.id, "second": second.id}[told])])
    brand.taking.take([Posted(second)])
    brand.taking.take([Posted(second), Posted(brand.customer("another"))])
    assert [message.text for message in brand.stored().values()] == ["@MarramAir another"]


def test_a_post_and_its_deletion_in_one_batch_leave_nothing(brand) -> None:
    post = brand.customer()
    brand.taking.take([PostDeleted(post.id), Posted(post)])
    assert brand.stored() == {}


def test_deletions_of_what_never_comes_are_forgotten_in_time(brand) -> None:
    brand.taking.take([PostDeleted("17")])
    brand.clock.advance(timedelta(days=31))
    brand.taking.take([PostDeleted("18")])
    with brand.store.read() as transaction:
        assert transaction.versions.deleted_early(["17", "18"]) == {"18"}


def test_private_messages_are_stored_on_their_own_channel(brand) -> None:
    written = brand.x.write_privately(brand.x.person("ann"), "my code is QX7KZP")
    assert brand.taking.take([PrivatelyWritten(written)]) == Taken(1, 0, 0)
    assert brand.stored() == {}
    with brand.store.read() as transaction:
        found = transaction.messages.by_external_id("x-private", written.id)
    assert (found.text, found.inbound, found.summoned) == ("my code is QX7KZP", True, None)


def test_a_post_with_signs_that_no_database_holds_is_stored_without_them(brand) -> None:
    post = replace(brand.customer(), text="@MarramAir pets\0 fly? \ud800")
    brand.taking.take([Posted(post)])
    assert brand.stored()[post.id].text == "@MarramAir pets\N{REPLACEMENT CHARACTER} fly? \N{REPLACEMENT CHARACTER}"


def test_who_did_not_summon_the_brand_gets_no_automatic_answer_but_a_person(brand) -> None:
    question = brand.customer("can pets fly?")
    other = replace(brand.customer("can pets fly then?", handle="bob"), summons=frozenset())
    brand.taking.take([Posted(question), Posted(other)])
    worker(brand.store, brand.clock).drain()
    found = brand.stored()
    assert found[question.id].state is MessageState.ANSWERED
    assert found[other.id].state is MessageState.QUEUED
    with brand.store.read() as transaction:
        judged = transaction.judgements.of([found[other.id].id])[found[other.id].id]
    assert "not_summoned" in [reason.code for reason in judged.decision.reasons]


class _Lossy(MemoryChannel):
    """Posts on X, and then the answer is lost; looking does not help."""

    def __init__(self, brand: Brand, failure: BaseException) -> None:
        super().__init__("x", can_look=False)
        self.brand = brand
        self.failure = failure

    def send(self, reply):
        self.brand.x.post(reply.text, in_reply_to=reply.in_reply_to)
        raise self.failure


def replies(brand: Brand) -> list[tuple[str, str | None]]:
    with brand.store.read() as transaction:
        return [
            (row.state, row.external_id)
            for case in transaction.cases.all()
            for row in transaction.replies.of_case(case)
        ]


def events(brand: Brand) -> list[EventKind]:
    with brand.store.read() as transaction:
        return [event.kind for event in transaction.events.stream()]


def answered_in_doubt(brand: Brand, failure: BaseException) -> None:
    brand.taking.take([Posted(brand.customer())])
    hands = worker(brand.store, brand.clock, channels=[_Lossy(brand, failure)])
    with suppress(Killed):
        hands.drain()
    hands.close()


@pytest.mark.parametrize("failure", [Ambiguous("the answer was lost"), Killed()], ids=["in doubt", "killed"])
def test_an_own_post_that_comes_back_settles_the_reply_it_is(brand, failure) -> None:
    answered_in_doubt(brand, failure)
    assert replies(brand) == [("sending", None)]
    (echo,) = brand.x.own_posts(since_id=None).posts
    brand.taking.take([Posted(echo)])
    worker(brand.store, brand.clock).drain()
    assert replies(brand) == [("sent", echo.id)]
    assert events(brand).count(EventKind.REPLY_SENT) == 1
    assert EventKind.BRAND_REPLIED not in events(brand)


@pytest.mark.parametrize("together", [True, False])
def test_an_own_post_that_was_deleted_before_it_was_read_settles_its_reply_all_the_same(brand, together) -> None:
    answered_in_doubt(brand, Ambiguous("the answer was lost"))
    (echo,) = brand.x.own_posts(since_id=None).posts
    told = [PostDeleted(echo.id), Posted(echo)]
    for batch in [told] if together else [[one] for one in told]:
        brand.taking.take(batch)
    assert replies(brand) == [("sent", echo.id)], "nobody posts it again"
    assert echo.id not in brand.stored()


def test_a_reply_that_is_seen_before_the_channel_has_answered_is_sent_once(brand) -> None:
    class Slow(MemoryChannel):
        def send(self, reply):
            new = brand.x.post(reply.text, in_reply_to=reply.in_reply_to)
            (echo,) = brand.x.own_posts(since_id=None).posts
            brand.taking.take([Posted(echo)])
            return new

    brand.taking.take([Posted(brand.customer())])
    hands = worker(brand.store, brand.clock, channels=[Slow("x")])
    hands.drain()
    hands.close()
    assert [state for state, _ in replies(brand)] == ["sent"]
    assert events(brand).count(EventKind.REPLY_SENT) == 1


def test_an_own_post_with_another_text_is_a_persons_and_leaves_the_doubt(brand) -> None:
    answered_in_doubt(brand, Ambiguous("the answer was lost"))
    (echo,) = brand.x.own_posts(since_id=None).posts
    brand.taking.take([Posted(replace(echo, text="Of course, tell me more"))])
    worker(brand.store, brand.clock).drain()
    assert replies(brand) == [("sending", None)]
    assert EventKind.BRAND_REPLIED in events(brand)


def test_an_older_post_with_the_same_words_is_not_the_reply(brand) -> None:
    answered_in_doubt(brand, Ambiguous("the answer was lost"))
    (echo,) = brand.x.own_posts(since_id=None).posts
    brand.taking.take([Posted(replace(echo, created_at=NOON - timedelta(hours=1)))])
    assert replies(brand) == [("sending", None)]


def test_a_reply_that_a_person_was_asked_about_is_settled_when_it_is_seen_after_all(brand) -> None:
    answered_in_doubt(brand, Ambiguous("the answer was lost"))
    hands = worker(brand.store, brand.clock, channels=[MemoryChannel("x", can_look=False)])
    brand.clock.advance(timedelta(hours=2))
    hands.drain()
    hands.close()
    assert [state for state, _ in replies(brand)] == [ReplyState.AMBIGUOUS.value]
    (echo,) = brand.x.own_posts(since_id=None).posts
    brand.taking.take([Posted(echo)])
    assert replies(brand) == [("sent", echo.id)]


def test_nothing_is_taken_in_before_it_is_known_whose_account_it_is(brand, monkeypatch) -> None:
    def ask() -> str:
        raise RetryLater("not now", NOON)

    taking = replace_account(brand, ask)
    with pytest.raises(RetryLater):
        taking.take([Posted(brand.customer())])
    assert brand.stored() == {}


def replace_account(brand: Brand, ask):
    from dataclasses import replace as changed

    return changed(brand.taking, account_id=ask)


def test_what_x_names_no_sender_of_is_left_out_and_stops_nothing_beside_it(brand) -> None:
    post, private = brand.customer(), brand.x.write_privately(brand.x.person("ann"), "my bag is lost")
    nobodys_post = replace(brand.customer("and cats?"), author_id="")
    nobodys = replace(brand.x.write_privately(brand.x.person("ann"), "hello"), sender_id="", conversation_id="")
    told = [Posted(nobodys_post), PrivatelyWritten(nobodys), Posted(post), PrivatelyWritten(private)]
    assert brand.taking.take(told) == Taken(2, 0, 0)
    with brand.store.read() as transaction:
        found = [m.external_id for case in transaction.cases.all() for m in transaction.messages.in_case(case)]
    assert sorted(found) == sorted([post.id, private.id])
