"""Soaks as rows of a table, and the page of the documents that tells of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Final

from tests.soak.x.processes import MOST_GROWTH
from tests.soak.x.record import Record, together
from tests.soak.x.weather import NAMES

_COLUMNS: Final = (
    "seed", "sources", "database", "account", "messages", "kills", "faults", "replies", "amiss", "growth", "time"
)  # fmt: skip
_MB: Final = 1 << 20
_OAUTH: Final = {True: "OAuth 2", False: "OAuth 1.0a"}


def head() -> str:
    return f"| {' | '.join(_COLUMNS)} |\n|{'---|' * len(_COLUMNS)}"


def row(soak: Record) -> str:
    kind = soak.kind
    cells = (
        kind.seed,
        kind.sources,
        kind.engine + (", shipped model" if kind.shipped else ""),
        _OAUTH[kind.oauth2],
        f"{soak.written:,}",
        soak.kills,
        f"{soak.faults:,}",
        soak.more.get("posted", 0) + soak.more.get("private replies", 0),
        len(soak.amiss),
        ", ".join(f"{size.memory / _MB:+.1f}" for size in soak.growth) or "?",
        f"{soak.seconds:.0f} s",
    )
    return f"| {' | '.join(map(str, cells))} |"


def page(soaks: Sequence[Record]) -> str:
    """All there is to tell of these soaks."""
    happened = together(soaks)
    faults = [f"| `{name}` | {happened[name]:,} |" for name in NAMES]
    else_ = [f"| {name} | {times:,} |" for name, times in sorted(happened.items()) if name not in NAMES]
    parts = [
        _TOP,
        f"## What was run\n\n{_in_words(soaks)}",
        _CHECKED.format(limit=MOST_GROWTH.memory // _MB),
        "## What happened\n\n| fault of X | times |\n|---|---|\n" + "\n".join(faults),
        "| beside them | times |\n|---|---|\n" + "\n".join(else_),
        _MEMORY,
        f"## Each soak\n\n{_LEGEND}\n\n{head()}\n" + "\n".join(map(row, soaks)),
    ]
    return "\n\n".join(parts) + "\n"


def _in_words(soaks: Sequence[Record]) -> str:
    sets = [_set(messages, list(found)) for messages, found in groupby(soaks, lambda one: one.kind.messages)]
    amiss = sum(len(soak.amiss) for soak in soaks)
    killed = sum(soak.kills for soak in soaks)
    return "\n".join(
        [
            *sets,
            f"- Together {sum(soak.written for soak in soaks):,} messages, {killed:,} processes killed, "
            f"{sum(soak.faults for soak in soaks):,} faults of X: **{amiss or 'nothing'} amiss**.",
        ]
    )


def _set(messages: int, soaks: Sequence[Record]) -> str:
    seeds = _ranges(soak.kind.seed for soak in soaks)
    many = f"{len(soaks)} soaks of {messages:,} messages each" if len(soaks) > 1 else f"A soak of {messages:,} messages"
    return f"- {many}, and a few more; seeds: {seeds}."


def _ranges(seeds: Iterable[int]) -> str:
    """As people write them: 0 to 9, 12."""
    runs: list[list[int]] = []
    for seed in sorted(seeds):
        if runs and runs[-1][1] == seed - 1:
            runs[-1][1] = seed
        else:
            runs.append([seed, seed])
    return ", ".join(str(first) if first == last else f"{first} to {last}" for first, last in runs)


_TOP: Final = """# The connection to X, soaked

A soak is some minutes of everything going wrong at once. The [stand-in for X](adr/0020-x-stand-in.md) runs on a clock
sixty times as fast. Two processes of the product work on one database; they are killed with SIGKILL at random and
started again, one at a time or both. People write, edit, delete and write in private, agents answer at the API, and the
brand's people answer elsewhere. A few faults of X are switched on at any time and change every few seconds; each has
its turn. The sending is paused and resumed. Where the database is PostgreSQL, its server is killed too; where the
account is OAuth 2, tokens end and are renewed. Then the faults end, hours and a day pass, and what became of everything
is compared with what X has.

Written by `python -m tests.soak.x --write`. `make soak` runs fifty seeds of 20,000 messages, the checks of each change
five smaller ones. A seed decides what happens, but not when exactly: that is up to the machine."""

_CHECKED: Final = """## What was checked

- No mention and no private message is lost, none is stored twice, and each is decided.
- Texts are as their authors left them, and those that were deleted are gone.
- Each reply that is called sent is on X once, below the right post, with the right words. Nothing is on X that the
  product does not know of. No message was answered twice by the service, and it wrote to nobody in private.
- Every reply has come to an end.
- While the sending was paused nothing left.
- No limit of X was exceeded, and nobody called before the time that X had named.
- Memory, open files and threads stay flat. A process may have at most {limit} MB more at the end than after warming up
  ([what grows](#memory)).
- Everything below happened at least once. A set of soaks fails if a fault that could have struck never did."""

_LEGEND: Final = """*Replies* are those that are on X in the end, private ones among them; *amiss* counts what was found
to be wrong; *growth* is that of the two processes' memory in MB, from the second to the last quarter of the time after
the last kill."""

_MEMORY: Final = """## Memory

With SQLite each connection keeps up to 64 MB of the file's pages. Such a cache grows with the database until it is
full, and a process has a connection for each thread that is busy with the database: with API, worker and listener some
ten. So a process may take as much more memory as the database is large, for each connection, and operators should allow
for that. On PostgreSQL the server keeps the pages.

To see what else grows, the processes of a soak keep 0.5 MB for each connection; what they grew by is in the table
below."""
