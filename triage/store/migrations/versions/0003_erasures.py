"""Content can go, and it is known that it went; posts are looked up again.

Revision: 0003, after 0002
"""

import sqlalchemy as sa
from alembic import op

from triage.store.sealed import SealedText
from triage.store.types import Document, Key, Moment

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("messages", sa.Column("erased_at", Moment))
    op.add_column("messages", sa.Column("last_seen_at", Moment))
    op.add_column("replies", sa.Column("erased_at", Moment))
    op.add_column("replies", sa.Column("swept_at", Moment))
    op.create_index("ix_replies_message_id", "replies", ["message_id"], unique=False)
    op.execute("UPDATE messages SET last_seen_at = created_at")
    if op.get_context().dialect.name == "postgresql":
        # Rows that this transaction has written before wait for their foreign keys to be checked; while they
        # do, a table cannot be changed.
        op.execute("SET CONSTRAINTS ALL IMMEDIATE")
    op.create_index(
        "ix_messages_last_seen",
        "messages",
        ["channel", "last_seen_at"],
        unique=False,
        sqlite_where=sa.text("erased_at IS NULL"),
        postgresql_where=sa.text("erased_at IS NULL"),
    )
    op.create_table(
        "erasures",
        sa.Column("id", Key, nullable=False),
        sa.Column("certificate", sa.String(length=32), nullable=False),
        sa.Column("author", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=32)),
        sa.Column("erased_at", Moment, nullable=False),
        sa.Column("finished_at", Moment),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("counts", Document, nullable=False),
        sa.Column("replies", Document, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_erasures"),
        sa.UniqueConstraint("certificate", name="uq_erasures_certificate"),
    )
    op.create_index("ix_erasures_author", "erasures", ["author"], unique=False)
    op.create_table(
        "secrets",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("value", SealedText("secrets.value"), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_secrets"),
    )
