"""``triage serve`` and ``triage work``: the two processes of a running service."""

from __future__ import annotations

import logging
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Final

import click
import waitress
from waitress.server import MultiSocketServer, TcpWSGIServer

from app.cli.database import database_option, settings_on
from app.cli.memory import settle
from app.compose import Product, compose
from app.early_refusals import ROOM_TO_EXPLAIN, explain_refusals
from app.web import create_app
from app.x_connection import NOT_DISCLOSED
from triage.errors import ConfigurationError

log = logging.getLogger(__name__)

#: Seconds that threads are given to end what they have begun.
_LONGEST_END: Final = 10.0


@click.command()
@click.option("--worker/--no-worker", default=False, help="Also decide and send, in this process.")
@database_option
def serve(worker: bool, database: str | None) -> None:
    """Serve API and desk."""
    product = compose(settings_on(database))
    product.check_schema()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # what a supervisor of processes sends ends as Ctrl-C does
    with closing(listen(product)) as server:
        run_server(product, server, with_worker=worker)


@click.command()
@database_option
def work(database: str | None) -> None:
    """Decide what comes in and send what is decided, until told to stop."""
    product = compose(settings_on(database))
    product.check_schema()
    settle(product)
    worker = product.worker
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    click.echo("working; Ctrl-C ends", err=True)
    with listening(product, stop):
        worker.run(stop, product.settings.poll_seconds)


def run_server(product: Product, server: TcpWSGIServer | MultiSocketServer, *, with_worker: bool) -> None:
    """Serve until interrupted; the worker, if any, ends its round before the process ends."""
    place = product.settings
    settle(product)
    with working(product) if with_worker else _alone(product):
        click.echo(f"serving on http://{place.host}:{place.port} (Ctrl-C ends)", err=True)
        server.run()


def listen(product: Product) -> TcpWSGIServer | MultiSocketServer:
    """The web server, bound to its port but not yet serving: what is late, after minutes of work, is early here.

    Raises:
        ConfigurationError: nobody can listen there.
    """
    place = product.settings
    try:
        return make_server(product)
    except (OSError, ValueError) as error:  # a name without an address is the latter
        reason = getattr(error, "strerror", None) or "no such address"
        raise ConfigurationError(
            f"cannot listen on {place.host}:{place.port}: {reason}; TRIAGE_HOST and TRIAGE_PORT name another place"
        ) from None


def make_server(product: Product) -> TcpWSGIServer | MultiSocketServer:
    """The web server, bound to its port but not yet serving."""
    place = product.settings
    server = waitress.create_server(
        create_app(product),
        host=place.host,
        port=place.port,
        threads=place.threads,
        ident=None,
        # The application refuses what is too large; what is far too large is refused here, as soon as its
        # length is known.
        max_request_body_size=place.max_body_bytes + ROOM_TO_EXPLAIN,
    )
    explain_refusals(server)
    return server


@contextmanager
def working(product: Product) -> Iterator[None]:
    """Decide and send meanwhile, and listen to X if there is a connection to it."""
    stop = threading.Event()
    thread = threading.Thread(
        target=product.worker.run, args=(stop, product.settings.poll_seconds), name="worker", daemon=True
    )
    thread.start()
    try:
        with listening(product, stop):
            yield
    finally:
        stop.set()
        thread.join(timeout=_LONGEST_END)


@contextmanager
def listening(product: Product, stop: threading.Event) -> Iterator[None]:
    """Listen to X meanwhile, if there is a connection to it."""
    if product.x is None:
        yield
        return
    if not product.brand.tells_on_x_that_it_is_automated:
        log.warning(NOT_DISCLOSED)
    thread = threading.Thread(target=product.x.listener.run, args=(stop,), name="x", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=_LONGEST_END)
        product.x.close()


@contextmanager
def _alone(product: Product) -> Iterator[None]:
    """No worker meanwhile; what X delivers is noted all the same."""
    try:
        yield
    finally:
        if product.x is not None:
            product.x.close()
