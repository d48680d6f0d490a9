"""The tables. What each column means is said here, once; migrations follow.

What people wrote, and what is made of their words, is in sealed columns (``triage.store.sealed``).
"""

from __future__ import annotations

import sqlalchemy as sa

from triage.domain.event import EventKind
from triage.domain.message import MessageState
from triage.domain.reply import ReplyState
from triage.store.sealed import SealedDocument, SealedText
from triage.store.types import Document, Key, Moment

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

_pending = sa.text(f"state = '{MessageState.RECEIVED.value}'")
_to_be_sent = sa.text(f"state = '{ReplyState.PENDING.value}'")
_held = sa.text("erased_at IS NULL")
_named = sa.text("erased_at IS NOT NULL AND forgotten_at IS NULL")
_addressed = sa.text("addressee_id IS NOT NULL")
_live = sa.text("merged_into IS NULL")
#: Which events are looks at personal data. Written out, not bound: a planner must see that the index has them.
revealed = sa.text(f"kind = '{EventKind.DATA_REVEALED.value}'")

#: A projection of ``events``: always equal to the fold of the log (``triage.domain.case.rebuild``).
cases = sa.Table(
    "cases",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("channel", sa.String(32), nullable=False),
    sa.Column("root", sa.String(128), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("opened_at", Moment, nullable=False),
    sa.Column("queue", sa.String(64)),
    sa.Column("priority", sa.SmallInteger, nullable=False),
    sa.Column("intent", sa.String(32)),
    sa.Column("owner", sa.String(64)),
    sa.Column("queued_at", Moment),
    sa.Column("last_customer_at", Moment),
    sa.Column("last_brand_at", Moment),
    sa.Column("automatic_replies", sa.Integer, nullable=False),
    sa.Column("person_wanted", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("private_since", Moment),
    sa.Column("private_asked_at", Moment),
    sa.Column("merged_into", Key, sa.ForeignKey("cases.id")),
    sa.Column("version", sa.Integer, nullable=False),
    # One live case per thread: what makes two processes that see a new thread at once agree.
    sa.Index("uq_cases_channel_root", "channel", "root", unique=True, sqlite_where=_live, postgresql_where=_live),
    sa.Index("ix_cases_worklist", "state", "queue", "priority", "queued_at", "id"),
)

messages = sa.Table(
    "messages",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("channel", sa.String(32), nullable=False),
    sa.Column("external_id", sa.String(128), nullable=False),
    # Checked at commit: a new message and the case that it opens are written together.
    sa.Column(
        "case_id", Key, sa.ForeignKey("cases.id", deferrable=True, initially="DEFERRED"), nullable=False, index=True
    ),
    sa.Column("author_id", sa.String(128), nullable=False, index=True),
    sa.Column("addressee_id", sa.String(128)),  # to whom the brand wrote, if in private
    sa.Column("inbound", sa.Boolean, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("in_reply_to", sa.String(128)),
    sa.Column("lang", sa.String(16)),
    sa.Column("text", SealedText("messages.text"), nullable=False),  # exactly as received
    sa.Column("normalised", SealedText("messages.normalised"), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("summoned", sa.Boolean),  # whether its author called the brand; null where nobody asks for that
    sa.Column("erased_at", Moment),  # when its content went
    sa.Column("forgotten_at", Moment),  # when also went who its people are
    sa.Column("last_seen_at", Moment),  # when the channel last had it as it is here
    # Exists once, from whatever source and in whatever order it arrives.
    sa.UniqueConstraint("channel", "external_id"),
    sa.Index("ix_messages_pending", "created_at", "id", sqlite_where=_pending, postgresql_where=_pending),
    sa.Index("ix_messages_addressee_id", "addressee_id", sqlite_where=_addressed, postgresql_where=_addressed),
    # What is to be looked up again, and what has been kept long enough; what people deleted themselves, who keep their
    # ids for a while.
    sa.Index("ix_messages_last_seen", "channel", "last_seen_at", sqlite_where=_held, postgresql_where=_held),
    sa.Index("ix_messages_named", "channel", "created_at", sqlite_where=_named, postgresql_where=_named),
)

#: What the model said of a message. Holds words of the text, so it is erased with it; ``events`` do not.
judgements = sa.Table(
    "judgements",
    metadata,
    sa.Column("message_id", Key, sa.ForeignKey("messages.id"), primary_key=True, autoincrement=False),
    sa.Column("model", sa.String(64), nullable=False),
    sa.Column("scores", SealedDocument("judgements.scores"), nullable=False),
    sa.Column("decision", SealedDocument("judgements.decision"), nullable=False),
)

#: The truth. Triggers refuse UPDATE and DELETE (see the first migration).
events = sa.Table(
    "events",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("case_id", Key, sa.ForeignKey("cases.id"), nullable=False, index=True),
    sa.Column("message_id", Key, sa.ForeignKey("messages.id")),
    sa.Column("at", Moment, nullable=False),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("actor", sa.String(64), nullable=False),
    sa.Column("data", Document, nullable=False),
    sa.Index("ix_events_revealed_of", "message_id", sqlite_where=revealed, postgresql_where=revealed),
    sa.Index("ix_events_revealed", "id", sqlite_where=revealed, postgresql_where=revealed),
)

#: The outbox: a reply is committed here together with the decision that caused it.
replies = sa.Table(
    "replies",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("key", sa.String(128), nullable=False, unique=True),
    sa.Column("case_id", Key, sa.ForeignKey("cases.id"), nullable=False, index=True),
    sa.Column("message_id", Key, sa.ForeignKey("messages.id"), nullable=False, index=True),
    sa.Column("channel", sa.String(32), nullable=False),
    sa.Column("in_reply_to", sa.String(128), nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("author", sa.String(64), nullable=False),
    sa.Column("text", SealedText("replies.text"), nullable=False),
    sa.Column("snippet", sa.String(128)),
    sa.Column("state", sa.String(16), nullable=False, index=True),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("not_before", Moment),  # while it is pending
    # Its place in the order of sending: when it could have left for the first time, or again.
    sa.Column("waits_since", Moment),
    sa.Column("attempts", sa.Integer, nullable=False),
    # How often the channel refused it because it knew the text.
    sa.Column("repeats", sa.Integer, nullable=False, server_default=sa.text("0")),
    # While it is "sending" with no outcome: why nobody knows, since when, and when to look again.
    sa.Column("doubt", sa.String(16)),
    sa.Column("in_doubt_since", Moment),
    sa.Column("look_at", Moment),
    # When the first attempt began of which nobody knows whether it went out; kept, whatever comes after.
    sa.Column("lost_at", Moment),
    sa.Column("tried_at", Moment, index=True),  # when sending was last begun
    sa.Column("external_id", sa.String(128), index=True),
    sa.Column("problem", SealedText("replies.problem")),
    sa.Column("erased_at", Moment),  # when its text went
    sa.Column("swept_at", Moment),  # when it went from the channel's journal too, if there is one
    # A supervisor's release of what the guard stops: who, why, and of which very text (``triage.domain.reply.seal``).
    sa.Column("released_by", sa.String(64)),
    sa.Column("release_reason", SealedText("replies.release_reason")),
    sa.Column("release_seal", sa.String(64)),
    sa.Index(
        "ix_replies_to_be_sent",
        "channel",
        "kind",
        "waits_since",
        "id",
        sqlite_where=_to_be_sent,
        postgresql_where=_to_be_sent,
    ),
)

#: What was erased at the request of people; says of nobody who it was.
erasures = sa.Table(
    "erasures",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("certificate", sa.String(32), nullable=False, unique=True),
    sa.Column("author", sa.String(64), nullable=False, index=True),  # under a secret
    sa.Column("channel", sa.String(32)),
    sa.Column("erased_at", Moment, nullable=False),
    sa.Column("finished_at", Moment),
    sa.Column("actor", sa.String(64), nullable=False),
    sa.Column("counts", Document, nullable=False),
    sa.Column("replies", Document, nullable=False),  # ids of those whose texts were erased
)

#: Random values that the product made for itself and must keep, such as the one that author ids are hashed under.
secrets = sa.Table(
    "secrets",
    metadata,
    sa.Column("name", sa.String(32), primary_key=True),
    sa.Column("value", SealedText("secrets.value"), nullable=False),
)

#: Customers who want no automatic reply, for good. A projection of ``events``.
opt_outs = sa.Table(
    "opt_outs",
    metadata,
    sa.Column("channel", sa.String(32), primary_key=True),
    sa.Column("author", sa.String(64), primary_key=True),  # under a secret
    sa.Column("at", Moment, nullable=False),
)

_no_verdict = sa.text("verdict IS NULL")

#: Automatic answers that people look at afterwards. A projection of ``events``.
audits = sa.Table(
    "audits",
    metadata,
    sa.Column("message_id", Key, sa.ForeignKey("messages.id"), primary_key=True, autoincrement=False),
    sa.Column("snippet", sa.String(128), nullable=False),
    sa.Column("snippet_version", sa.Integer, nullable=False),
    sa.Column("verdict", sa.String(16)),
    sa.Column("by", sa.String(64)),
    sa.Index("ix_audits_open", "message_id", sqlite_where=_no_verdict, postgresql_where=_no_verdict),
)

#: Whether the service may answer, in one row at most. A projection of ``events`` (``triage.domain.audit.rebuild``).
answering = sa.Table(
    "answering",
    metadata,
    sa.Column("id", Key, primary_key=True, autoincrement=False),
    sa.Column("right", sa.Integer, nullable=False),
    sa.Column("wrong", sa.Integer, nullable=False),
    sa.Column("unsure", sa.Integer, nullable=False),
    sa.Column("stopped_at", Moment),
    sa.Column("stopped_audited", sa.Integer),
    sa.Column("stopped_wrong", sa.Integer),
    sa.Column("stopped_promised", sa.Float),
    sa.Column("stopped_by_message", Key, sa.ForeignKey("messages.id")),
)

users = sa.Table(
    "users",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("name", sa.String(64), nullable=False, unique=True),
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("password_hash", sa.String(255)),
    sa.Column("token_hash", sa.String(64), unique=True),
    sa.Column("created_at", Moment, nullable=False),
)

#: Answers to requests that carried an ``Idempotency-Key``, so that a repeat gets the same answer.
idempotency = sa.Table(
    "idempotency",
    metadata,
    sa.Column("user_id", Key, sa.ForeignKey("users.id"), primary_key=True, autoincrement=False),
    sa.Column("key", sa.String(128), primary_key=True),
    sa.Column("request_hash", sa.String(64), nullable=False),
    sa.Column("status", sa.Integer),
    sa.Column("body", Document),
    sa.Column("created_at", Moment, nullable=False),
)

#: How far a timeline of X was read.
marks = sa.Table(
    "marks",
    metadata,
    sa.Column("name", sa.String(32), primary_key=True),
    sa.Column("newest", sa.BigInteger, nullable=False),  # the newest id that was read
    sa.Column("floor", sa.BigInteger, nullable=False),  # nothing up to this id is ever taken in
    sa.Column("gaps", Document, nullable=False),  # what is still to be read below it (``triage.store.marks``)
    sa.Column("at", Moment, nullable=False),
)

#: What X left out of its answers, to be asked for again: ids between two of a timeline.
left_out = sa.Table(
    "left_out",
    metadata,
    sa.Column("name", sa.String(32), primary_key=True),  # of the timeline, as in ``marks``
    sa.Column("above", sa.BigInteger, primary_key=True),
    sa.Column("below", sa.BigInteger, primary_key=True),
    sa.Column("since", Moment, nullable=False),
    sa.Column("again_at", Moment, nullable=False),
    sa.Column("asked", sa.Integer, nullable=False),  # how often it was asked for again
)

#: Calls of X's API of late, of all processes together; one row for each kind of call.
budgets = sa.Table(
    "budgets",
    metadata,
    sa.Column("endpoint", sa.String(32), primary_key=True),
    sa.Column("counts", Document, nullable=False),  # seconds of a window -> {number of a part of it: calls}
    sa.Column("remaining", sa.Integer),  # by what X said last, less what was spent since
    sa.Column("resets_at", Moment),  # until when that holds
    sa.Column("rests_until", Moment),  # X refused a call: none before
)

#: What was read and written, by day (UTC) and kind of call: what X may charge for.
spend = sa.Table(
    "spend",
    metadata,
    sa.Column("day", sa.Date, primary_key=True),
    sa.Column("endpoint", sa.String(32), primary_key=True),
    sa.Column("calls", sa.Integer, nullable=False),
    sa.Column("things", sa.Integer, nullable=False),
    sa.Column("links", sa.Integer, nullable=False),  # calls that wrote a text with a link in it
)

#: When each source of posts and events was last heard.
sources = sa.Table(
    "sources",
    metadata,
    sa.Column("name", sa.String(32), primary_key=True),
    sa.Column("last_alive_at", Moment),  # it answered, if only to say that there is nothing
    sa.Column("last_saw_at", Moment),  # it brought something
    sa.Column("last_id", sa.String(32)),
    sa.Column("last_lag", sa.Float),  # seconds from when that was written until it was seen here
)

#: What went wrong of late, in plain words; the same again in a row is counted. X's own words in it may be a person's.
problems = sa.Table(
    "problems",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("place", sa.String(32), nullable=False),  # a kind of call, or a source
    sa.Column("text", SealedText("problems.text"), nullable=False),
    sa.Column("first_at", Moment, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("times", sa.Integer, nullable=False),
    sa.Index("ix_problems_place", "place", "id"),
)

#: Webhooks to which X delivers what happens to the account, and how X last had them.
webhooks = sa.Table(
    "webhooks",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),  # X's
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("valid", sa.Boolean, nullable=False),
    sa.Column("since", Moment, nullable=False),  # it has been so, as far as was seen
    sa.Column("looked_at", Moment, nullable=False),
)

#: What people have switched on or off, and why.
switches = sa.Table(
    "switches",
    metadata,
    sa.Column("name", sa.String(32), primary_key=True),
    sa.Column("is_on", sa.Boolean, nullable=False),
    sa.Column("by", sa.String(64), nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("reason", SealedText("switches.reason"), nullable=False),
)

#: Ids of edited posts: a post is stored under the id of its first version.
versions = sa.Table(
    "versions",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("first_id", sa.String(32), nullable=False, index=True),
)

#: Posts whose deletion was heard of before they arrived: they are not stored any more.
deleted_early = sa.Table(
    "deleted_early",
    metadata,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("at", Moment, nullable=False, index=True),
)
