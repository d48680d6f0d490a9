"""The knowledge base: a folder of Markdown files, one snippet each, checked whole before anything uses it.

A snippet file is front matter and a body::

    ---
    id: cabin-bag-size
    title: Size of the free cabin bag
    questions:
      - How big can my cabin bag be?
    link: https://help.example/cabin-bags   # optional
    valid_until: 2026-12-31                 # optional, last day; also spelled valid-until
    version: 2
    ---
    One free bag of up to 40 x 30 x 20 cm goes under the seat in front of you.
    ***
    You can bring one bag free of charge: 40 x 30 x 20 cm, under the seat.

Phrasings of the answer are parted by lines of ``***``. An ``answer`` key may stand in for the body. Beside
the snippets a file ``no-answer.txt`` may list messages, one a line, that no snippet answers although they
sound like it; the matcher learns to stay silent on their like.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import frontmatter
import yaml

from triage.domain.scores import Intent
from triage.errors import InvalidInput, KnowledgeBaseError
from triage.text.accept import check_text

NO_ANSWER_FILE: Final = "no-answer.txt"
_README: Final = "readme.md"
_FIELDS: Final = ("id", "title", "intent", "questions", "answer", "link", "valid_until", "version")
_PHRASING_BREAK = re.compile(r"^[ \t]*\*\*\*[ \t]*$", re.MULTILINE)
_LINK = re.compile(r"https?://\S+", re.IGNORECASE)
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True, slots=True)
class Snippet:
    """One answer, the questions it answers, and until when. ``valid_until`` is its last valid day."""

    id: str
    title: str
    questions: tuple[str, ...]
    phrasings: tuple[str, ...]
    version: int = 1
    intent: Intent | None = None
    link: str | None = None
    valid_until: date | None = None

    def expired(self, today: date) -> bool:
        return self.valid_until is not None and self.valid_until < today


@dataclass(frozen=True, slots=True)
class KnowledgeBase:
    """All snippets of a folder, ordered by id, as of ``today``.

    ``digest`` is a SHA-256 over everything that bears on matching and answering, in a form that does
    not depend on file names, order of files or white space around front matter.
    """

    snippets: tuple[Snippet, ...]
    today: date
    no_answer: tuple[str, ...] = ()
    digest: str = ""

    @property
    def expired(self) -> tuple[Snippet, ...]:
        """Snippets that are past their last valid day, and so are never matched."""
        return tuple(snippet for snippet in self.snippets if snippet.expired(self.today))


def load(folder: Path, today: date) -> KnowledgeBase:
    """Read every ``*.md`` file under ``folder`` (but a ``README.md``).

    Raises:
        KnowledgeBaseError: the folder does not exist or holds no snippet, or a file is broken; the message
            names file and field.
    """
    if not folder.is_dir():
        raise KnowledgeBaseError(f"{folder} is not a folder; a knowledge base is a folder of Markdown files")
    files: dict[str, Path] = {}
    snippets = []
    for path in sorted(folder.rglob("*.md")):
        if path.name.lower() == _README:
            continue
        snippet = read_snippet(path)
        if (other := files.setdefault(snippet.id, path)) is not path:
            raise KnowledgeBaseError(f"{path}, id: {snippet.id!r} is the id of {other} already")
        snippets.append(snippet)
    if not snippets:
        raise KnowledgeBaseError(f"{folder} holds no snippet; a knowledge base has at least one Markdown file")
    snippets.sort(key=lambda snippet: snippet.id)
    no_answer = _read_no_answer(folder / NO_ANSWER_FILE)
    return KnowledgeBase(tuple(snippets), today, no_answer, digest(snippets, no_answer))


def read_snippet(path: Path) -> Snippet:
    """Read one snippet file.

    Raises:
        KnowledgeBaseError: see :func:`load`.
    """
    try:
        post = frontmatter.loads(_read(path))
    except yaml.YAMLError as error:
        raise KnowledgeBaseError(f"{path}, front matter: is not YAML ({_one_line(error)})") from None
    except ValueError as error:  # what the YAML reader raises for 2026-02-31; no other field may hold a date
        raise KnowledgeBaseError(f"{path}, valid_until: is not a date ({error})") from None
    fields = _Fields(path, post.metadata)
    return Snippet(
        id=fields.identifier(),
        title=fields.text("title", default=""),
        questions=fields.questions(),
        phrasings=fields.phrasings(post.content),
        version=fields.version(),
        intent=fields.intent(),
        link=fields.link(),
        valid_until=fields.valid_until(),
    )


def digest(snippets: Sequence[Snippet], no_answer: Sequence[str] = ()) -> str:
    """SHA-256 (hexadecimal) of a knowledge base's content."""
    rows = [
        [
            s.id,
            s.title,
            s.questions,
            s.phrasings,
            s.version,
            s.intent,
            s.link,
            s.valid_until and s.valid_until.isoformat(),
        ]
        for s in sorted(snippets, key=lambda snippet: snippet.id)
    ]
    content = json.dumps([rows, list(no_answer)], ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(content.encode()).hexdigest()


class _Fields:
    """The front matter of one file; each method checks one field and names it when it is wrong."""

    def __init__(self, path: Path, raw: Mapping[str, Any]) -> None:
        self._path = path
        self._raw: dict[str, Any] = {}
        for key, value in raw.items():
            name = str(key).replace("-", "_")
            if name in self._raw:
                raise self._wrong(name, "is given twice")
            if name not in _FIELDS and (meant := difflib.get_close_matches(name, _FIELDS, n=1, cutoff=0.8)):
                # A misspelt valid_until would keep an outdated answer alive, so near misses are refused.
                raise self._wrong(str(key), f"is not a field; is {meant[0]!r} meant?")
            self._raw[name] = value

    def identifier(self) -> str:
        value = self.text("id")
        if not _ID.fullmatch(value):
            raise self._wrong("id", f"{value!r} may hold letters, digits, '.', '_' and '-' only, at most 100")
        return value

    def text(self, field: str, default: str | None = None) -> str:
        value = self._raw.get(field)
        if value is None and default is not None:
            return default
        if value is None:
            raise self._wrong(field, "is missing")
        return self._checked(field, value)

    def questions(self) -> tuple[str, ...]:
        value = self._raw.get("questions")
        if value is None or value == []:
            raise self._wrong("questions", "are missing; a snippet needs at least one")
        if not isinstance(value, list):
            raise self._wrong("questions", f"must be a list, not {_kind(value)}")
        return tuple(self._checked(f"questions[{number}]", item) for number, item in enumerate(value, start=1))

    def phrasings(self, body: str) -> tuple[str, ...]:
        given = self._raw.get("answer")
        if given is None:
            parts: list[Any] = _PHRASING_BREAK.split(body)
        elif body.strip():
            raise self._wrong("answer", "stands in the front matter and in the body; keep one")
        else:
            parts = given if isinstance(given, list) else [given]
        texts = [self._checked("answer", part, blank="is empty") for part in parts]
        if not texts:
            raise self._wrong("answer", "is empty")
        if len(set(texts)) != len(texts):
            raise self._wrong("answer", "has the same phrasing twice")
        return tuple(texts)

    def version(self) -> int:
        value = self._raw.get("version", 1)
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise self._wrong("version", f"must be a whole number from 1, not {value!r}")
        return value

    def intent(self) -> Intent | None:
        if self._raw.get("intent") is None:
            return None
        value = self.text("intent")
        try:
            return Intent(value)
        except ValueError:
            raise self._wrong("intent", f"{value!r} is not one of {', '.join(Intent)}") from None

    def link(self) -> str | None:
        if self._raw.get("link") is None:
            return None
        value = self.text("link")
        if not _LINK.fullmatch(value):
            raise self._wrong("link", f"{value!r} must start with http:// or https:// and hold no space")
        return value

    def valid_until(self) -> date | None:
        value = self._raw.get("valid_until")
        if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
            return value
        try:
            return date.fromisoformat(value if isinstance(value, str) else "")
        except ValueError:
            raise self._wrong("valid_until", f"{value!r} is not a date such as 2026-12-31") from None

    def _checked(self, field: str, value: Any, blank: str = "is empty") -> str:
        if value is None:
            raise self._wrong(field, blank)
        if not isinstance(value, str):
            raise self._wrong(field, f"must be text, not {_kind(value)}; put it in quotes")
        try:
            return check_text(value.strip(), field=field)
        except InvalidInput as error:
            raise self._wrong(field, error.reason) from None

    def _wrong(self, field: str, problem: str) -> KnowledgeBaseError:
        return KnowledgeBaseError(f"{self._path}, {field}: {problem}")


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise KnowledgeBaseError(f"{path}: is not UTF-8 (byte {error.start})") from None
    except OSError as error:
        raise KnowledgeBaseError(f"{path}: cannot be read ({error.strerror})") from None


def _read_no_answer(path: Path) -> tuple[str, ...]:
    """Messages that have no answer; blank lines and lines that start with ``#`` and a space are skipped."""
    if not path.exists():
        return ()
    lines = (line.strip() for line in _read(path).splitlines())
    return tuple(dict.fromkeys(line for line in lines if line and not line.startswith("# ")))


def _kind(value: Any) -> str:
    names = {dict: "a mapping (is there a colon in it?)", list: "a list", bool: "yes or no", str: "text"}
    return names.get(type(value), type(value).__name__)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
