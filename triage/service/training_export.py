"""Decided messages as rows to train on: masked, unnamed, and only from channels that the operator has opened.

X forbids to train models on its content; other channels may too. So no channel is exported unless the
brand lists it, and every row says where it is from. A row holds what the model said and what people
then did with the case. Neither is a label: who trains on the rows says first which of it is to count.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from triage.domain.event import SERVICE, Event, EventKind
from triage.domain.message import StoredMessage
from triage.domain.reply import ReplyKind
from triage.domain.scores import UNSCORED, Head, Scores, Span
from triage.errors import InvalidInput
from triage.privacy.redact import Redacted
from triage.service.showing import Showing
from triage.store import Store, Transaction
from triage.text.normalise import HANDLE, LINK

#: What a row says of the right to use it; no corpus of this licence may be passed on.
LICENCE: Final = "operator's own use"
_PAGE: Final = 1000
#: Both lead back to people: a handle names one, a link may be to their post.
_TRACES: Final = re.compile(r"(?<![\w@])@\w{1,30}|(?:https?://|www\.|pic\.(?:twitter|x)\.com/)\S+", re.IGNORECASE)


@dataclass(slots=True)
class _Work:
    """What people did with one case."""

    closed_as: str | None = None
    moved_to: str | None = None


@dataclass(slots=True)
class _Done:
    """What people did, by case and by message, from the log."""

    cases: dict[int, _Work] = field(default_factory=dict)
    snippets: dict[int, str | None] = field(default_factory=dict)  # of messages that an agent replied to


def known_channels(store: Store) -> dict[str, int]:
    """The channels that have decided messages of customers, and how many."""
    with store.read() as transaction:
        return transaction.messages.channels()


def chosen_channels(opened: Sequence[str], wanted: str | None, known: Mapping[str, int]) -> tuple[list[str], list[str]]:
    """The channels to export and those of ``known`` that are left out, both sorted.

    Args:
        opened: what the brand allows.
        wanted: one of them, if not all.
        known: channels in the store, with how many messages each has.

    Raises:
        InvalidInput: no channel is opened, or the one that is wanted is not.
    """
    if wanted is not None and wanted not in opened:
        raise InvalidInput(f"{wanted!r} is not among the channels under [training] in brand.toml", field="channel")
    if not opened:
        there = ", ".join(sorted(known)) or "none yet"
        raise InvalidInput(
            "no channel may be exported for training: name those that may under [training] channels in brand.toml "
            f"(X forbids to train on its content; channels here: {there})"
        )
    exported = [wanted] if wanted is not None else sorted(opened)
    return exported, sorted(set(known) - set(exported))


def rows(
    store: Store, showing: Showing, channels: Sequence[str], own_handles: Iterable[str]
) -> Iterator[dict[str, Any]]:
    """One row per decided message of a customer, in the order of arrival; as ``training/corpus.py`` reads it.

    ``own_handles`` are the brand's accounts, in small letters: they stay, all other handles go.
    """
    own = frozenset(own_handles)
    with store.read() as transaction:
        done = _done(transaction.events.stream())
        last = 0
        while page := transaction.messages.decided(channels, after=last, limit=_PAGE):
            yield from _page(transaction, showing, page, done, own)
            last = page[-1].id


def _page(
    transaction: Transaction, showing: Showing, page: Sequence[StoredMessage], done: _Done, own: frozenset[str]
) -> Iterator[dict[str, Any]]:
    judged = transaction.judgements.of(message.id for message in page)
    parents = transaction.messages.parents((one.channel, one.in_reply_to) for one in page if one.in_reply_to)
    for message in page:
        verdict = judged.get(message.id)
        if verdict is None or verdict.scores.model == UNSCORED.model:
            continue
        shown = showing.message(message, verdict)
        text = _untraced(Redacted(shown.text, shown.masks), own)
        parent = parents.get((message.channel, message.in_reply_to)) if message.in_reply_to else None
        yield {
            "id": f"{message.channel}-{message.id}",
            "text": text.text,
            "in_reply_to": _untraced(showing.own(parent.text), own).text if parent and parent.text else None,
            "lang": verdict.scores.language,
            "spans": [[span.start, span.end, span.type] for span in text.masks],
            "verdicts": _verdicts(verdict.scores),
            "decision": verdict.decision.action.value,
            "work": _work(message, done),
            "tags": [],
            "origin": f"channel {message.channel}, model {verdict.scores.model}, {message.created_at:%Y-%m-%d}",
            "licence": LICENCE,
        }


def _verdicts(scores: Scores) -> dict[str, dict[str, Any]]:
    return {
        head.value: {"label": scores.head(head).label, "confidence": round(scores.head(head).confidence, 4)}
        for head in Head
    }


def _work(message: StoredMessage, done: _Done) -> dict[str, Any]:
    work = done.cases.get(message.case_id, _Work())
    return {
        "closed_as": work.closed_as,
        "moved_to": work.moved_to,
        "replied": message.id in done.snippets,
        "snippet": done.snippets.get(message.id),
    }


def _done(events: Iterable[Event]) -> _Done:
    """The last of each counts. What was done with a case that became part of another was done with that one."""
    done = _Done()
    for event in events:
        if event.actor == SERVICE:
            if event.kind is EventKind.CASE_ABSORBED and (joined := done.cases.pop(event.data["case"], None)):
                done.cases.setdefault(event.case_id, joined)
        elif event.kind is EventKind.CASE_CLOSED:
            done.cases.setdefault(event.case_id, _Work()).closed_as = event.data["reason"]
        elif event.kind is EventKind.CASE_TRANSFERRED:
            done.cases.setdefault(event.case_id, _Work()).moved_to = event.data["queue"]
        elif event.kind is EventKind.REPLY_QUEUED and event.data["kind"] == ReplyKind.AGENT and event.message_id:
            done.snippets[event.message_id] = event.data["snippet"]
    return done


def _untraced(shown: Redacted, own: frozenset[str]) -> Redacted:
    """Without handles but the brand's, and without links; both as normalising writes them."""
    pieces: list[str] = []
    masks: list[Span] = []
    length = done = 0
    for mask in (*shown.masks, None):
        piece = _TRACES.sub(lambda found: _trace(found[0], own), shown.text[done : mask.start if mask else None])
        pieces.append(piece)
        length += len(piece)
        if mask:
            pieces.append(shown.text[mask.start : mask.end])
            masks.append(Span(length, length + mask.end - mask.start, mask.type))
            length, done = masks[-1].end, mask.end
    return Redacted("".join(pieces), tuple(masks))


def _trace(found: str, own: frozenset[str]) -> str:
    if not found.startswith("@"):
        return LINK
    return found if found[1:].casefold() in own else HANDLE
