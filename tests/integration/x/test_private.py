"""Private messages are the private leg of the case that they belong to."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from itertools import permutations

import pytest
from msgspec.structs import replace as changed

from tests.x_private import Private
from triage.channels.x.endpoint import Endpoint
from triage.channels.x.happening import Posted, PrivatelyWritten
from triage.channels.x.post import Post
from triage.domain.case import CaseState
from triage.domain.erasure import ERASED
from triage.domain.event import EventKind
from triage.domain.legs import Leg
from triage.domain.message import MessageState
from triage.errors import Ambiguous, Conflict, GiveUp, GuardBlocked, InvalidInput, NotFound, RetryLater
from triage.measures.report import report
from triage.service.erasure import Erasure
from triage.service.retention import Retention
from triage.service.subject_access import dossier
from triage.store.marks import Mark

MOVED = EventKind.MOVED_TO_PRIVATE
CARD = "4111 1111 1111 1111"


@pytest.fixture
def brand(store) -> Private:
    return Private(store)


# --- Which case it joins.


def test_a_message_joins_the_newest_public_case_that_was_asked_to_go_on_in_private(brand) -> None:
    first = brand.posts()
    brand.asked_to_move(first)
    brand.later(days=2)
    second = brand.posts("another bag")
    brand.asked_to_move(second)
    brand.later(days=2)
    third = brand.posts("a third bag")  # of which nobody has asked anything
    written = brand.writes()
    assert brand.case_of(written.id).id == brand.case_of(second.id, "x").id
    assert brand.case_of(written.id).id != brand.case_of(third.id, "x").id


def test_a_message_long_after_the_request_is_of_a_case_of_its_own_unless_it_names_that_one(brand) -> None:
    post = brand.posts()
    case = brand.asked_to_move(post)
    brand.later(days=7, seconds=1)
    assert brand.case_of(brand.writes("hello").id).channel == "x-private"
    assert brand.case_of(brand.writes(f"Case {case.id}", handle="bob").id).channel == "x-private"
    assert brand.case_of(brand.writes(f"Case {case.id}").id).id == case.id


def test_the_time_counts_from_the_last_request(brand) -> None:
    post = brand.posts()
    brand.asked_to_move(post)
    brand.later(days=6)
    brand.desk.claim(brand.alex, brand.case_of(post.id, "x").id)
    brand.desk.move_to_private(brand.alex, brand.case_of(post.id, "x").id, key="again")
    brand.later(days=6)
    assert brand.case_of(brand.writes("hello").id).id == brand.case_of(post.id, "x").id


def test_who_is_asked_elsewhere_to_go_on_in_private_is_asked_all_the_same(brand) -> None:
    post = brand.posts()
    own = changed(
        brand.x.write(brand.account, "Please write to us: https://t.co/aB3dE5fG7h", in_reply_to=post.id),
        links=(brand.desk.private.link,),
    )
    brand.taking.take([Posted(own)])
    case = brand.case_of(post.id, "x")
    assert case.private_since == case.private_asked_at == brand.clock.now()
    assert [(event.actor, event.data["code"]) for event in brand.events() if event.kind is MOVED] == [
        ("channel", "by_choice")
    ]
    brand.taking.take([Posted(own)])
    assert [event.kind for event in brand.events()].count(MOVED) == 1
    assert brand.case_of(brand.writes().id).id == case.id


def asks_elsewhere(brand: Private, post: Post) -> Post:
    """Somebody of the brand's asks to go on in private; nothing of it is read yet."""
    text = "Please write to us: https://t.co/aB3dE5fG7h"
    asked = brand.x.write(brand.account, text, in_reply_to=post.id)
    return changed(asked, links=(brand.desk.private.link,))


