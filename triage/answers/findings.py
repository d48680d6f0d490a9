"""What a look through a knowledge base finds before customers do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final

from triage.answers import contradictions
from triage.answers.compose import word
from triage.answers.knowledge_base import Reading
from triage.answers.rivals import Rivals, rivals
from triage.answers.similarity import SentenceVectors
from triage.answers.snippet_file import SnippetFile
from triage.errors import GuardBlocked
from triage.text.length import MAX_WEIGHT, fits, weighted_length

#: X refuses a repeated text, so an answer should have at least so many wordings.
FEWEST_WORDINGS: Final = 3
#: Answers are compared from this likeness of two questions; 1 is equal. Settled on the demo brand.
_SAME_QUESTION: Final = 0.45


class Kind(StrEnum):
    BROKEN = "broken"  # the file cannot be read as a snippet
    TOO_LONG = "too_long"  # over X's limit, or with a character that X refuses
    BLOCKED = "blocked"  # the privacy guard would stop it
    EXPIRED = "expired"
    ENDS_SOON = "ends_soon"
    FEW_WORDINGS = "few_wordings"
    UNKNOWN_CHANNEL = "unknown_channel"
    UNKNOWN_ACCOUNT = "unknown_account"  # it is for an account that the brand does not have
    COMPETE = "compete"  # a message may well go to the wrong one of two
    CONTRADICT = "contradict"  # two answers seem to say different things


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to look at: where it is, which snippets it concerns, and a sentence for people."""

    kind: Kind
    path: Path | None
    line: int | None
    snippets: tuple[str, ...]
    text: str

    def __str__(self) -> str:
        place = f"{self.path}{f', line {self.line}' if self.line else ''}: " if self.path else ""
        return f"{place}{self.kind}: {self.text}"


@dataclass(frozen=True, slots=True)
class Terms:
    """What a knowledge base is looked through with.

    ``accounts`` are the brand's, in small letters; ``guard`` raises :class:`GuardBlocked` for a text that may not be
    said in public; snippets that end within ``soon`` of ``today`` are found; without
    ``vectors`` only words and characters of questions are compared.
    """

    today: date
    soon: timedelta
    signature: str
    channels: frozenset[str]
    accounts: frozenset[str]
    guard: Callable[[str], None]
    vectors: SentenceVectors | None = None


def look_through(reading: Reading, terms: Terms) -> list[Finding]:
    """All findings, in order of file and line; those of two snippets are at the first one's."""
    found = [Finding(Kind.BROKEN, one.path, one.line, (), _of_field(one.field, one.reason)) for one in reading.problems]
    for file in reading.files:
        found += [*_accounts(file, terms), *_days(file, terms), *_wordings(file), *_texts(file, terms), *_within(file)]
    found += _pairs(reading.files, terms)
    return sorted(found, key=lambda one: (str(one.path), one.line or 0))


def _of_field(field: str | None, reason: str) -> str:
    return f"{field}: {reason}" if field else reason


def _of(file: SnippetFile, kind: Kind, line: int | None, text: str, *others: str) -> Finding:
    return Finding(kind, file.path, line, (file.snippet.id, *others), text)


def _accounts(file: SnippetFile, terms: Terms) -> Iterator[Finding]:
    for account in file.snippet.accounts:
        if account not in terms.accounts:
            known = ", ".join(sorted(terms.accounts))
            text = f"it is for {account!r}, which is none of the brand's accounts ({known}); it is never sent there"
            yield _of(file, Kind.UNKNOWN_ACCOUNT, file.lines.get("accounts"), text)


def _days(file: SnippetFile, terms: Terms) -> Iterator[Finding]:
    last, line = file.snippet.valid_until, file.lines.get("valid_until")
    if last is None:
        return
    if file.snippet.expired(terms.today):
        yield _of(file, Kind.EXPIRED, line, f"{last} was its last day; it is neither sent nor suggested")
    elif last - terms.today <= terms.soon:
        yield _of(file, Kind.ENDS_SOON, line, f"{last} is its last day, in {(last - terms.today).days} days")


def _wordings(file: SnippetFile) -> Iterator[Finding]:
    for channel in dict.fromkeys(passage.channel for passage in file.passages):
        of_one = [passage for passage in file.passages if passage.channel == channel]
        if len(of_one) < FEWEST_WORDINGS:
            where = f" for {channel}" if channel else ""
            text = f"has {len(of_one)} of at least {FEWEST_WORDINGS} wordings{where}; X refuses a text that it has seen"
            yield _of(file, Kind.FEW_WORDINGS, of_one[0].line, text)


def _texts(file: SnippetFile, terms: Terms) -> Iterator[Finding]:
    for passage in file.passages:
        text = word(file.snippet, passage.text, terms.signature)
        if (weight := weighted_length(text)) > MAX_WEIGHT:
            said = f"is {weight} characters long as X counts, with link and signature; at most {MAX_WEIGHT} fit"
            yield _of(file, Kind.TOO_LONG, passage.line, said)
        elif not fits(text):
            yield _of(file, Kind.TOO_LONG, passage.line, "has a character that X refuses")
        try:
            terms.guard(text)
        except GuardBlocked as blocked:
            yield _of(file, Kind.BLOCKED, passage.line, str(blocked))
        if passage.channel and passage.channel not in terms.channels:
            known = ", ".join(sorted(terms.channels))
            yield _of(file, Kind.UNKNOWN_CHANNEL, passage.line, f"{passage.channel!r} is not one of {known}")


def _within(file: SnippetFile) -> Iterator[Finding]:
    if found := contradictions.within(file.snippet):
        line = _line(file, found.other)
        said = f"two wordings differ in {found.about}: “{found.one}” and “{found.other}”"
        yield _of(file, Kind.CONTRADICT, line, said)


def _line(file: SnippetFile, text: str) -> int | None:
    return next((passage.line for passage in file.passages if text in passage.text), None)


def _pairs(files: tuple[SnippetFile, ...], terms: Terms) -> Iterator[Finding]:
    snippets = [file.snippet for file in files]
    for pair in rivals(snippets, terms.vectors, _SAME_QUESTION) if len(files) > 1 else ():
        file, other = files[pair.first], files[pair.second]
        if not file.snippet.shares_an_account_with(other.snippet):
            continue
        if pair.compete:
            line = file.lines.get(f"questions[{snippets[pair.first].questions.index(pair.first_question) + 1}]")
            yield _of(file, Kind.COMPETE, line, _competing(pair, other), other.snippet.id)
        if found := contradictions.between(file.snippet, other.snippet):
            said = f"differs from {other.snippet.id!r} in {found.about}: “{found.one}” and “{found.other}”"
            yield _of(file, Kind.CONTRADICT, _line(file, found.one), said, other.snippet.id)


def _competing(pair: Rivals, other: SnippetFile) -> str:
    return (
        f"“{pair.first_question}” is as near to “{pair.second_question}” of {other.snippet.id!r} ({pair.alike:.2f}) "
        f"as to questions of its own snippet ({pair.own:.2f}); word one of the two differently"
    )


def kinds(findings: Iterable[Finding]) -> dict[Kind, int]:
    """How many there are of each kind that there is."""
    counted = dict.fromkeys(Kind, 0)
    for finding in findings:
        counted[finding.kind] += 1
    return {kind: count for kind, count in counted.items() if count}
