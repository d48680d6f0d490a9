"""A lost reply turns out to be on X: whoever finds it, the same becomes of its case."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.doubles import KeywordScorer, OneSnippet, demo_brand
from tests.x_private import Private
from triage.channels.x.endpoint import Endpoint
from triage.channels.x.happening import Posted, PrivatelyWritten
from triage.domain.case import CaseState
from triage.domain.limits import Limits
from triage.domain.reply import ReplyState
from triage.errors import Ambiguous, RetryLater
from triage.service.deciding import decide_pending
from triage.service.ports import Judge
from triage.service.showing import Showing
from triage.service.stuck import Stuck


class Losing(Private):
    """Its replies reach X, and nobody here can tell."""

    def lose(self) -> None:
        later = [RetryLater("not now", self.clock.now())] * 9
        for write, read in ((Endpoint.POST, Endpoint.OWN_POSTS), (Endpoint.PRIVATE_SEND, Endpoint.PRIVATE_EVENTS)):
            self.x.fail(write, Ambiguous("the answer was lost"))
            self.x.fail(read, *later)
        self.send()
        self.later(hours=2)
        self.send()
        self.x._failures.clear()
        assert self.reply_state() is ReplyState.AMBIGUOUS

    def found(self, how: str, channel: str = "x") -> None:
        """Its own timeline shows it, or a person sees it on X."""
        if how == "person":
            stuck = Stuck(self.store, [], demo_brand().routing, Showing(lambda _: []), self.clock)
            (one,) = stuck.page(self.alex)
            stuck.found(self.alex, one.id)
        elif channel == "x":
            self.taking.take([Posted(self.x.own_posts(since_id=None).posts[0])])
        else:
            own = next(one for one in self.x.private_messages().messages if one.sender_id == self.account.id)
            self.taking.take([PrivatelyWritten(own)])
        self.decide()
        assert self.reply_state() is ReplyState.SENT

    def reply_state(self) -> ReplyState:
        with self.store.read() as transaction:
            (state,) = transaction.replies.counts()
        return state


@pytest.fixture
def brand(store) -> Losing:
    return Losing(store)


both_ways = pytest.mark.parametrize("how", ["echo", "person"])


@both_ways
def test_a_case_that_the_service_answered_after_all_waits_for_nobody(brand, how) -> None:
    post = brand.posts("can pets fly?")
    brand.lose()
    assert brand.case_of(post.id, "x").state is CaseState.QUEUED
    brand.found(how)
    assert brand.case_of(post.id, "x").state is CaseState.ANSWERED


@both_ways
@pytest.mark.parametrize("channel", ["x", "x-private"])
def test_where_an_agent_answered_after_all_the_customer_is_next(brand, how, channel) -> None:
    written = brand.posts() if channel == "x" else brand.writes("my bag is lost")
    case = brand.case_of(written.id, channel)
    brand.desk.claim(brand.alex, case.id)
    brand.desk.reply(brand.alex, case.id, "We look for it", key="k")
    brand.lose()
    assert brand.case_of(written.id, channel).state is CaseState.QUEUED
    brand.found(how, channel)
    assert brand.case_of(written.id, channel).state is CaseState.WAITING


@both_ways
def test_who_has_written_since_on_the_other_leg_goes_on_waiting(brand, how) -> None:
    post = brand.posts()
    brand.asked_to_move(post)
    brand.lose()
    written = brand.writes("it was on flight 12")
    assert brand.case_of(written.id).id == brand.case_of(post.id, "x").id
    brand.found(how)
    assert brand.case_of(post.id, "x").state is CaseState.QUEUED


@both_ways
def test_whom_the_service_only_asked_to_go_on_in_private_still_waits_for_a_person(brand, how) -> None:
    asking = demo_brand()
    asking = replace(asking, private=replace(asking.private, automatic=True), x=Limits(links_in_automatic_replies=True))
    post = brand.customer("my bag is lost, a secret one")
    brand.taking.take([Posted(post)])
    decide_pending(brand.store, Judge(KeywordScorer(), OneSnippet(), asking, brand.clock), 9)
    brand.lose()
    brand.found(how)
    assert brand.case_of(post.id, "x").state is CaseState.QUEUED
