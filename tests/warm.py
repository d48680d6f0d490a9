"""What every process of :mod:`tests.command` is forked from: imported there once, and loaded, but never used.

What has been used may have threads, which a fork does not have.
"""

from __future__ import annotations

import app.cli.replay
import app.cli.serve  # noqa: F401
from app import compose
from tests import shipped
from triage import settings

for _name, _shared in shipped.loaded_once().items():
    setattr(compose, _name, _shared)
_product = compose.compose(settings.read())
_loaded = (_product.scorer, _product.answers)
