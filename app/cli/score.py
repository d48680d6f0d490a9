"""``triage score`` and ``triage answer``: JSON Lines in, JSON Lines out, same order."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import click
import msgspec

from app.cli.cores import SideBySide
from app.cli.output import output_option, written
from app.compose import API_CHANNEL, compose, load_vectors
from triage import settings
from triage.answers.answering import SnippetAnswers
from triage.answers.compose import next_text
from triage.brand import FILE as BRAND_FILE
from triage.brand import load_brand
from triage.channels.lines import STANDARD_INPUT, bad_line, check_identifier, read_lines
from triage.domain.decision import Action, Match, Mode
from triage.domain.scores import Head, Scores, Utterance
from triage.errors import InvalidInput
from triage.policy import Context, Policy, doubts, objections
from triage.scoring.scorer import Scorer
from triage.settings import Settings
from triage.text.accept import check_language, check_text

_BATCH = 512
#: For each text and its best match, what speaks against answering it.
Objecting = Callable[[Sequence[str], Sequence[Match | None]], list[list[str]]]
_file_argument = click.argument("file", type=click.Path(path_type=Path, allow_dash=True), default=STANDARD_INPUT)


class _Line(msgspec.Struct):
    """One line of input; fields beside these are let through unread."""

    id: str | int
    text: str
    lang: str | None = None
    in_reply_to: str | None = None


@click.command()
@_file_argument
@output_option
@click.option("--explain", is_flag=True, help="Add the words behind each judgement, with their share.")
def score(file: Path, output: Path, explain: bool) -> None:
    """Score messages: intent, sentiment, urgency, privacy.

    A line is {"id", "text", "lang"?, "in_reply_to"?}; the last is the text of the message it answers.
    FILE may be gzipped.
    """
    scorer = compose(settings.read()).scorer  # here too, so that a model that cannot be loaded is one line of error
    with SideBySide(partial(_score, explain=explain), scorer) as run:
        sys.exit(_pipe(file, output, run))


def _score(scorer: Scorer, lines: list[_Line], *, explain: bool) -> list[Any]:
    utterances = [Utterance(line.text, line.in_reply_to, line.lang) for line in lines]
    scored = scorer.score(utterances, explain=explain)
    return [_scored(line.id, scores, explain) for line, scores in zip(lines, scored, strict=True)]


@click.command()
@_file_argument
@click.option("--kb", "folder", type=click.Path(path_type=Path), required=True, help="Folder of snippets.")
@output_option
def answer(file: Path, folder: Path, output: Path) -> None:
    """Answer questions from a knowledge base, or abstain. A line is {"id", "text"}.

    Where the folder holds a certificate, all rules for automatic answers apply and its threshold counts: the policy
    is that of the brand.toml beside the folder. Without one, the match alone decides, unproven.
    """
    read = settings.read()
    today = datetime.now(UTC).date()
    answers = SnippetAnswers.load(folder, today=today, vectors=load_vectors(read))
    judge = _certified(folder, answers, read) if answers.certified else _unproven

    def run(batches: Iterator[list[_Line]]) -> Iterator[list[Any]]:
        for lines in batches:
            found = [answers.matches(line.text, today, limit=1) for line in lines]
            best = [matches[0] if matches else None for matches in found]
            against = judge([line.text for line in lines], best)
            yield [_answered(*row, answers) for row in zip(lines, best, against, strict=True)]

    sys.exit(_pipe(file, output, run))


#: A message that addresses the brand, and nothing before it.
_FIRST = Context(addressed=True, with_a_person=False)


def _unproven(_: Sequence[str], matches: Sequence[Match | None]) -> list[list[str]]:
    """What speaks against answering each message where nothing has been certified: an unsure match."""
    policy = Policy()
    return [[reason.text for reason in doubts(match, policy, _FIRST)] for match in matches]


def _certified(folder: Path, answers: SnippetAnswers, read: Settings) -> Objecting:
    """The rules of the brand, and its certificate."""
    brand = folder.resolve().parent
    scorer = compose(read).scorer
    told = load_brand(brand).policy if (brand / BRAND_FILE).is_file() else Policy()
    policy = answers.in_force(told, scorer.made_of)

    def judge(texts: Sequence[str], matches: Sequence[Match | None]) -> list[list[str]]:
        scored = scorer.score([Utterance(text) for text in texts], explain=False)
        return [
            [reason.text for reason in objections(scores, match, policy, _FIRST)]
            for scores, match in zip(scored, matches, strict=True)
        ]

    return judge


def _scored(line_id: str | int, scores: Scores, explain: bool) -> dict[str, Any]:
    row: dict[str, Any] = {"id": line_id}
    for head in (Head.INTENT, Head.SENTIMENT, Head.URGENCY):
        verdict = scores.head(head)
        row[head.value] = {"label": verdict.label, "confidence": round(verdict.confidence, 4)}
    row["privacy"] = {
        "level": scores.privacy.label,
        "confidence": round(scores.privacy.confidence, 4),
        "spans": [[span.start, span.end, span.type] for span in scores.spans],
    }
    if scores.risk is not None:
        row["privacy"]["score"] = round(scores.risk.score, 4)
    row |= {"actionable": scores.actionable, "language": scores.language, "model": scores.model}
    if explain:
        if scores.risk is not None:
            row["privacy"]["why"] = list(scores.risk.reasons)
        row["why"] = {head.value: [[token, round(share, 4)] for token, share in scores.head(head).why] for head in Head}
    return row


def _answered(line: _Line, best: Match | None, against: list[str], answers: SnippetAnswers) -> dict[str, Any]:
    row: dict[str, Any] = {"id": line.id, "action": "abstain", "snippet": None, "confidence": 0.0, "reply": None}
    if best is not None:
        row |= {"snippet": best.snippet, "confidence": round(best.confidence, 4)}
    closest = f"closest to “{best.question}”, {best.confidence:.0%} sure" if best else ""
    if best is not None and best.mode is Mode.SHADOW:
        against = [*against, "the snippet's mode is “shadow”"]
    if against or best is None:
        return row | {"why": "; ".join(filter(None, [closest, *against]))}
    reply = next_text(answers.texts(best.snippet, API_CHANNEL, automatic=True), str(line.id))
    return row | {"action": Action.ANSWER.value, "reply": reply, "why": closest}


def _pipe(file: Path, output: Path, run: Callable[[Iterator[list[_Line]]], Iterator[list[Any]]]) -> int:
    """Feed good lines through ``run`` in batches; 1 if any line was bad, else 0."""
    bad = False

    def good() -> Iterator[_Line]:
        nonlocal bad
        for item in _lines(file):
            if isinstance(item, InvalidInput):
                bad = True
                click.echo(f"triage: {item}", err=True)
            else:
                yield item

    lines = good()
    with written(output) as stream:
        for rows in run(iter(lambda: list(islice(lines, _BATCH)), [])):
            stream.writelines(msgspec.json.encode(row) + b"\n" for row in rows)
    return int(bad)


def _lines(file: Path) -> Iterator[_Line | InvalidInput]:
    decoder = msgspec.json.Decoder(_Line)
    for number, raw in enumerate(read_lines(file), start=1):
        if not raw.strip():
            continue
        try:
            yield _checked(decoder.decode(raw), number)
        except InvalidInput as error:
            yield error
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            yield bad_line(error, raw, number)


def _checked(line: _Line, number: int) -> _Line:
    """The line as it was given, if every field of it would be taken in."""
    check_identifier(line.id, "id", number)
    check_text(line.text, line=number)
    check_language(line.lang, line=number)
    if line.in_reply_to:
        check_text(line.in_reply_to, field="in_reply_to", line=number)
    return line
