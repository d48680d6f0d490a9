"""Who saw what is masked: an index on the events that say so.

Revision: 0005, after 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_REVEALED = sa.text("kind = 'data_revealed'")


def upgrade() -> None:
    op.create_index("ix_events_revealed", "events", ["message_id"], sqlite_where=_REVEALED, postgresql_where=_REVEALED)
