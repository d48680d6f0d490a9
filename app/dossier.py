"""All that is held about a person, as a document: for people in Markdown, for programs in JSON."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import msgspec

from triage.domain.case import Case
from triage.domain.erasure import Certificate
from triage.domain.scores import Head
from triage.service.subject_access import Dossier, HeldMessage
from triage.service.worklist import ReplyLine
from triage.store.judgements import Judged


def as_json_document(dossier: Dossier) -> bytes:
    """Every field as it is held, indented."""
    return msgspec.json.format(msgspec.json.encode(msgspec.to_builtins(dossier)), indent=2) + b"\n"


def as_markdown(dossier: Dossier) -> str:
    """What a person can read; texts are quoted line by line, so nothing in them can pass for a heading."""
    where = dossier.channel or "all channels"
    lines = [
        f"# All that is held about author {dossier.author_id}",
        "",
        f"On {where}, as of {_moment(dossier.made_at)}.",
        f"Messages: {len(dossier.messages)}; cases: {len(dossier.cases)}.",
        "",
    ]
    for held in dossier.messages:
        lines += [*_message(held), ""]
    lines += ["## Cases", "", *(map(_case, dossier.cases) if dossier.cases else ["None."]), ""]
    lines += ["## Erasures", "", *(map(_erasure, dossier.erasures) if dossier.erasures else ["None."]), ""]
    return "\n".join(lines)


def _message(held: HeldMessage) -> Iterator[str]:
    message = held.message
    whose = "Message" if message.inbound else "The brand's message"
    yield f"## {whose} {message.external_id} on {message.channel}, {_moment(message.created_at)}"
    yield ""
    yield from _quoted(message.text)
    yield ""
    answers = f", an answer to {message.in_reply_to}" if message.in_reply_to else ""
    yield f"Part of case {message.case_id}{answers}."
    yield f"State: {message.state.value}. Language, as the channel said: {message.lang or 'none'}."
    if held.judged is not None:
        yield from _judged(held.judged)
    for answer in held.answers:
        yield from ("", f"The brand's post {answer.external_id}, {_moment(answer.created_at)}:", "")
        yield from _quoted(answer.text)
    for reply in held.replies:
        yield from _reply(reply)
    yield from ("", "What happened:", "")
    for event in held.events:
        said = "; ".join(f"{name}: {_value(value)}" for name, value in event.data.items() if value is not None)
        yield f"- {_moment(event.at)} {event.kind.value} by {event.actor}" + (f" ({said})" if said else "")


def _judged(judged: Judged) -> Iterator[str]:
    yield from ("", f"What the model {judged.scores.model} said:", "")
    for head in Head:
        verdict = judged.scores.head(head)
        why = ", ".join(f"“{token}” {share:+.2f}" for token, share in verdict.why)
        yield f"- {head.value}: {verdict.label}, {verdict.confidence:.0%} sure" + (f"; because of {why}" if why else "")
    for span in judged.scores.spans:
        yield f"- exposed: {span.type}, characters {span.start} to {span.end}"
    yield f"- decided: {judged.decision.action.value}; " + " ".join(reason.text for reason in judged.decision.reasons)


def _reply(reply: ReplyLine) -> Iterator[str]:
    author = f" of {reply.author}" if reply.author else ""
    yield from ("", f"Reply ({reply.kind.value}{author}), {_moment(reply.created_at)}, {reply.state.value}:", "")
    yield from _quoted(reply.text)
    if reply.problem:
        yield f"Problem: {reply.problem}"


def _case(case: Case) -> str:
    parts = [f"state {case.state.value}", f"opened {_moment(case.opened_at)}"]
    parts += [f"{name} {value}" for name in ("queue", "intent", "owner") if (value := getattr(case, name))]
    return f"- Case {case.id}: {', '.join(parts)}"


def _erasure(certificate: Certificate) -> str:
    counts = ", ".join(f"{name.replace('_', ' ')}: {count}" for name, count in certificate.counts.items())
    return f"- {_moment(certificate.erased_at)}, certificate {certificate.id} ({counts})"


def _quoted(text: str) -> Iterator[str]:
    return (f"> {line}" for line in text.splitlines() or [""])


def _value(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _moment(at: datetime) -> str:
    return at.isoformat(sep=" ", timespec="seconds")
