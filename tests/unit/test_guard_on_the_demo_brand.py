"""What the demo brand says by itself passes the guard: else a person would get every such question after all."""

from __future__ import annotations

from datetime import date

from app.compose import DEMO_BRAND
from triage.answers.knowledge_base import load
from triage.brand import load_brand
from triage.privacy.guard import Guard


def test_every_answer_of_the_demo_brand_passes_the_guard() -> None:
    brand = load_brand(DEMO_BRAND)
    guard = Guard(brand.published)
    snippets = load(brand.knowledge_base, date(2026, 10, 20)).snippets
    assert snippets
    for snippet in snippets:
        for phrasing in snippet.phrasings:
            guard.check(f"{phrasing} {snippet.link or ''} {brand.signature}")
