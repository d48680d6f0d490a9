"""The world of the stand-in beside the database: what was lost, doubled, or put in the wrong place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, Final

import sqlalchemy as sa

from tests.soak.x.early import inexcusable
from tests.soak.x.traffic import HANDLE
from tests.xsim.client import SimMessage, SimPost, SimWorld, XSim
from triage.channels.x.sameness import same_text
from triage.domain.erasure import ERASED
from triage.domain.message import MessageState
from triage.domain.reply import ReplyKind, ReplyState
from triage.store import Store
from triage.store.tables import messages, replies

_SENT: Final = {
    ("x", ReplyKind.AUTOMATIC.value): "reply by the service",
    ("x", ReplyKind.AGENT.value): "reply by an agent",
    ("x-private", ReplyKind.AGENT.value): "private reply",
    ("x-private", ReplyKind.AUTOMATIC.value): "private reply by the service",  # which must not be
}


@dataclass
class Findings:
    """Each list should be empty; entries are sentences about one post or reply."""

    faults: list[str] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)
    #: What has happened at all, and how often.
    happened: Counter[str] = field(default_factory=Counter)

    def find(self, what: str) -> None:
        self.faults.append(what)


def audit(x: XSim, store: Store, silences: Sequence[tuple[int, int]] = (), blows: Sequence[int] = ()) -> Findings:
    """Compare, when everything has settled.

    In ``silences`` nothing may have left; at ``blows`` a process or the database was killed. Both in the stand-in's
    milliseconds since 1970.
    """
    found = Findings()
    world = x.world()
    firsts = _first_versions(world.posts)
    with store.read() as transaction:
        stored = transaction.connection.execute(sa.select(messages)).all()
        replied = transaction.connection.execute(sa.select(replies)).all()
    public = [row for row in stored if row.channel == "x"]
    _mentions(found, firsts, public)
    _private(found, world.messages, [row for row in stored if row.channel == "x-private"])
    _replies(found, firsts, public, replied)
    _private_replies(
        found, world, {row.id: row for row in stored}, [row for row in replied if row.channel == "x-private"]
    )
    _silences(found, world, silences)
    found.happened += _order(public)
    found.happened.update(_SENT[row.channel, row.kind] for row in replied if row.state == ReplyState.SENT.value)
    found.happened["reply that a person must look for"] = sum(
        row.state == ReplyState.AMBIGUOUS.value for row in replied
    )
    found.figures["replies"] = dict(Counter(f"{row.kind} {row.state}" for row in replied))
    found.figures["stored"] = len(stored)
    ledger = x.ledger()
    for endpoint, times in ledger["exceeded"].items():
        found.find(f"limit of {endpoint} exceeded {times} times")
    for what in inexcusable(ledger["early"], blows):
        found.find(what)
    found.figures["early"] = ledger["early"]
    found.figures["calls"] = sum(ledger["calls"].values())
    return found


def _order(public: Sequence[Any]) -> Counter[str]:
    """How many posts came in another order than they were written in. Ids of rows say in which they were stored."""
    row_of = {row.external_id: row.id for row in public}
    counted: Counter[str] = Counter()
    newest = 0
    for row in sorted(public, key=attrgetter("id")):
        counted["answer stored before its parent"] += row_of.get(row.in_reply_to, 0) > row.id
        counted["post stored after a newer one"] += int(row.external_id) < newest
        newest = max(newest, int(row.external_id))
    return counted


def _silences(found: Findings, world: SimWorld, silences: Sequence[tuple[int, int]]) -> None:
    left = [(post.id, post.created_ms) for post in world.posts if post.by_api]
    left += [(message.id, message.created_ms) for message in world.messages if message.sender == HANDLE]
    for begins, ends in silences:
        for name, at_ms in left:
            if begins < at_ms < ends:
                found.find(f"{name} left while the sending was paused")


def _first_versions(posts: Any) -> dict[str, list[SimPost]]:
    """All versions of each post, by the id of the first."""
    firsts: dict[str, list[SimPost]] = {}
    for post in posts:
        firsts.setdefault(post.versions[0], []).append(post)
    return firsts


def _names_brand(post: SimPost) -> bool:
    return f"@{HANDLE}".lower() in post.text.lower()


def _mentions(found: Findings, firsts: dict[str, list[SimPost]], public: Any) -> None:
    by_id = {row.external_id: row for row in public}
    for external_id, times in Counter(row.external_id for row in public).items():
        if times > 1:
            found.find(f"post {external_id} is stored {times} times")
        if external_id not in firsts:
            found.find(f"post {external_id} is stored, and was never posted")
    must = 0
    for first, versions in firsts.items():
        if versions[0].author == HANDLE:
            continue
        owed = all(_names_brand(version) for version in versions) and not _deleted(versions)
        must += owed
        if first in by_id:
            _mention(found, versions, by_id[first])
        elif owed:
            found.find(f"mention {first} is lost: {versions[-1].text!r}")
    found.figures["mentions"] = must


def _deleted(versions: list[SimPost]) -> bool:
    return any(version.deleted for version in versions)


def _mention(found: Findings, versions: list[SimPost], row: Any) -> None:
    first, gone = row.external_id, _deleted(versions)
    if row.state == MessageState.RECEIVED.value:
        found.find(f"mention {first} was never decided")
    if gone and row.text != ERASED:
        found.find(f"mention {first} was deleted by its author, and its text is still there")
    if not gone and not same_text(versions[-1].text, row.text):
        found.find(f"mention {first} reads {row.text!r} and should read {versions[-1].text!r}")


def _private(found: Findings, sent: Any, rows: Any) -> None:
    times = Counter(row.external_id for row in rows)
    for external_id, count in times.items():
        if count > 1:
            found.find(f"private message {external_id} is stored {count} times")
    if rows:
        for message in sent:
            if message.recipient == HANDLE and message.id not in times:
                found.find(f"private message {message.id} is lost")
    found.figures["private"] = len(rows)


def _private_replies(found: Findings, world: SimWorld, answered: Mapping[int, Any], rows: Any) -> None:
    """The brand writes privately through the product alone, so each message of its is one reply, once.

    ``answered`` are stored messages by their ids.
    """
    left = {message.id: message for message in world.messages if message.sender == HANDLE}
    names = {user.id: user.username for user in world.users}
    sent = [row for row in rows if row.state == ReplyState.SENT.value]
    claims = Counter(row.external_id for row in sent)
    for external_id, times in claims.items():
        if times > 1:
            found.find(f"private message {external_id} is claimed by {times} replies")
    for row in sent:
        _private_reply(found, row, left.get(row.external_id), names.get(answered[row.message_id].author_id))
    for (person, text), times in Counter((one.recipient, one.text) for one in left.values()).items():
        if times > 1:
            found.find(f"{person} got {text!r} {times} times in private")
    unknown = len(left.keys() - claims.keys())
    if unknown > sum(row.state == ReplyState.AMBIGUOUS.value for row in rows):
        found.find(f"{unknown} private messages left, and no reply is called sent for them")
    for row in rows:
        if row.kind == ReplyKind.AUTOMATIC.value:
            found.find(f"private reply {row.id} is the service's own, which never writes in private")
        if row.state in (ReplyState.PENDING.value, ReplyState.SENDING.value):
            found.find(f"private reply {row.id} has not come to an end: {row.state}, {row.problem}")
    found.figures["private replies"] = len(left)


def _private_reply(found: Findings, row: Any, message: SimMessage | None, wanted: str | None) -> None:
    """``wanted`` is who wrote what is answered; nobody knows where that was erased."""
    if message is None:
        found.find(f"private reply {row.external_id} is called sent, and was never written")
    elif wanted is not None and message.recipient != wanted:
        found.find(f"private reply {row.id} went to {message.recipient} instead of {wanted}")
    elif row.text != ERASED and message.text != row.text:
        found.find(f"private reply {row.id} reads otherwise on X: {message.text!r}")


def _replies(found: Findings, firsts: dict[str, list[SimPost]], public: Any, replied: Any) -> None:
    own = {first: versions[0] for first, versions in firsts.items() if versions[0].author == HANDLE}
    by_api = {first: post for first, post in own.items() if post.by_api}
    rows = [row for row in replied if row.channel == "x"]
    caused: Counter[str] = Counter()
    for row in rows:
        if row.state in (ReplyState.PENDING.value, ReplyState.SENDING.value):
            found.find(f"reply {row.id} has not come to an end: {row.state}, {row.problem}")
        elif row.state == ReplyState.SENT.value:
            caused[row.external_id] += 1
            _sent(found, row, own.get(row.external_id), firsts)
    for external_id, times in caused.items():
        if times > 1:
            found.find(f"post {external_id} is claimed by {times} replies")
    _unknown(found, {first: post for first, post in by_api.items() if first not in caused}, replied, firsts)
    _doubtful(found, replied)
    _twice(found, by_api)
    _more_than_replies(found, by_api, rows, firsts)
    _answered_twice(found, rows)
    stored = {row.external_id for row in public if not row.inbound}
    for first, post in own.items():
        if not post.by_api and post.reply_to and first not in stored:
            found.find(f"the brand's own post {first} is not known")
    found.figures["posted"] = len(by_api)


def _sent(found: Findings, row: Any, post: SimPost | None, firsts: dict[str, list[SimPost]]) -> None:
    if post is None:
        found.find(f"reply {row.id} is called sent as {row.external_id}, which was never posted")
    elif post.reply_to is None or _first_of(post.reply_to, firsts) != row.in_reply_to:
        found.find(f"reply {row.id} stands under {post.reply_to} instead of {row.in_reply_to}")
    elif row.text != ERASED and not same_text(row.text, post.text):
        found.find(f"reply {row.id} reads otherwise on X: {post.text!r}")


def _unknown(found: Findings, posts: dict[str, SimPost], replied: Any, firsts: dict[str, list[SimPost]]) -> None:
    """What left, and the product does not know of; it may only be what it says it cannot know."""
    doubtful = {row.in_reply_to for row in replied if row.state == ReplyState.AMBIGUOUS.value}
    for first, post in posts.items():
        if _first_of(post.reply_to, firsts) not in doubtful:
            found.find(f"post {first} left by the API, and no reply is called sent for it: {post.text!r}")


def _doubtful(found: Findings, replied: Any) -> None:
    """Only what may be out goes to a person as unknown, and in words that help."""
    for row in replied:
        if row.state == ReplyState.AMBIGUOUS.value and row.text != ERASED:
            if row.lost_at is None:
                found.find(f"reply {row.id} is for a person to look for, and no attempt at it was lost")
            if not row.problem:
                found.find(f"reply {row.id} is for a person to look for, and nothing says why")


def _more_than_replies(
    found: Findings, by_api: dict[str, SimPost], rows: Any, firsts: dict[str, list[SimPost]]
) -> None:
    """Each reply left once at most, in whatever words: what was lost is never sent again in others."""
    states = (ReplyState.SENT.value, ReplyState.AMBIGUOUS.value)
    replies_to = Counter(row.in_reply_to for row in rows if row.state in states)
    for parent, times in Counter(_first_of(post.reply_to, firsts) for post in by_api.values()).items():
        if times > replies_to[parent]:
            found.find(f"{times} posts are under {parent}, of {replies_to[parent]} replies that left or may have")


def _twice(found: Findings, by_api: dict[str, SimPost]) -> None:
    for (parent, text), times in Counter((post.reply_to, post.raw) for post in by_api.values()).items():
        if times > 1:
            found.find(f"{text!r} was posted {times} times under {parent}")


def _answered_twice(found: Findings, rows: Any) -> None:
    """The service by itself answers a message once, in whatever words."""
    sent = [row for row in rows if row.kind == ReplyKind.AUTOMATIC.value and row.state == ReplyState.SENT.value]
    for parent, times in Counter(row.in_reply_to for row in sent).items():
        if times > 1:
            found.find(f"post {parent} was answered {times} times by the service itself")


def _first_of(post: str | None, firsts: dict[str, list[SimPost]]) -> str | None:
    if post is None or post in firsts:
        return post
    return next((first for first, versions in firsts.items() if post in versions[0].versions), post)
