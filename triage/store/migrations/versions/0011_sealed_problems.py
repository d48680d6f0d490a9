"""What went wrong with X is encrypted: X's words of it may repeat what a person wrote.

Revision: 0011, after 0010
"""

import sqlalchemy as sa
from alembic import op

from triage.store.sealed import SealedText
from triage.store.types import Key, Moment

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Make the table anew, to which nothing refers: it has fifty rows at most."""
    connection = op.get_bind()
    rows = [dict(row) for row in connection.execute(_table(sa.String(500)).select()).mappings()]
    op.drop_index("ix_problems_place", "problems")
    op.drop_table("problems")
    op.create_table(
        "problems",
        sa.Column("id", Key, nullable=False),
        sa.Column("place", sa.String(length=32), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.Column("first_at", Moment, nullable=False),
        sa.Column("at", Moment, nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_problems"),
    )
    op.create_index("ix_problems_place", "problems", ["place", "id"])
    if rows:
        connection.execute(sa.insert(_table(SealedText("problems.text"))), rows)
        if connection.dialect.name == "postgresql":  # the next one is not to get a number that is taken
            op.execute("SELECT setval(pg_get_serial_sequence('problems', 'id'), (SELECT max(id) FROM problems))")


def _table(text: sa.types.TypeEngine[str]) -> sa.TableClause:
    return sa.table(
        "problems",
        sa.column("id", Key),
        sa.column("place", sa.String()),
        sa.column("text", text),
        sa.column("first_at", Moment),
        sa.column("at", Moment),
        sa.column("times", sa.Integer()),
    )
