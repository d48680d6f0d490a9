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
    op.execute("UPDATE replies SET lost_at = in_doubt_since WHERE doubt = 'no_answer'")
    op.execute("UPDATE replies SET lost_at = created_at WHERE doubt = 'stopped'")  # since then it was only noticed
    op.execute("UPDATE replies SET lost_at = created_at WHERE state = 'ambiguous'")
    # On X a look that found nothing was believed: what had been lost was called pending again, or was tried again and
    # refused as a repeat. Nobody knows of it, so it is looked for as what was lost.
    op.execute(
        "UPDATE replies SET lost_at = created_at "
        "WHERE channel IN ('x', 'x-private') AND doubt = 'repeated' AND attempts > 1"
    )
    op.execute(
        "UPDATE replies SET state = 'sending', doubt = 'no_answer', lost_at = created_at, in_doubt_since = created_at, "
        "not_before = NULL WHERE channel IN ('x', 'x-private') AND state = 'pending' AND attempts > 0"
    )
    op.execute("UPDATE replies SET tried_at = created_at WHERE attempts > 0")
    op.create_index("ix_replies_tried_at", "replies", ["tried_at"])
