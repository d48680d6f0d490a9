"""There is one way to a channel, and the guard stands in it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.doubles import product_on

ROOT = Path(__file__).parents[2]
OUTBOX = ROOT / "triage" / "service" / "outbox.py"


def calls(tree: ast.AST, name: str) -> list[ast.Call]:
    """Calls of a method of this name, in the order of the source."""
    found = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == name
    ]
    return sorted(found, key=lambda node: (node.lineno, node.col_offset))


def sources() -> Iterator[Path]:
    for top in ("triage", "app", "training"):
        yield from (ROOT / top).rglob("*.py")


def test_only_the_outbox_sends() -> None:
    senders = {path for path in sources() if calls(ast.parse(path.read_text(encoding="utf-8")), "send")}
    assert senders == {OUTBOX}


def test_only_the_ways_out_to_x_post_there_or_write_private_messages() -> None:
    x = ROOT / "triage" / "channels" / "x"
    for call, way in (("post", "outbound.py"), ("send_private", "private_outbound.py")):
        product = [path for path in sources() if path.is_relative_to(ROOT / "triage")]  # in the app, routes are "post"
        assert {path for path in product if calls(ast.parse(path.read_text(encoding="utf-8")), call)} == {x / way}


def test_the_outbox_sends_in_one_place_and_only_after_the_last_look() -> None:
    tree = ast.parse(OUTBOX.read_text(encoding="utf-8"))
    functions = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    (send,) = calls(tree, "send")
    (look,) = calls(tree, "_look_last")
    (check,) = calls(functions["_look_last"], "check")
    assert send in calls(functions["_send"], "send")
    assert look in calls(functions["_send"], "_look_last")
    first = functions["_send"].body[-1]
    assert isinstance(first, ast.Try)
    assert isinstance(first.body[0], ast.Expr), "nothing comes before the look"
    assert first.body[0].value is look
    assert ast.unparse(check.func) == "self._guard.check"


def test_desk_and_outbox_have_one_and_the_same_guard(tmp_path: Path) -> None:
    product = product_on(f"sqlite:///{tmp_path}/t.db")
    assert product.worker.outbox._guard is product.guard is product.desk.guard
    assert product.guard.published == product.brand.published