def test_a_request_that_is_read_after_what_followed_it_brings_that_into_its_case(brand) -> None:
    post = brand.posts()
    asked = asks_elsewhere(brand, post)
    brand.later(minutes=1)
    written, more = brand.writes("it is blue"), brand.writes("and it has wheels")
    own = brand.case_of(written.id)
    assert own.id != brand.case_of(post.id, "x").id
    brand.desk.claim(brand.alex, own.id)
    brand.later(minutes=3)
    brand.taking.take([Posted(asked)])
    case = brand.case_of(post.id, "x")
    assert brand.case_of(written.id).id == brand.case_of(more.id).id == case.id
    assert (case.state, case.owner) == (CaseState.CLAIMED, "alex")
    with brand.store.read() as transaction:
        assert transaction.cases.get(own.id).merged_into == case.id
    brand.later(minutes=1)
    assert brand.case_of(brand.writes("hello?").id).id == case.id


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_post_request_and_private_message_are_one_case_in_whatever_order_they_are_read(brand, order) -> None:
    post = brand.customer("my bag is lost")
    asked = asks_elsewhere(brand, post)
    brand.later(minutes=1)
    written = brand.x.write_privately(brand.person(), "it is blue")
    told = [Posted(post), Posted(asked), PrivatelyWritten(written)]
    for number in order:
        brand.taking.take([told[number]])
        brand.decide()
    assert brand.case_of(written.id).id == brand.case_of(post.id, "x").id == brand.case_of(asked.id, "x").id


def test_what_had_begun_in_private_before_the_request_stays_a_case_of_its_own(brand) -> None:
    before = brand.writes("my invoice is wrong")
    brand.later(minutes=1)
    post = brand.posts()
    asked = asks_elsewhere(brand, post)
    brand.taking.take([Posted(asked)])
    assert brand.case_of(before.id).channel == "x-private"
    assert brand.case_of(before.id).state is not CaseState.MERGED


def test_what_followed_the_request_a_week_later_stays_one_too_unless_it_names_that_case(brand) -> None:
    posts = [brand.posts(handle=name) for name in ("ann", "bob")]
    asked = [asks_elsewhere(brand, post) for post in posts]
    brand.later(days=7, seconds=1)
    other = brand.writes("my bag")
    named = brand.writes(f"Case {brand.case_of(posts[1].id, 'x').id}: my bag", handle="bob")
    strangers = brand.writes("my bag", handle="cid")
    brand.taking.take([Posted(one) for one in asked])
    assert brand.case_of(other.id).channel == brand.case_of(strangers.id).channel == "x-private"
    assert brand.case_of(named.id).id == brand.case_of(posts[1].id, "x").id


def test_a_later_request_takes_nothing_in_that_followed_none(brand) -> None:
    post = brand.posts()
    brand.taking.take([Posted(asks_elsewhere(brand, post))])
    brand.later(days=15)
    written = brand.writes("my invoice is wrong")
    brand.later(days=5)
    brand.taking.take([Posted(asks_elsewhere(brand, post))])
    assert brand.case_of(written.id).channel == "x-private"


def test_an_own_request_that_comes_back_is_one_request(brand) -> None:
    case = brand.asked_to_move(brand.posts())
    brand.send()
    brand.taking.take([Posted(post) for post in brand.x.own_posts(since_id=None).posts])
    assert [event.kind for event in brand.events()].count(MOVED) == 1
    assert brand.desk.private.opened_by(brand.x.own_posts(since_id=None).posts[0].text)
    assert case.private_asked_at == brand.clock.now()


def test_the_case_that_its_first_words_name_is_joined_if_it_is_the_authors(brand) -> None:
    first = brand.posts()
    asked = brand.asked_to_move(first)
    brand.later(hours=1)
    second = brand.posts("another bag")
    brand.asked_to_move(second)
    assert brand.case_of(brand.writes(f"Case {asked.id}: it is blue").id).id == asked.id
    other = brand.posts("my bag", handle="bob")
    brand.asked_to_move(other)
    assert brand.case_of(brand.writes(f"Case {asked.id}: mine", handle="bob").id).id == brand.case_of(other.id, "x").id


def test_without_such_a_case_it_joins_the_one_with_private_messages_of_the_last_days(brand) -> None:
    first = brand.writes("my bag is lost")
    brand.later(days=7)
    second = brand.writes("nothing yet")
    assert brand.case_of(second.id).id == brand.case_of(first.id).id
    brand.later(days=7, seconds=1)
    third = brand.writes("hello again")
    assert brand.case_of(third.id).id != brand.case_of(first.id).id
    assert (brand.case_of(third.id).root, brand.case_of(third.id).channel) == (third.id, "x-private")


