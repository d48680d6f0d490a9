"""Who wants no automatic reply, which answers are looked at, and whether the service may answer.

Revision: 0006, after 0005
"""

import sqlalchemy as sa
from alembic import op

from triage.store.types import Key, Moment

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("cases", sa.Column("person_wanted", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "opt_outs",
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("author", sa.String(length=64), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("channel", "author", name="pk_opt_outs"),
    )
    op.create_table(
        "audits",
        sa.Column("message_id", Key, autoincrement=False, nullable=False),
        sa.Column("snippet", sa.String(length=128), nullable=False),
        sa.Column("snippet_version", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.String(length=16)),
        sa.Column("by", sa.String(length=64)),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name="fk_audits_message_id"),
        sa.PrimaryKeyConstraint("message_id", name="pk_audits"),
    )
    op.create_index(
        "ix_audits_open",
        "audits",
        ["message_id"],
        unique=False,
        sqlite_where=sa.text("verdict IS NULL"),
        postgresql_where=sa.text("verdict IS NULL"),
    )
    op.create_table(
        "answering",
        sa.Column("id", Key, autoincrement=False, nullable=False),
        sa.Column("right", sa.Integer(), nullable=False),
        sa.Column("wrong", sa.Integer(), nullable=False),
        sa.Column("unsure", sa.Integer(), nullable=False),
        sa.Column("stopped_at", Moment),
        sa.Column("stopped_audited", sa.Integer()),
        sa.Column("stopped_wrong", sa.Integer()),
        sa.Column("stopped_promised", sa.Float()),
        sa.Column("stopped_by_message", Key),
        sa.ForeignKeyConstraint(["stopped_by_message"], ["messages.id"], name="fk_answering_stopped_by_message"),
        sa.PrimaryKeyConstraint("id", name="pk_answering"),
    )
