"""What products load from ``models/`` and of the demo brand, loaded once a process: no test changes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from app import compose
from triage.brand import Brand
from triage.privacy.detect import Detector
from triage.settings import Settings

MODELS = Path(__file__).parents[1] / "models"


def loaded_once() -> Mapping[str, Callable[..., Any]]:
    """Functions to put in the place of those of ``app.compose`` that have these names.

    Other folders are loaded each time.
    """
    made: dict[Any, Any] = {}

    def once(key: tuple[object, ...], make: Callable[[], Any]) -> Any:
        if key not in made:
            made[key] = make()
        return made[key]

    detector, scorer, answers = compose.load_detector, compose.load_scorer, compose.load_answers

    def load_detector(settings: Settings) -> Any:
        shipped = settings.models.resolve() == MODELS
        return once((), lambda: detector(settings)) if shipped else detector(settings)

    def load_scorer(settings: Settings, found: Detector) -> Any:
        key = (settings.model, settings.second_looks, found.version)
        shipped = settings.models.resolve() == MODELS
        return once(key, lambda: scorer(settings, found)) if shipped else scorer(settings, found)

    def load_answers(settings: Settings, brand: Brand, today: date) -> Any:
        key = (today, tuple(brand.variables.items()), brand.signature, brand.mode, settings.models, settings.cache)
        own = brand.knowledge_base.resolve() == compose.DEMO_BRAND / "kb"
        return once(key, lambda: answers(settings, brand, today)) if own else answers(settings, brand, today)

    return {shared.__name__: shared for shared in (load_detector, load_scorer, load_answers)}