def test_nobody_joins_the_case_of_somebody_else(brand) -> None:
    brand.asked_to_move(brand.posts())
    assert brand.case_of(brand.writes(handle="bob").id).channel == "x-private"


def test_a_case_whose_words_are_erased_is_joined_by_nobody(brand) -> None:
    post = brand.posts()
    brand.asked_to_move(post)
    brand.send()
    Erasure(brand.store, [], brand.clock).erase(brand.person().id)
    assert brand.case_of(brand.writes().id).id != brand.case_of(post.id, "x").id


def test_a_case_that_became_part_of_another_is_joined_there(brand) -> None:
    parent = brand.customer("my bag is lost")
    answer = brand.customer("and it is blue, the bag", in_reply_to=parent.id)
    other = brand.customer("my refund")
    brand.taking.take([Posted(other), Posted(answer)])
    brand.decide()
    brand.asked_to_move(answer)
    before = brand.case_of(answer.id, "x")
    link = changed(parent, in_reply_to=other.id)
    brand.taking.take([Posted(link)])
    brand.decide()
    joined = brand.case_of(answer.id, "x")
    assert joined.id == brand.case_of(other.id, "x").id
    assert joined.private_since == before.private_since
    assert brand.case_of(brand.writes().id).id == joined.id


def test_public_answers_join_by_threads_as_before(brand) -> None:
    post = brand.posts()
    case = brand.asked_to_move(post)
    written = brand.writes()
    again = brand.posts("here too: my bag", in_reply_to=post.id)
    assert brand.case_of(written.id).id == brand.case_of(again.id, "x").id == case.id


def test_a_case_that_began_in_private_has_a_private_leg_from_then_on_and_is_counted_once(brand) -> None:
    written = brand.writes("my bag is lost")
    assert brand.case_of(written.id).private_since == brand.clock.now()
    brand.asked_to_move(brand.posts("another bag"))
    brand.writes("about that")
    figures = report(brand.events())
    assert sum(figures.cases.values()) == 2
    assert figures.received == 3


# --- What becomes of it.


def test_it_is_never_answered_by_the_service_and_asks_nobody_to_move(brand) -> None:
    written = brand.writes("can pets fly?")
    assert brand.message(written.id).state is MessageState.QUEUED
    assert brand.codes(written.id) == ["private_message"]
    brand.later(minutes=1)
    exposing = brand.writes("a secret bag")
    with brand.store.read() as transaction:
        number = brand.message(exposing.id).id
        decision = transaction.judgements.of([number])[number].decision
    assert decision.move is None
    assert "privacy" not in [reason.code for reason in decision.reasons]


def test_who_wants_no_more_messages_says_so_for_both_legs(brand) -> None:
    brand.writes("stop messaging me")
    post = brand.posts("can pets fly?")
    assert brand.message(post.id, "x").state is MessageState.QUEUED
    assert "opted_out" in brand.codes(post.id, "x")


def test_what_is_said_on_one_leg_answers_nothing_on_the_other(brand) -> None:
    post = brand.posts()
    brand.asked_to_move(post)
    brand.send()
    written = brand.x.write_privately(brand.person(), "it was on flight 12")
    brand.later(seconds=10)
    own = brand.x.write(brand.account, "Please write to us in private", in_reply_to=post.id)
    brand.taking.take([Posted(own), PrivatelyWritten(written)])
    brand.decide()
    assert brand.message(written.id).state is MessageState.QUEUED
    answered = brand.x.write_privately(brand.person(), "are you there?")
    brand.later(seconds=10)
    brand.taking.take([PrivatelyWritten(answered), PrivatelyWritten(brand.wrote("Yes, we are"))])
    brand.decide()
    assert brand.codes(answered.id) == ["already_replied"]


def test_what_the_brands_people_write_elsewhere_is_recorded_and_the_customer_is_next(brand) -> None:
    written = brand.writes("my bag is lost")
    brand.later(minutes=1)
    own = brand.wrote("We have found it")
    brand.taking.take([PrivatelyWritten(own)])
    brand.decide()
    stored = brand.message(own.id)
    assert (stored.inbound, stored.addressee_id, stored.state) == (False, brand.person().id, MessageState.RECORDED)
    assert brand.case_of(own.id).id == brand.case_of(written.id).id
    assert brand.case_of(own.id).state is CaseState.WAITING
    assert EventKind.BRAND_REPLIED in [event.kind for event in brand.events()]


