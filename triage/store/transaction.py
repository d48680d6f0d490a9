"""One transaction: the repositories, bound to one connection."""

from __future__ import annotations

from functools import cached_property

import sqlalchemy as sa

from triage.store.audits import Audits
from triage.store.budgets import Budgets
from triage.store.cases import Cases
from triage.store.erasures import Erasures
from triage.store.events import Events
from triage.store.held import HeldPosts
from triage.store.idempotency import IdempotencyKeys
from triage.store.judgements import Judgements
from triage.store.left_out import LeftOuts
from triage.store.marks import Marks
from triage.store.messages import Messages
from triage.store.opt_outs import OptOuts
from triage.store.private import PrivateMessages
from triage.store.replies import Replies
from triage.store.said import SaidTexts
from triage.store.secrets import Secrets
from triage.store.stuck import StuckReplies
from triage.store.switches import Switches
from triage.store.users import Users
from triage.store.versions import Versions
from triage.store.webhooks import FollowedWebhooks
from triage.store.x_notes import XNotes


class Transaction:
    """What a use case works with. Nothing is visible to others before the transaction ends."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection

    @cached_property
    def messages(self) -> Messages:
        return Messages(self.connection)

    @cached_property
    def private(self) -> PrivateMessages:
        return PrivateMessages(self.connection)

    @cached_property
    def held(self) -> HeldPosts:
        return HeldPosts(self.connection)

    @cached_property
    def cases(self) -> Cases:
        return Cases(self.connection)

    @cached_property
    def events(self) -> Events:
        return Events(self.connection)

    @cached_property
    def judgements(self) -> Judgements:
        return Judgements(self.connection)

    @cached_property
    def replies(self) -> Replies:
        return Replies(self.connection)

    @cached_property
    def said(self) -> SaidTexts:
        return SaidTexts(self.connection)

    @cached_property
    def stuck(self) -> StuckReplies:
        return StuckReplies(self.connection)

    @cached_property
    def erasures(self) -> Erasures:
        return Erasures(self.connection)

    @cached_property
    def secrets(self) -> Secrets:
        return Secrets(self.connection)

    @cached_property
    def opt_outs(self) -> OptOuts:
        return OptOuts(self.connection, self.secrets)

    @cached_property
    def audits(self) -> Audits:
        return Audits(self.connection)

    @cached_property
    def users(self) -> Users:
        return Users(self.connection)

    @cached_property
    def keys(self) -> IdempotencyKeys:
        return IdempotencyKeys(self.connection)

    @cached_property
    def marks(self) -> Marks:
        return Marks(self.connection)

    @cached_property
    def left_out(self) -> LeftOuts:
        return LeftOuts(self.connection)

    @cached_property
    def budgets(self) -> Budgets:
        return Budgets(self.connection)

    @cached_property
    def x_notes(self) -> XNotes:
        return XNotes(self.connection)

    @cached_property
    def webhooks(self) -> FollowedWebhooks:
        return FollowedWebhooks(self.connection)

    @cached_property
    def switches(self) -> Switches:
        return Switches(self.connection)

    @cached_property
    def versions(self) -> Versions:
        return Versions(self.connection)
