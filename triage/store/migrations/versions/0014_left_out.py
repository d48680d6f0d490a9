"""What X left out of its answers, to be asked for again.

Revision: 0014, after 0013
"""

import sqlalchemy as sa
from alembic import op

from triage.store.types import Moment

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "left_out",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("above", sa.BigInteger(), nullable=False),
        sa.Column("below", sa.BigInteger(), nullable=False),
        sa.Column("since", Moment, nullable=False),
        sa.Column("again_at", Moment, nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", "above", "below", name="pk_left_out"),
    )