def test_a_conversation_of_several_is_nobodys_but_what_people_write_there_is_theirs(brand) -> None:
    own = changed(brand.wrote("hello all"), conversation_id="1733000000000000001")
    theirs = changed(brand.x.write_privately(brand.person(), "my bag"), conversation_id=own.conversation_id)
    brand.taking.take([PrivatelyWritten(own), PrivatelyWritten(theirs)])
    assert brand.message(own.id).addressee_id is None
    assert brand.case_of(theirs.id).id != brand.case_of(own.id).id


def test_no_event_holds_whose_conversation_it_is(brand) -> None:
    brand.writes("my bag is lost")
    brand.taking.take([PrivatelyWritten(brand.wrote("We have found it"))])
    brand.decide()
    for event in brand.events():
        assert brand.person().id not in str(event.data)


# --- Replies.


def test_a_reply_goes_to_the_leg_of_the_customers_last_message(brand) -> None:
    post = brand.posts()
    case = brand.asked_to_move(post)
    brand.send()
    brand.later(minutes=1)
    written = brand.writes()
    brand.desk.claim(brand.alex, case.id)
    brand.desk.reply(brand.alex, case.id, "We have your bag. ^AX", key="k", seen=written.id)
    brand.send()
    sent = brand.x.private_messages().messages[0]
    assert (sent.text, sent.other_than("900")) == ("We have your bag. ^AX", brand.person().id)
    assert len(brand.x.own_posts(since_id=None).posts) == 1  # the request to move


def test_the_other_leg_can_be_chosen_and_answers_what_was_written_there(brand) -> None:
    post = brand.posts()
    case = brand.asked_to_move(post)
    brand.send()
    brand.later(minutes=1)
    written = brand.writes()
    brand.desk.claim(brand.alex, case.id)
    brand.desk.reply(brand.alex, case.id, "Sorted in private. ^AX", key="k", seen=written.id, leg=Leg.PUBLIC)
    brand.send()
    newest = brand.x.own_posts(since_id=None).posts[0]
    assert (newest.in_reply_to, newest.text.endswith("Sorted in private. ^AX")) == (post.id, True)
    assert brand.x.calls[Endpoint.PRIVATE_SEND] == 0


def test_nobody_is_written_to_in_private_who_has_not_written_there(brand) -> None:
    case = brand.asked_to_move(brand.posts())
    brand.desk.claim(brand.alex, case.id)
    with pytest.raises(Conflict, match="no private message"):
        brand.desk.reply(brand.alex, case.id, "hello", key="k", leg=Leg.PRIVATE)


def test_with_both_legs_it_must_be_said_which_is_meant_or_what_was_read(brand) -> None:
    post = brand.posts()
    case = brand.asked_to_move(post)
    brand.later(minutes=1)
    written = brand.writes()
    brand.desk.claim(brand.alex, case.id)
    with pytest.raises(Conflict, match="in public and in private"):
        brand.desk.reply(brand.alex, case.id, "hello", key="k")
    with pytest.raises(Conflict, match="written again"):
        brand.desk.reply(brand.alex, case.id, "hello", key="k", seen=post.id, leg=Leg.PRIVATE)
    brand.desk.reply(brand.alex, case.id, "hello", key="k", seen=written.id)


def test_a_private_reply_may_name_the_customers_data_and_hold_no_secret(brand) -> None:
    written = brand.writes("my bag is lost, I am ann@example.org")
    case = brand.case_of(written.id)
    brand.desk.claim(brand.alex, case.id)
    for text in (f"Is your card {CARD}?", "Please send us your password.", "What is your card number?"):
        with pytest.raises(GuardBlocked, match="a private reply may not"):
            brand.desk.reply(brand.alex, case.id, text, key="k")
    brand.desk.reply(brand.alex, case.id, "We wrote to ann@example.org. What is your postcode?", key="k")
    brand.send()
    assert brand.x.private_messages().messages[0].text.startswith("We wrote to ann@example.org")


