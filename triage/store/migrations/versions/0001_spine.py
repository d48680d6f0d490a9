"""The spine: messages, cases, the event log, the outbox, users.

Revision: 0001, the first
"""

import sqlalchemy as sa
from alembic import op

from triage.store.types import Document, Key, Moment

revision = "0001"
down_revision = None

_REFUSE_SQLITE = """
CREATE TRIGGER events_append_only_{verb} BEFORE {VERB} ON events
BEGIN SELECT RAISE(ABORT, 'events are append-only'); END
"""
_REFUSE_POSTGRESQL = """
CREATE FUNCTION refuse_change_of_events() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'events are append-only'; END $$;
CREATE TRIGGER events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON events
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_events();
"""


def upgrade() -> None:
    _create_tables()
    if op.get_context().dialect.name == "postgresql":
        op.execute(_REFUSE_POSTGRESQL)
    else:
        for verb in ("update", "delete"):
            op.execute(_REFUSE_SQLITE.format(verb=verb, VERB=verb.upper()))


def _create_tables() -> None:
    op.create_table(
        "cases",
        sa.Column("id", Key, nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("root", sa.String(length=128), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("opened_at", Moment, nullable=False),
        sa.Column("queue", sa.String(length=64)),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("intent", sa.String(length=32)),
        sa.Column("owner", sa.String(length=64)),
        sa.Column("queued_at", Moment),
        sa.Column("last_customer_at", Moment),
        sa.Column("last_brand_at", Moment),
        sa.Column("automatic_replies", sa.Integer(), nullable=False),
        sa.Column("merged_into", Key),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["merged_into"], ["cases.id"], name="fk_cases_merged_into"),
        sa.PrimaryKeyConstraint("id", name="pk_cases"),
    )
    op.create_index("ix_cases_worklist", "cases", ["state", "queue", "priority", "queued_at", "id"], unique=False)
    op.create_index(
        "uq_cases_channel_root",
        "cases",
        ["channel", "root"],
        unique=True,
        sqlite_where=sa.text("merged_into IS NULL"),
        postgresql_where=sa.text("merged_into IS NULL"),
    )
    op.create_table(
        "users",
        sa.Column("id", Key, nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("password_hash", sa.String(length=255)),
        sa.Column("token_hash", sa.String(length=64)),
        sa.Column("created_at", Moment, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("name", name="uq_users_name"),
        sa.UniqueConstraint("token_hash", name="uq_users_token_hash"),
    )
    op.create_table(
        "idempotency",
        sa.Column("user_id", Key, autoincrement=False, nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("request_hash", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer()),
        sa.Column("body", Document),
        sa.Column("created_at", Moment, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_idempotency_user_id"),
        sa.PrimaryKeyConstraint("user_id", "key", name="pk_idempotency"),
    )
    op.create_table(
        "messages",
        sa.Column("id", Key, nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("external_id", sa.String(length=128), nullable=False),
        sa.Column("case_id", Key, nullable=False),
        sa.Column("author_id", sa.String(length=128), nullable=False),
        sa.Column("inbound", sa.Boolean(), nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("in_reply_to", sa.String(length=128)),
        sa.Column("lang", sa.String(length=16)),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("normalised", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name="fk_messages_case_id", initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id", name="pk_messages"),
        sa.UniqueConstraint("channel", "external_id", name="uq_messages_channel_external_id"),
    )
    op.create_index("ix_messages_author_id", "messages", ["author_id"], unique=False)
    op.create_index("ix_messages_case_id", "messages", ["case_id"], unique=False)
    op.create_index(
        "ix_messages_pending",
        "messages",
        ["created_at", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'received'"),
        postgresql_where=sa.text("state = 'received'"),
    )
    op.create_table(
        "events",
        sa.Column("id", Key, nullable=False),
        sa.Column("case_id", Key, nullable=False),
        sa.Column("message_id", Key),
        sa.Column("at", Moment, nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("data", Document, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_events_case_id"),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name="fk_events_message_id"),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
    )
    op.create_index("ix_events_case_id", "events", ["case_id"], unique=False)
    op.create_table(
        "judgements",
        sa.Column("message_id", Key, autoincrement=False, nullable=False),
        sa.Column("model", sa.String(length=64), nullable=False),
        sa.Column("scores", Document, nullable=False),
        sa.Column("decision", Document, nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name="fk_judgements_message_id"),
        sa.PrimaryKeyConstraint("message_id", name="pk_judgements"),
    )
    op.create_table(
        "replies",
        sa.Column("id", Key, nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("case_id", Key, nullable=False),
        sa.Column("message_id", Key, nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("in_reply_to", sa.String(length=128), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("author", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("snippet", sa.String(length=128)),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("not_before", Moment),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("external_id", sa.String(length=128)),
        sa.Column("problem", sa.Text()),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_replies_case_id"),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name="fk_replies_message_id"),
        sa.PrimaryKeyConstraint("id", name="pk_replies"),
        sa.UniqueConstraint("key", name="uq_replies_key"),
    )
    op.create_index("ix_replies_case_id", "replies", ["case_id"], unique=False)
    op.create_index("ix_replies_external_id", "replies", ["external_id"], unique=False)
    op.create_index("ix_replies_state", "replies", ["state"], unique=False)
