"""Which product the running application serves; API and desk ask here."""

from __future__ import annotations

from typing import cast

from flask import Flask, current_app

from app.compose import Product

_PLACE = "product"


def serve(app: Flask, product: Product) -> None:
    app.extensions[_PLACE] = product


def product() -> Product:
    """The product of the application that handles this request."""
    return cast(Product, current_app.extensions[_PLACE])
