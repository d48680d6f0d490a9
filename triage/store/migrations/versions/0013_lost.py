"""Replies remember that an attempt had no outcome, and when they were last tried.

Revision: 0013, after 0012
"""

import sqlalchemy as sa
from alembic import op

from triage.store.types import Moment

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.add_column("replies", sa.Column("lost_at", Moment))
    op.add_column("replies", sa.Column("tried_at", Moment))
    op.execute("UPDATE replies SET lost_at = in_doubt_since WHERE doubt IN ('no_answer', 'stopped')")
    op.execute("UPDATE replies SET lost_at = created_at WHERE state = 'ambiguous'")
    op.execute("UPDATE replies SET tried_at = created_at WHERE attempts > 0")
    op.create_index("ix_replies_tried_at", "replies", ["tried_at"])
