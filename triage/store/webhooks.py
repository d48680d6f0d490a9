"""To which webhooks X delivers what happens to the account, and how X last had them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from triage.store.dialect import insert_or_ignore
from triage.store.tables import webhooks
from triage.store.types import Moment


@dataclass(frozen=True, slots=True)
class FollowedWebhook:
    """A webhook, whether X delivers to it, ``since`` when that was seen to be so, and when it was last looked at."""

    id: str
    url: str
    valid: bool
    since: datetime
    looked_at: datetime


class FollowedWebhooks:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def all(self) -> list[FollowedWebhook]:
        """In the order of their addresses."""
        rows = self._connection.execute(sa.select(webhooks).order_by(webhooks.c.url, webhooks.c.id))
        return [FollowedWebhook(row.id, row.url, row.valid, row.since, row.looked_at) for row in rows]

    def follow(self, webhook_id: str, url: str, at: datetime, *, valid: bool) -> None:
        """Follow it from now on, and note how X has it."""
        row = {"id": webhook_id, "url": url, "valid": valid, "since": at, "looked_at": at}
        self._connection.execute(insert_or_ignore(self._connection, webhooks), row)
        self.see(webhook_id, at, valid=valid)

    def see(self, webhook_id: str, at: datetime, *, valid: bool) -> None:
        """Note how X has it, if it is followed."""
        since = sa.case((webhooks.c.valid == sa.literal(valid), webhooks.c.since), else_=sa.literal(at, Moment))
        changed = {"valid": valid, "since": since, "looked_at": at}
        self._connection.execute(sa.update(webhooks).where(webhooks.c.id == webhook_id).values(**changed))

    def forget(self, webhook_ids: Iterable[str]) -> None:
        """Follow these no longer."""
        self._connection.execute(sa.delete(webhooks).where(webhooks.c.id.in_(list(webhook_ids))))
