"""How often a process that works through many messages looks for garbage."""

from __future__ import annotations

import gc

from app.compose import Product

#: A batch of 1,000 messages makes some 40,000 small values, nearly all of which go by themselves.
_NEW_OBJECTS = 50_000


def settle(product: Product) -> None:
    """Load what every batch needs, and tell Python's collector to leave it alone.

    With its defaults the collector runs dozens of times a batch and now and then walks through model and
    knowledge base, which are there to stay: a seventh to a fifth of the time that a replay takes.
    """
    product.judge  # noqa: B018 - loads model and knowledge base
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS, 10, 10)
