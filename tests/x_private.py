"""A brand on an X in memory that writes private messages, with a person at its desk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from app.accounts import add_user
from tests.doubles import OneSnippet, demo_brand, worker
from tests.x_connection import OpenBudget
from tests.x_intake import Brand
from triage.channels.x.happening import Posted, PrivatelyWritten
from triage.channels.x.names import PRIVATE
from triage.channels.x.outbound import XChannel
from triage.channels.x.post import Account, Post, PrivateMessage
from triage.channels.x.private_outbound import PrivateXChannel
from triage.domain.case import Case, rebuild
from triage.domain.event import Event
from triage.domain.message import StoredMessage
from triage.domain.reply import Reply
from triage.domain.user import Role, User
from triage.privacy.guard import Guard
from triage.service.cases import Desk
from triage.service.outbox import Outbox
from triage.service.x.polling import Poll, Timeline


@dataclass
class Private(Brand):
    """What is private of it: who writes it, how it is taken in, and what the desk makes of it."""

    @cached_property
    def desk(self) -> Desk:
        return Desk(self.store, demo_brand().routing, OneSnippet(), self.clock, self.guard, demo_brand().private)

    @cached_property
    def guard(self) -> Guard:
        return Guard(demo_brand().published)

    @cached_property
    def alex(self) -> User:
        return add_user(self.store, self.clock, "alex", Role.AGENT, None)[0]

    @cached_property
    def outbox(self) -> Outbox:
        budget = OpenBudget(self.clock)
        ways = [XChannel(self.x, budget), PrivateXChannel(self.x, budget, self.others)]
        return Outbox(self.store, ways, demo_brand().routing, self.clock, self.guard)

    @cached_property
    def private_messages(self) -> Poll:
        return Poll(
            Timeline.private_messages(self.x.private_messages), self.store, self.taking.take, self.notes, self.clock
        )

    def posts(self, text: str = "my bag is lost", *, handle: str = "ann", **more: str) -> Post:
        post = self.customer(text, handle=handle, **more)
        self.taking.take([Posted(post)])
        self.decide()
        return post

    def writes(self, text: str = "it was on flight 12", *, handle: str = "ann") -> PrivateMessage:
        message = self.x.write_privately(self.x.person(handle), text)
        self.taking.take([PrivatelyWritten(message)])
        self.decide()
        return message

    def person(self, handle: str = "ann") -> Account:
        return self.x.person(handle)

    def wrote(self, text: str, *, handle: str = "ann") -> PrivateMessage:
        """A person of the brand's, elsewhere."""
        self.x.send_private(self.person(handle).id, text)
        return self.x.private_messages().messages[0]

    def asked_to_move(self, post: Post) -> Case:
        case = self.case_of(post.id, "x")
        self.desk.claim(self.alex, case.id)
        return self.desk.move_to_private(self.alex, case.id, key=f"move {post.id}")

    def decide(self) -> None:
        worker(self.store, self.clock).drain()

    def send(self) -> None:
        self.outbox.drain(20)

    def later(self, **span: float) -> None:
        self.clock.advance(timedelta(**span))

    def message(self, external_id: str, channel: str = PRIVATE) -> StoredMessage:
        with self.store.read() as transaction:
            found = transaction.messages.by_external_id(channel, external_id)
        assert found is not None
        return found

    def case_of(self, external_id: str, channel: str = PRIVATE) -> Case:
        with self.store.read() as transaction:
            assert rebuild(transaction.events.stream()) == transaction.cases.all()
            stored = transaction.messages.by_external_id(channel, external_id)
            assert stored is not None
            case = transaction.cases.get(stored.case_id)
        assert case is not None
        return case

    def events(self) -> list[Event]:
        with self.store.read() as transaction:
            return list(transaction.events.stream())

    def codes(self, external_id: str, channel: str = PRIVATE) -> list[str]:
        """Why a message was decided as it was."""
        number = self.message(external_id, channel).id
        with self.store.read() as transaction:
            return [reason.code for reason in transaction.judgements.of([number])[number].decision.reasons]

    def others(self, ids, reply: Reply) -> set[str]:
        with self.store.read() as transaction:
            return {one for one, other in transaction.replies.echoes(PRIVATE, ids).items() if other != reply.id}
