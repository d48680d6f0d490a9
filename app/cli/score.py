"""``triage score`` and ``triage answer``: JSON Lines in, JSON Lines out, same order."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
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
from triage.channels.lines import STANDARD_INPUT, bad_line, check_identifier, read_lines
from triage.domain.decision import Action, Mode
from triage.domain.scores import Head, Scores, Utterance
from triage.errors import InvalidInput
from triage.policy import Policy
from triage.scoring.scorer import Scorer
from triage.text.accept import check_language, check_text
from triage.text.normalise import normalise

_BATCH = 512
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
    """Answer questions from a knowledge base, or abstain. A line is {"id", "text"}."""
    read = settings.read()
    answers = SnippetAnswers.load(folder, today=datetime.now(UTC).date(), vectors=load_vectors(read))
    threshold = Policy().min_match_confidence

    def run(batches: Iterator[list[_Line]]) -> Iterator[list[Any]]:
        for lines in batches:
            yield [_answered(line, answers, threshold) for line in lines]

    sys.exit(_pipe(file, output, run))


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


def _answered(line: _Line, answers: SnippetAnswers, threshold: float) -> dict[str, Any]:
    found = answers.matches(normalise(line.text), datetime.now(UTC).date(), limit=1)
    best = found[0] if found else None
    row: dict[str, Any] = {"id": line.id, "action": "abstain", "snippet": None, "confidence": 0.0, "reply": None}
    if best is None:
        return row | {"why": "no snippet comes close"}
    row |= {"snippet": best.snippet, "confidence": round(best.confidence, 4)}
    why = f"closest to “{best.question}”, {best.confidence:.0%} sure; {threshold:.0%} is asked for"
    if best.confidence < threshold:
        return row | {"why": why}
    if best.mode is not Mode.LIVE:
        return row | {"why": f"{why}; the snippet's mode is “{best.mode}”"}
    reply = next_text(answers.texts(best.snippet, API_CHANNEL, automatic=True), str(line.id))
    return row | {"action": Action.ANSWER.value, "reply": reply, "why": why}


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
