"""Reading one snippet from its Markdown file. Whatever is wrong with it is said with file, line and field."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import frontmatter
import yaml
from frontmatter.default_handlers import SafeLoader  # the one that reads the values, too

from triage.answers.snippet import ChannelTexts, Snippet
from triage.domain.decision import Mode
from triage.domain.scores import Intent
from triage.errors import InvalidInput, KnowledgeBaseError
from triage.text.accept import check_text

_TEXTS: Final = ("id", "title", "questions", "answer", "link")
_FIELDS: Final = (*_TEXTS, "intent", "valid_from", "valid_until", "version", "mode", "accounts")
_BOUNDARY: Final = re.compile(r"^-{3,}[ \t]*$", re.MULTILINE)
_PHRASING_BREAK: Final = re.compile(r"[ \t]*\*\*\*[ \t]*")
_CHANNEL: Final = re.compile(r"##[ \t]+([a-z][a-z0-9_-]{0,31})[ \t]*")
_LINK: Final = re.compile(r"https?://\S+", re.IGNORECASE)
_HANDLE: Final = re.compile(r"@?\w{1,20}", re.ASCII)
_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
#: Doubled braces are something else: what other tools fill in later.
_VARIABLE: Final = re.compile(r"(?<!\{)\{([a-z][a-z0-9_]*)\}(?!\})")


@dataclass(frozen=True, slots=True)
class Passage:
    """One phrasing, the channel it is for (``""``: any), and the line it begins on."""

    channel: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class SnippetFile:
    """A snippet and where it is from: ``lines`` has the line of each field of the front matter."""

    path: Path
    snippet: Snippet
    lines: Mapping[str, int]
    passages: tuple[Passage, ...]


def read_snippet(path: Path, variables: Mapping[str, str]) -> SnippetFile:
    """Read one snippet file; ``{name}`` in its phrasings and its link is filled from ``variables``.

    Raises:
        KnowledgeBaseError: it is broken, or names an unknown variable; the message names file, line and field.
    """
    text = read_text(path)
    lines = _lines_of_fields(path, text)
    try:
        post = frontmatter.loads(text)
    except ValueError as error:  # what the YAML reader raises for 2026-02-31
        days = " or ".join(field for field in ("valid_from", "valid_until") if field in lines)
        raise KnowledgeBaseError(f"is not a date ({error})", path=path, field=days) from None
    fields = _Fields(path, post.metadata, lines, variables)
    identifier = fields.identifier()
    passages = fields.passages(text[_body_start(text) :], _line_at(text, _body_start(text)))
    general, own = _by_channel(passages)
    snippet = Snippet(
        id=identifier,
        title=fields.text("title", default=""),
        questions=fields.questions(),
        phrasings=general,
        version=fields.version(),
        intent=fields.intent(),
        link=fields.link(),
        valid_until=fields.day("valid_until"),
        valid_from=fields.day("valid_from"),
        mode=fields.mode(),
        by_channel=own,
        accounts=fields.accounts(),
    )
    fields.check_order_of_days(snippet)
    return SnippetFile(path, snippet, lines, passages)


def read_text(path: Path) -> str:
    """The text of a file of the knowledge base.

    Raises:
        KnowledgeBaseError: it is not UTF-8, or cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise KnowledgeBaseError(f"is not UTF-8 (byte {error.start})", path=path) from None
    except OSError as error:
        raise KnowledgeBaseError(f"cannot be read ({error.strerror})", path=path) from None