def test_what_was_written_in_private_is_not_repeated_in_public(brand) -> None:
    case = brand.asked_to_move(brand.posts())
    brand.send()
    brand.later(minutes=1)
    written = brand.writes("my booking reference is QX7KZP")
    brand.desk.claim(brand.alex, case.id)
    with pytest.raises(GuardBlocked, match="a public reply may not"):
        brand.desk.reply(brand.alex, case.id, "Found QX7KZP!", key="k", seen=written.id, leg=Leg.PUBLIC)


def test_a_private_reply_may_be_long_and_not_endless(brand) -> None:
    case = brand.case_of(brand.writes("my bag is lost").id)
    brand.desk.claim(brand.alex, case.id)
    with pytest.raises(InvalidInput, match="at most 10,000 fit into a private message"):
        brand.desk.reply(brand.alex, case.id, "x" * 10_001, key="k")
    brand.desk.reply(brand.alex, case.id, "x" * 1_000, key="k")


def test_who_writes_in_private_is_not_asked_to(brand) -> None:
    case = brand.case_of(brand.writes("my bag is lost").id)
    brand.desk.claim(brand.alex, case.id)
    with pytest.raises(Conflict, match="in private already"):
        brand.desk.move_to_private(brand.alex, case.id, key="k")


@pytest.mark.parametrize("doubt", [False, True], ids=["sent", "in doubt"])
def test_an_own_reply_that_comes_back_is_no_message_of_a_persons(brand, doubt) -> None:
    case = brand.case_of(brand.writes("my bag is lost").id)
    brand.desk.claim(brand.alex, case.id)
    brand.desk.reply(brand.alex, case.id, "We have it & it is safe", key="k")
    if doubt:
        brand.x.fail(Endpoint.PRIVATE_SEND, Ambiguous("lost"))
        brand.x.fail(Endpoint.PRIVATE_EVENTS, RetryLater("later", brand.clock.now() + timedelta(minutes=5)))
    brand.send()
    (echo, *_) = brand.x.private_messages().messages
    brand.taking.take([PrivatelyWritten(echo)])
    brand.decide()
    with brand.store.read() as transaction:
        (reply,) = transaction.replies.of_case(case.id)
    assert (reply.state, reply.external_id) == ("sent", echo.id)
    kinds = [event.kind for event in brand.events()]
    assert kinds.count(EventKind.REPLY_SENT) == 1
    assert EventKind.BRAND_REPLIED not in kinds
    assert brand.case_of(echo.id).id == case.id


def test_equal_texts_to_one_person_are_told_apart(brand) -> None:
    case = brand.case_of(brand.writes("my bag is lost").id)
    for key in ("first", "second"):
        brand.desk.claim(brand.alex, case.id)
        brand.desk.reply(brand.alex, case.id, "We are on it", key=key)
        if key == "second":
            brand.x.fail(Endpoint.PRIVATE_SEND, RetryLater("no", brand.clock.now()))
        brand.send()
        brand.later(seconds=30)
    brand.taking.take([PrivatelyWritten(one) for one in brand.x.private_messages().messages])
    with brand.store.read() as transaction:
        states = [row.state for row in transaction.replies.of_case(case.id)]
    assert states == ["sent", "pending"], "the message of the first says nothing of the second"
    brand.send()
    assert len([one for one in brand.x.private_messages().messages if one.sender_id == "900"]) == 2


# --- Asking X for them.


def test_polling_finds_both_sides_once_and_begins_an_hour_back(brand) -> None:
    old = brand.x.write_privately(brand.person(), "long ago")
    brand.later(hours=2)
    theirs = brand.x.write_privately(brand.person(), "my bag is lost")
    own = brand.wrote("We look")
    for _ in range(2):
        brand.private_messages.poll()
        brand.later(minutes=2)
    assert brand.message(theirs.id).inbound
    assert not brand.message(own.id).inbound
    with brand.store.read() as transaction:
        assert transaction.messages.by_external_id("x-private", old.id) is None
    assert brand.notes.problems == []


