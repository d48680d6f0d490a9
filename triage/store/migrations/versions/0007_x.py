"""The connection to X: how far was read, what was spent, what was heard and what went wrong; who summoned the brand.

Revision: 0007, after 0006
"""

import sqlalchemy as sa
from alembic import op

from triage.store.types import Document, Key, Moment

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.add_column("messages", sa.Column("summoned", sa.Boolean()))
    op.create_table(
        "marks",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("newest", sa.BigInteger(), nullable=False),
        sa.Column("gaps", Document, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_marks"),
    )
    op.create_table(
        "budgets",
        sa.Column("endpoint", sa.String(length=32), nullable=False),
        sa.Column("counts", Document, nullable=False),
        sa.Column("remaining", sa.Integer()),
        sa.Column("resets_at", Moment),
        sa.Column("rests_until", Moment),
        sa.PrimaryKeyConstraint("endpoint", name="pk_budgets"),
    )
    op.create_table(
        "spend",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("endpoint", sa.String(length=32), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("things", sa.Integer(), nullable=False),
        sa.Column("links", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "endpoint", name="pk_spend"),
    )
    op.create_table(
        "sources",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("last_alive_at", Moment),
        sa.Column("last_saw_at", Moment),
        sa.Column("last_id", sa.String(length=32)),
        sa.Column("last_lag", sa.Float()),
        sa.PrimaryKeyConstraint("name", name="pk_sources"),
    )
    op.create_table(
        "problems",
        sa.Column("id", Key, nullable=False),
        sa.Column("place", sa.String(length=32), nullable=False),
        sa.Column("text", sa.String(length=500), nullable=False),
        sa.Column("first_at", Moment, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_problems"),
    )
    op.create_index("ix_problems_place", "problems", ["place", "id"])
    op.create_table(
        "switches",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_switches"),
    )
    op.create_table(
        "versions",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("first_id", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_versions"),
    )
    op.create_index("ix_versions_first_id", "versions", ["first_id"])
    op.create_table(
        "deleted_early",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_deleted_early"),
    )
    op.create_index("ix_deleted_early_at", "deleted_early", ["at"])
