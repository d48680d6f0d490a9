"""Rules of the filtered stream: which posts one is about. The operators that the stand-in knows are below."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import regex

from tests.xsim.world import Post, User

Test = Callable[[Post], bool]
_END: Final = "\n"

_TOKEN: Final = regex.compile(r'\s*(?:(-?"[^"]*")|([()])|(-?\([^()]*\))|([^\s()]+))')


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule with its id and the tag that its owner gave it."""

    id: int
    value: str
    tag: str | None
    matches: Test

    def body(self) -> dict[str, str]:
        return {"id": str(self.id), "value": self.value} | ({"tag": self.tag} if self.tag else {})

    def named(self, *, tagged: bool = True) -> dict[str, str]:
        return {"id": str(self.id)} | ({"tag": self.tag} if self.tag and tagged else {})


def parse(value: str) -> Test:
    """What a rule says: terms side by side are all wanted, ``OR`` is weaker, brackets group, ``-`` negates.

    Terms are words, "phrases", ``@name``, ``from:``, ``to:``, ``conversation_id:``, ``lang:``, ``is:reply``,
    ``is:quote``, ``is:retweet`` and ``has:mentions``, ``has:links``; raises ValueError for anything else with a colon.
    """
    tokens = [next(filter(None, match.groups())) for match in _TOKEN.finditer(value)]
    if not tokens:
        raise ValueError("a rule must say something")
    left = iter([*tokens, _END])
    test = _either(left, _END)
    if next(left, None) is not None:
        raise ValueError("a bracket is closed that was not opened")
    return test


def _either(tokens: Iterator[str], closing: str) -> Test:
    """Reads up to the bracket that closes, or the end."""
    ways: list[list[Test]] = [[]]
    for token in tokens:
        if token == closing:
            break
        if token in (")", _END):
            raise ValueError("brackets do not match")
        if token == "OR":
            ways.append([])
        elif token == "(":
            ways[-1].append(_either(tokens, ")"))
        elif token.startswith("-("):
            ways[-1].append(_not(parse(token[2:-1])))
        else:
            ways[-1].append(_term(token))
    if not all(ways):
        raise ValueError("a term is missing")
    return lambda post: any(all(test(post) for test in way) for way in ways)


def _not(test: Test) -> Test:
    return lambda post: not test(post)


def _term(token: str) -> Test:
    if token.startswith("-"):
        return _not(_term(token[1:]))
    operator, colon, value = token.partition(":")
    if token.startswith("@"):
        return lambda post: _is_one_of(token[1:], post.mentioned)
    if (colon and operator == "is") or operator == "has":
        if value not in _KINDS:
            raise ValueError(f"{token} is not known here")
        return _KINDS[value]
    if colon:
        if operator not in _OPERATORS:
            raise ValueError(f"{operator}: is not known here")
        test = _OPERATORS[operator]
        return lambda post: test(post, value)
    word = token.strip('"').lower()
    pattern = regex.compile(rf"(?<!\w){regex.escape(word)}(?!\w)")
    return lambda post: bool(pattern.search(post.raw.lower()))


def _is_one_of(name: str, users: tuple[User | None, ...]) -> bool:
    return any(user and user.username.lower() == name.lower() for user in users)


_KINDS: Final[Mapping[str, Test]] = {
    "reply": lambda post: post.parent is not None,
    "quote": lambda post: post.quoted is not None,
    "retweet": lambda post: False,
    "mentions": lambda post: bool(post.mentioned),
    "links": lambda post: bool(post.wording.links),
}
_OPERATORS: Final[Mapping[str, Callable[[Post, str], bool]]] = {
    "from": lambda post, value: value.lower().lstrip("@") in (post.author.username.lower(), str(post.author.id)),
    "to": lambda post, value: post.parent is not None and post.parent.author.username.lower() == value.lower(),
    "conversation_id": lambda post, value: str(post.conversation_id) == value,
    "lang": lambda post, value: post.lang == value,
}