def test_a_walk_that_is_cut_short_goes_on_below_and_new_messages_come_first(brand) -> None:
    brand.x._page = 10  # pages of ten
    brand.writes("first")
    brand.private_messages.poll()
    written = []
    for number in range(45):
        brand.later(seconds=20)
        written.append(brand.x.write_privately(brand.person(f"p{number % 3}"), f"bag {number}"))
    calls = {"left": 2}
    ask = brand.x.private_messages

    def limited(**asked):
        if not calls["left"]:
            raise RetryLater("limit", brand.clock.now() + timedelta(minutes=15))
        calls["left"] -= 1
        return ask(**asked)

    brand.private_messages.timeline.pages.ask = limited
    with pytest.raises(RetryLater):
        brand.private_messages.poll()
    with brand.store.read() as transaction:
        stored = transaction.messages.cases_of("x-private", [one.id for one in written])
    assert set(stored) == {one.id for one in written[-20:]}
    brand.later(minutes=15)
    calls["left"] = 5  # one for what is new, the others below: no page is read twice
    brand.private_messages.poll()
    with brand.store.read() as transaction:
        stored = transaction.messages.cases_of("x-private", [one.id for one in written])
        mark = transaction.marks.get("private")
    assert set(stored) == {one.id for one in written}
    assert mark == Mark(int(written[-1].id), mark.floor)


def test_a_new_process_fills_the_gap_without_the_old_ones_token(brand) -> None:
    brand.x._page = 10
    brand.writes("first")
    brand.private_messages.poll()
    written = []
    for number in range(45):
        brand.later(seconds=20)
        written.append(brand.x.write_privately(brand.person(), f"bag {number}"))
    ask, pages = brand.x.private_messages, []

    def breaking(**asked):
        pages.append(asked)
        if len(pages) == 3:
            raise RetryLater("limit", brand.clock.now())
        return ask(**asked)

    brand.private_messages.timeline.pages.ask = breaking
    with pytest.raises(RetryLater):
        brand.private_messages.poll()
    del brand.__dict__["private_messages"]
    brand.private_messages.poll()
    with brand.store.read() as transaction:
        stored = transaction.messages.cases_of("x-private", [one.id for one in written])
    assert len(stored) == 45


def deep_gap(brand) -> list[str]:
    """Ids of 200 messages, of which only the newest were read: X gives pages of ten, and five of them a quarter."""
    brand.x._page = 10
    brand.writes("first")
    brand.private_messages.poll()
    written = []
    for number in range(200):
        brand.later(minutes=1)
        written.append(brand.x.write_privately(brand.person(), f"bag {number}").id)
    a_quarter(brand)
    return written


def a_quarter(brand, ask=None) -> None:
    """A new process asks for as much as it may."""
    ask, left = ask or brand.x.private_messages, iter(range(5))

    def limited(**asked):
        if next(left, None) is None:
            raise RetryLater("limit", brand.clock.now() + timedelta(minutes=15))
        return ask(**asked)

    brand.later(minutes=15)
    brand.__dict__.pop("private_messages", None)
    brand.private_messages.timeline.pages.ask = limited
    with suppress(RetryLater):
        brand.private_messages.poll()


def stored(brand, ids) -> int:
    with brand.store.read() as transaction:
        return len(transaction.messages.cases_of("x-private", ids))


def test_a_gap_deeper_than_x_lets_read_at_once_is_filled_by_processes_that_each_begin_anew(brand) -> None:
    written = deep_gap(brand)
    assert stored(brand, written) == 50
    for _ in range(6):
        a_quarter(brand)
    assert stored(brand, written) == 200
    with brand.store.read() as transaction:
        assert transaction.marks.get("private").gaps == ()


def test_where_x_knows_a_token_no_more_the_walk_begins_at_the_newest_and_passes_over_what_was_read(brand) -> None:
    written = deep_gap(brand)
    a_quarter(brand)
    given, forgotten = {None}, []

    def forgetful(*, token=None):
        if token not in given and not forgotten:
            forgotten.append(token)
            raise GiveUp("X refused the call with status 400")
        page = brand.x.private_messages(token=token)
        given.add(page.next_token)
        return page

    for _ in range(9):
        a_quarter(brand, forgetful)
    assert len(forgotten) == 1
    assert stored(brand, written) == 200


def test_what_x_gives_back_no_more_is_a_problem_in_plain_words(brand) -> None:
    brand.writes("first")
    brand.private_messages.poll()
    brand.later(days=31)
    brand.x._messages.clear()  # X keeps 30 days
    brand.x.write_privately(brand.person(), "bag")
    brand.private_messages.poll()
    ((_, problem),) = brand.notes.problems
    assert "the latest 30 days of private messages" in problem