def _line_at(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def _front_matter(text: str) -> tuple[int, int] | None:
    """Where the front matter begins and ends, if the text has one."""
    found = list(_BOUNDARY.finditer(text))[:2]
    if len(found) < 2 or text[: found[0].start()].strip():
        return None
    return found[0].end() + 1, found[1].start()


def _body_start(text: str) -> int:
    span = _front_matter(text)
    if span is None:
        return 0
    end = text.find("\n", span[1])
    return len(text) if end < 0 else end + 1


def _lines_of_fields(path: Path, text: str) -> dict[str, int]:
    """The line of every key of the front matter, and of every question as ``questions[1]`` and on."""
    span = _front_matter(text)
    if span is None:
        return {}
    first = _line_at(text, span[0])
    try:
        root = yaml.compose(text[span[0] : span[1]], Loader=SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        at = first + mark.line if mark else None
        problem = getattr(error, "problem", None) or " ".join(str(error).split())
        raise KnowledgeBaseError(f"is not YAML ({problem})", path=path, line=at, field="front matter") from None
    lines: dict[str, int] = {}
    for key, value in root.value if isinstance(root, yaml.MappingNode) else ():
        name, line = str(key.value).replace("-", "_"), first + key.start_mark.line
        if name in lines:
            raise KnowledgeBaseError("is given twice", path=path, line=line, field=name)
        lines[name] = line
        if isinstance(value, yaml.SequenceNode):
            items = enumerate(value.value, start=1)
            lines |= {f"{name}[{number}]": first + item.start_mark.line for number, item in items}
    return lines


def _by_channel(passages: tuple[Passage, ...]) -> tuple[tuple[str, ...], tuple[ChannelTexts, ...]]:
    texts: dict[str, list[str]] = {"": []}
    for passage in passages:
        texts.setdefault(passage.channel, []).append(passage.text)
    general = tuple(texts.pop(""))
    return general, tuple(ChannelTexts(channel, tuple(of_one)) for channel, of_one in texts.items())


def _parts(body: str, first_line: int) -> Iterator[Passage]:
    """What the break lines and the channels' headings leave, blank or not."""
    channel, start, taken = "", first_line, list[str]()
    for number, line in enumerate(body.split("\n"), start=first_line):
        heading = _CHANNEL.fullmatch(line)
        if heading is None and not _PHRASING_BREAK.fullmatch(line):
            taken.append(line)
            continue
        yield _part(channel, start, taken)
        channel, start, taken = heading[1] if heading else channel, number + 1, []
    yield _part(channel, start, taken)


def _part(channel: str, start: int, lines: list[str]) -> Passage:
    blank = next((number for number, line in enumerate(lines) if line.strip()), 0)
    return Passage(channel, start + blank, "\n".join(lines).strip())


class _Fields:
    """The front matter of one file; each method checks one field and names it when it is wrong."""

    def __init__(
        self, path: Path, raw: Mapping[str, Any], lines: Mapping[str, int], variables: Mapping[str, str]
    ) -> None:
        self._path = path
        self._lines = lines
        self._variables = variables
        self._raw: dict[str, Any] = {}
        for key, value in raw.items():
            name = str(key).replace("-", "_")
            if name not in _FIELDS and (meant := difflib.get_close_matches(name, _FIELDS, n=1, cutoff=0.8)):
                # A misspelt valid_until would keep an outdated answer alive, so near misses are refused.
                raise self._wrong(name, f"is not a field; is {meant[0]!r} meant?")
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

    def passages(self, body: str, first_line: int) -> tuple[Passage, ...]:
        """The phrasings, checked and filled, no two alike on one channel; at least one is for any channel."""
        found: dict[tuple[str, str], Passage] = {}
        for part in self._given_passages(body, first_line):
            text = self._filled("answer", self._checked("answer", part.text, part.line), part.line)
            passage = Passage(part.channel, part.line, text)
            if found.setdefault((part.channel, text), passage) is not passage:
                raise self._wrong("answer", "has the same phrasing twice", part.line)
        if not found:
            raise self._wrong("answer", "is empty")
        return tuple(found.values())

    def _given_passages(self, body: str, first_line: int) -> list[Passage]:
        given = self._raw.get("answer")
        if given is not None and body.strip():
            raise self._wrong("answer", "stands in the front matter and in the body; keep one")
        if given is not None:
            texts = given if isinstance(given, list) else [given]
            return [Passage("", self._lines.get("answer", 1), text) for text in texts]
        parts = list(_parts(body, first_line))
        if not parts[0].text and len(parts) > 1 and parts[1].channel:
            raise self._wrong("answer", "has texts of single channels only; the general one comes first", first_line)
        return parts

    def version(self) -> int:
        value = self._raw.get("version", 1)
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise self._wrong("version", f"must be a whole number from 1, not {value!r}")
        return value

    def intent(self) -> Intent | None:
        return Intent(self._one_of("intent", tuple(Intent))) if self._raw.get("intent") is not None else None

    def mode(self) -> Mode:
        value = self._raw.get("mode")
        if value is False:  # how YAML reads a bare off
            return Mode.OFF
        return Mode(self._one_of("mode", tuple(Mode))) if value is not None else Mode.LIVE

    def link(self) -> str | None:
        if self._raw.get("link") is None:
            return None
        value = self._filled("link", self.text("link"), self._lines.get("link", 1))
        if not _LINK.fullmatch(value):
            raise self._wrong("link", f"{value!r} must start with http:// or https:// and hold no space")
        return value

    def accounts(self) -> tuple[str, ...]:
        """Handles as they are compared: X ignores their case."""
        value = self._raw.get("accounts")
        if value is None:
            return ()
        named = value if isinstance(value, list) else [value]
        for handle in named:
            if not isinstance(handle, str) or not _HANDLE.fullmatch(handle):
                raise self._wrong("accounts", f"{handle!r} is not the handle of an account, such as MarramAir")
        return tuple(sorted({handle.removeprefix("@").casefold() for handle in named}))

    def day(self, field: str) -> date | None:
        value = self._raw.get(field)
        if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
            return value
        try:
            return date.fromisoformat(value if isinstance(value, str) else "")
        except ValueError:
            raise self._wrong(field, f"{value!r} is not a date such as 2026-12-31") from None

    def check_order_of_days(self, snippet: Snippet) -> None:
        if snippet.valid_from and snippet.valid_until and snippet.valid_from > snippet.valid_until:
            raise self._wrong("valid_from", f"{snippet.valid_from} is after valid_until, {snippet.valid_until}")

    def _one_of(self, field: str, known: tuple[str, ...]) -> str:
        value = self.text(field)
        if value not in known:
            raise self._wrong(field, f"{value!r} is not one of {', '.join(known)}")
        return value

    def _filled(self, field: str, text: str, line: int) -> str:
        for found in _VARIABLE.finditer(text):
            if found[1] not in self._variables:
                known = ", ".join(sorted(self._variables)) or "none"
                problem = f"{{{found[1]}}} is not a variable of the brand (it has: {known})"
                raise self._wrong(field, problem, line + text.count("\n", 0, found.start()))
        return _VARIABLE.sub(lambda found: self._variables[found[1]], text)

    def _checked(self, field: str, value: Any, line: int | None = None) -> str:
        if value is None:
            raise self._wrong(field, "is empty", line)
        if not isinstance(value, str):
            raise self._wrong(field, f"must be text, not {_kind(value)}; put it in quotes", line)
        try:
            return check_text(value.strip(), field=field)
        except InvalidInput as error:
            raise self._wrong(field, error.reason, line) from None

    def _wrong(self, field: str, problem: str, line: int | None = None) -> KnowledgeBaseError:
        at = line if line is not None else self._lines.get(field)
        return KnowledgeBaseError(problem, path=self._path, line=at, field=field)


def _kind(value: Any) -> str:
    names = {dict: "a mapping (is there a colon in it?)", list: "a list", bool: "yes or no", str: "text"}
    return names.get(type(value), type(value).__name__)
