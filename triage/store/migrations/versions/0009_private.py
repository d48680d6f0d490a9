"""To whom the brand wrote in private.

Revision: 0009, after 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.add_column("messages", sa.Column("addressee_id", sa.String(length=128)))
    op.create_index(
        "ix_messages_addressee_id",
        "messages",
        ["addressee_id"],
        unique=False,
        sqlite_where=sa.text("addressee_id IS NOT NULL"),
        postgresql_where=sa.text("addressee_id IS NOT NULL"),
    )