def test_a_private_message_that_x_shows_ten_minutes_late_is_found(brand) -> None:
    brand.writes("first")
    brand.private_messages.poll()
    late = brand.x.write_privately(brand.person("bob"), "late")
    hidden = brand.x._messages.pop()
    for _ in range(10):
        brand.later(minutes=1)
        brand.writes("more")
        brand.private_messages.poll()
    brand.x._messages.insert(1, hidden)
    for _ in range(5):
        brand.later(minutes=1)
        brand.writes("more")
        brand.private_messages.poll()
    assert brand.message(late.id).text == "late"


def test_the_first_private_message_of_all_is_found_by_who_was_away_for_hours(brand) -> None:
    brand.private_messages.poll()
    brand.later(days=1)
    brand.private_messages.poll()
    first = brand.x.write_privately(brand.person(), "my bag is lost")
    brand.later(hours=2)
    brand.__dict__.pop("private_messages")
    brand.private_messages.poll()
    assert brand.message(first.id).text == "my bag is lost"
    assert brand.notes.problems == []


def test_that_nobody_wrote_for_longer_than_x_keeps_messages_is_no_problem(brand) -> None:
    brand.writes("first")
    for day in range(40):
        if day == 30:
            brand.x._messages.clear()
        brand.private_messages.poll()
        brand.later(days=1)
    assert brand.notes.problems == []


# --- Letting it go.


def test_erasing_covers_both_legs_and_what_the_brand_wrote(brand) -> None:
    case = brand.asked_to_move(brand.posts())
    brand.send()
    brand.later(minutes=1)
    written = brand.writes("it is blue")
    own = brand.wrote("We found ann's bag")
    brand.taking.take([PrivatelyWritten(own)])
    brand.decide()
    brand.desk.claim(brand.alex, case.id)
    brand.desk.reply(brand.alex, case.id, "It is here, Ann", key="k", seen=written.id)
    brand.send()
    erasure = Erasure(brand.store, [], brand.clock)
    assert erasure.held(brand.person().id, "x") == 3
    held = dossier(brand.store, brand.clock, brand.person().id, "x-private")
    assert {one.message.external_id for one in held.messages} >= {written.id, own.id}
    certificate = erasure.erase(brand.person().id, "x")
    assert (certificate.counts["messages"], certificate.counts["posts_of_the_brand"]) == (2, 1)
    assert brand.message(written.id).text == brand.message(own.id).text == ERASED
    assert brand.message(own.id).addressee_id == brand.message(written.id).author_id != brand.person().id
    with brand.store.read() as transaction:
        assert {row.text for row in transaction.replies.of_case(case.id)} == {ERASED}
    with pytest.raises(NotFound):
        dossier(brand.store, brand.clock, "no one")
    brand.case_of(written.id)


def test_retention_of_the_private_channel_is_its_own(brand) -> None:
    written = brand.writes("thanks")
    own = brand.wrote("You are welcome")
    brand.taking.take([PrivatelyWritten(own)])
    brand.decide()
    brand.later(days=31)
    for channel, texts in (("x", {"thanks", "You are welcome"}), ("x-private", {ERASED})):
        Retention(brand.store, {channel: timedelta(days=30)}, brand.clock).apply(100)
        assert {brand.message(one.id).text for one in (written, own)} == texts
    assert brand.person().id not in (brand.message(own.id).addressee_id, brand.message(written.id).author_id)


def test_a_switch_stops_both_legs(brand) -> None:
    from triage.service.outbox import Outbox
    from triage.service.x.switches import SendingSwitch, switched_off

    case = brand.case_of(brand.writes("my bag is lost").id)
    brand.desk.claim(brand.alex, case.id)
    brand.desk.reply(brand.alex, case.id, "We look", key="k")
    SendingSwitch(brand.store, brand.clock).pause("sam", "a storm")
    outbox = brand.outbox
    Outbox(brand.store, list(outbox._channels.values()), outbox._routing, brand.clock, switch=switched_off).drain(5)
    assert brand.x.calls[Endpoint.PRIVATE_SEND] == 0
