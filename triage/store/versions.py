"""Ids of posts of X: of which post an id is a version, and what was deleted before it arrived."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

import sqlalchemy as sa

from triage.store.dialect import among, insert_or_ignore
from triage.store.tables import deleted_early, versions


class Versions:
    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def add(self, first_of: Mapping[str, str]) -> None:
        """Remember ids of later versions: ``id -> id of the first version``."""
        rows = [{"id": one, "first_id": first} for one, first in sorted(first_of.items())]
        if rows:
            self._connection.execute(insert_or_ignore(self._connection, versions), rows)

    def first_of(self, ids: Iterable[str]) -> dict[str, str]:
        """The first version's id for each of these that is known as a later version."""
        query = sa.select(versions.c.id, versions.c.first_id).where(among(self._connection, versions.c.id, ids))
        return {row.id: row.first_id for row in self._connection.execute(query)}

    def latest_of(self, first_ids: Iterable[str]) -> dict[str, int]:
        """The newest version that is known of each of these posts, as a number; nothing for one never edited."""
        query = sa.select(versions.c.id, versions.c.first_id).where(
            among(self._connection, versions.c.first_id, first_ids)
        )
        latest: dict[str, int] = {}
        for row in self._connection.execute(query):
            latest[row.first_id] = max(latest.get(row.first_id, 0), int(row.id))
        return latest

    def delete_early(self, ids: Iterable[str], at: datetime) -> None:
        """Remember that these were deleted, though they have not arrived."""
        rows = [{"id": one, "at": at} for one in sorted(ids)]
        if rows:
            self._connection.execute(insert_or_ignore(self._connection, deleted_early), rows)

    def deleted_early(self, ids: Iterable[str]) -> set[str]:
        """Which of these were."""
        query = sa.select(deleted_early.c.id).where(among(self._connection, deleted_early.c.id, ids))
        return set(self._connection.scalars(query))

    def forget_early(self, before: datetime) -> None:
        """Forget deletions from before a moment: what they are of does not arrive any more."""
        self._connection.execute(sa.delete(deleted_early).where(deleted_early.c.at < before))
