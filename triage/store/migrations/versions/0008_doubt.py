"""Replies whose outcome is unknown are looked for again, and replies leave in a fair order.

Revision: 0008, after 0007
"""

import sqlalchemy as sa
from alembic import op

from triage.store.types import Moment

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("replies", sa.Column("waits_since", Moment))
    op.add_column("replies", sa.Column("repeats", sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.add_column("replies", sa.Column("doubt", sa.String(length=16)))
    op.add_column("replies", sa.Column("in_doubt_since", Moment))
    op.add_column("replies", sa.Column("look_at", Moment))
    op.execute("UPDATE replies SET waits_since = coalesce(not_before, created_at)")
    op.create_index(
        "ix_replies_to_be_sent",
        "replies",
        ["channel", "kind", "waits_since", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
