"""When a customer was last asked to go on in a private message.

Revision: 0010, after 0009
"""

import sqlalchemy as sa
from alembic import op

from triage.store.types import Moment

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column("cases", sa.Column("private_asked_at", Moment))
    # As the log folds: what a case took over before this said nothing of when that was asked.
    op.execute(
        "UPDATE cases SET private_asked_at = (SELECT max(events.at) FROM events"
        " WHERE events.case_id = cases.id AND events.kind = 'moved_to_private') WHERE private_since IS NOT NULL"
    )
