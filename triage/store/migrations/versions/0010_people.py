"""When a customer was last asked to go on in a private message, and which messages without content still name somebody.

Revision: 0010, after 0009
"""

import sqlalchemy as sa
from alembic import op

from triage.store.types import Moment

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    _asked()
    _forgotten()


def _asked() -> None:
    op.add_column("cases", sa.Column("private_asked_at", Moment))
    # As the log folds: what a case took over before this said nothing of when that was asked.
    op.execute(
        "UPDATE cases SET private_asked_at = (SELECT max(events.at) FROM events"
        " WHERE events.case_id = cases.id AND events.kind = 'moved_to_private') WHERE private_since IS NOT NULL"
    )


def _forgotten() -> None:
    op.add_column("messages", sa.Column("forgotten_at", Moment))
    op.execute(
        "UPDATE messages SET forgotten_at = erased_at WHERE erased_at IS NOT NULL AND"
        " CASE WHEN inbound THEN author_id LIKE 'erased-%' ELSE coalesce(addressee_id, 'erased-') LIKE 'erased-%' END"
    )
    named = sa.text("erased_at IS NOT NULL AND forgotten_at IS NULL")
    op.create_index(
        "ix_messages_named",
        "messages",
        ["channel", "created_at"],
        unique=False,
        sqlite_where=named,
        postgresql_where=named,
    )
