"""Who saw what is masked: indexes on the events that say so.

Revision: 0005, after 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_REVEALED = sa.text("kind = 'data_revealed'")


def upgrade() -> None:
    for name, column in (("ix_events_revealed_of", "message_id"), ("ix_events_revealed", "id")):
        op.create_index(name, "events", [column], sqlite_where=_REVEALED, postgresql_where=_REVEALED)
