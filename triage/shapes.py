"""Types that are read from JSON: worked out when their module is imported, not when they are first read.

msgspec works out how to read a type on its first use and keeps that with the type. Where two threads do so at once, one
may find it half made, and the process ends with a segmentation fault (msgspec 0.22.0). Imports happen in one thread.
"""

from __future__ import annotations

import msgspec


def ready(*shapes: type) -> None:
    """Work out how to read these, and all that they are made of. Called at the end of the module that reads them."""
    for shape in shapes:
        msgspec.json.Decoder(shape)
