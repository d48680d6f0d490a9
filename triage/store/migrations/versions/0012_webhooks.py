"""To which webhooks X delivers, and whether it does.

Revision: 0012, after 0011
"""

import sqlalchemy as sa
from alembic import op

from triage.store.types import Moment

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "webhooks",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("valid", sa.Boolean(), nullable=False),
        sa.Column("since", Moment, nullable=False),
        sa.Column("looked_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_webhooks"),
    )
