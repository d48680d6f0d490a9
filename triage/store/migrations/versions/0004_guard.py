"""What a supervisor released although the guard stops it, and cases that went on in private.

Revision: 0004, after 0003
"""

import sqlalchemy as sa
from alembic import op

from triage.store.types import Moment

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("replies", sa.Column("released_by", sa.String(length=64)))
    op.add_column("replies", sa.Column("release_reason", sa.LargeBinary()))
    op.add_column("replies", sa.Column("release_seal", sa.String(length=64)))
    op.add_column("cases", sa.Column("private_since", Moment))
