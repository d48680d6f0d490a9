"""The knowledge base: a folder of Markdown files, one snippet each, checked whole before anything uses it.

A snippet file is front matter and a body::

    ---
    id: cabin-bag-size
    title: Size of the free cabin bag
    questions:
      - How big can my cabin bag be?
    link: https://help.example/cabin-bags   # optional
    valid_from: 2026-01-01                  # optional, first day
    valid_until: 2026-12-31                 # optional, last day; also spelled valid-until
    version: 2
    mode: live                              # or off, suggest, shadow
    accounts: [MarramAirHelp]               # optional, if it is not for all accounts of the brand
    ---
    One free bag of up to 40 x 30 x 20 cm goes under the seat in front of you.
    ***
    You can bring one bag free of charge: 40 x 30 x 20 cm, under the seat.
    ## api
    What this one channel gets instead.

Phrasings of the answer are parted by lines of ``***``. An ``answer`` key may stand in for the body. ``{phone}`` in a
phrasing or the link is filled from the brand's variables. Beside the snippets a file ``no-answer.txt`` may list
messages, one a line, that no snippet answers although they sound like it; the matcher learns to stay silent on their
like. ``learnt.jsonl`` holds what agents' choices have taught (:mod:`triage.answers.choices`).
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Final

from triage.answers.choices import FILE as LEARNT_FILE
from triage.answers.choices import Choice, lasting
from triage.answers.choices import read as read_learnt
from triage.answers.snippet import Snippet
from triage.answers.snippet_file import SnippetFile, read_snippet, read_text
from triage.brand import brand_around
from triage.errors import KnowledgeBaseError, NotFound

__all__ = ["KnowledgeBase", "Reading", "Snippet", "digest", "load", "read_folder"]

NO_ANSWER_FILE: Final = "no-answer.txt"
_README: Final = "readme.md"


@dataclass(frozen=True, slots=True)
class KnowledgeBase:
    """All snippets of a folder, ordered by id, as of ``today``.

    ``digest`` is a SHA-256 over everything that bears on which answer is found and how it is worded, in a form
    that does not depend on file names, order of files or white space around front matter. When a snippet is valid,
    and its mode, say whether it is sent: they are not part of it.
    """

    snippets: tuple[Snippet, ...]
    today: date
    no_answer: tuple[str, ...] = ()
    digest: str = ""

    @property
    def expired(self) -> tuple[Snippet, ...]:
        """Snippets that are past their last valid day, and so are never matched."""
        return tuple(snippet for snippet in self.snippets if snippet.expired(self.today))

    def taught(self, choices: Iterable[Choice]) -> KnowledgeBase:
        """What knows the chosen messages too; a matcher made of it answers their like more surely.

        Choices are in order of time; see :func:`triage.answers.choices.lasting` for which of them count. The digest
        changes with what is learnt.

        Raises:
            NotFound: a choice names a snippet that there is not.
        """
        learnt: dict[str | None, list[str]] = defaultdict(list)
        for choice in lasting(choices):
            learnt[choice.snippet].append(choice.text)
        if unknown := sorted(filter(None, learnt.keys() - {snippet.id for snippet in self.snippets})):
            raise NotFound(f"the knowledge base has no snippet {unknown[0]!r}")
        snippets = tuple(snippet.asked_also(learnt[snippet.id]) for snippet in self.snippets)
        no_answer = tuple(dict.fromkeys([*self.no_answer, *learnt[None]]))
        return replace(self, snippets=snippets, no_answer=no_answer, digest=digest(snippets, no_answer))

    @property
    def accounts(self) -> tuple[str, ...]:
        """The accounts that any snippet is for alone, sorted."""
        return tuple(sorted({account for snippet in self.snippets for account in snippet.accounts}))

    def of(self, account: str | None) -> KnowledgeBase:
        """What is known to one account, or to messages that name none of them."""
        return replace(self, snippets=tuple(snippet for snippet in self.snippets if snippet.is_for(account)))


@dataclass(frozen=True, slots=True)
class Reading:
    """What is in a folder: the files that are snippets, by id, and what is wrong with the others."""

    files: tuple[SnippetFile, ...]
    problems: tuple[KnowledgeBaseError, ...]
    no_answer: tuple[str, ...]
    learnt: tuple[Choice, ...] = ()

    def knowledge_base(self, today: date) -> KnowledgeBase:
        """The readable snippets, with what was learnt about them."""
        snippets = tuple(file.snippet for file in self.files)
        known = KnowledgeBase(snippets, today, self.no_answer, digest(snippets, self.no_answer))
        return known.taught(self.learnt) if self.learnt else known


def load(folder: Path, today: date, variables: Mapping[str, str] | None = None) -> KnowledgeBase:
    """Read every ``*.md`` file under ``folder`` (but a ``README.md``).

    ``variables`` are, unless they are given, those of the brand whose folder this one is in.

    Raises:
        ConfigurationError: that brand's settings are broken.
        KnowledgeBaseError: the folder does not exist or holds no snippet, or a file is broken; the message
            names file, line and field.
    """
    reading = read_folder(folder, variables)
    if reading.problems:
        raise reading.problems[0]
    return reading.knowledge_base(today)


def read_folder(folder: Path, variables: Mapping[str, str] | None = None) -> Reading:
    """Read all that can be read; see :func:`load`.

    Raises:
        ConfigurationError, KnowledgeBaseError: as :func:`load`, but a broken file is no error here.
    """
    if not folder.is_dir():
        raise KnowledgeBaseError(f"{folder} is not a folder; a knowledge base is a folder of Markdown files")
    if variables is None:
        brand = brand_around(folder)
        variables = brand.variables if brand else {}
    files: dict[str, SnippetFile] = {}
    problems = []
    for path in sorted(folder.rglob("*.md")):
        if path.name.lower() == _README:
            continue
        try:
            file = read_snippet(path, variables)
            if (other := files.setdefault(file.snippet.id, file)) is not file:
                problem = f"{file.snippet.id!r} is the id of {other.path} already"
                raise KnowledgeBaseError(problem, path=path, line=file.lines["id"], field="id")
        except KnowledgeBaseError as error:
            problems.append(error)
    if not files and not problems:
        raise KnowledgeBaseError(f"{folder} holds no snippet; a knowledge base has at least one Markdown file")
    ordered = tuple(files[name] for name in sorted(files))
    learnt: list[Choice] = []
    try:
        for line, choice in enumerate(read_learnt(folder), start=1):
            learnt.append(_of_a_snippet(choice, files, folder / LEARNT_FILE, line))
    except KnowledgeBaseError as error:
        problems.append(error)
    return Reading(ordered, tuple(problems), _read_no_answer(folder / NO_ANSWER_FILE), tuple(learnt))


def _of_a_snippet(choice: Choice, files: Mapping[str, SnippetFile], path: Path, line: int) -> Choice:
    if choice.snippet is not None and choice.snippet not in files:
        problem = f"there is no snippet {choice.snippet!r}; strike the line out, or run triage kb learn again"
        raise KnowledgeBaseError(problem, path=path, line=line, field="snippet")
    return choice


def digest(snippets: Sequence[Snippet], no_answer: Sequence[str] = ()) -> str:
    """SHA-256 (hexadecimal) of a knowledge base's content; see :class:`KnowledgeBase`."""
    rows = [
        [
            s.id,
            s.title,
            s.questions,
            s.phrasings,
            sorted((own.channel, own.phrasings) for own in s.by_channel),
            s.version,
            s.intent,
            s.link,
            s.accounts,
        ]
        for s in sorted(snippets, key=lambda snippet: snippet.id)
    ]
    content = json.dumps([rows, list(no_answer)], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(content.encode()).hexdigest()


def _read_no_answer(path: Path) -> tuple[str, ...]:
    """Messages that have no answer; blank lines and lines that start with ``#`` and a space are skipped."""
    if not path.exists():
        return ()
    lines = (line.strip() for line in read_text(path).splitlines())
    return tuple(dict.fromkeys(line for line in lines if line and not line.startswith("# ")))
