"""The composition root: settings in, a working product out. Nothing is built anywhere else."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path

from app.x_connection import XConnection, conditions
from triage.answers.answering import SnippetAnswers
from triage.answers.kept_vectors import KeptVectors
from triage.brand import Brand, load_brand
from triage.channels import traffic_file
from triage.channels.journal import JournalChannel
from triage.channels.protocol import OutboundChannel
from triage.channels.x.credentials import credentials
from triage.clock import Clock, SystemClock
from triage.errors import ConfigurationError, GuardBlocked
from triage.privacy.detect import Detector
from triage.privacy.guard import Guard
from triage.privacy.people import SHIPPED
from triage.privacy.published import Published
from triage.scoring.scorer import Scorer
from triage.scoring.sentences import SentenceEncoder
from triage.service.auditing import Audit
from triage.service.cases import Desk
from triage.service.erasure import Erasure
from triage.service.outbox import Outbox
from triage.service.ports import Judge
from triage.service.retention import Retention
from triage.service.revealing import Reveals
from triage.service.rewording import Rewording
from triage.service.showing import Showing
from triage.service.stored_posts import StoredPosts
from triage.service.stuck import Stuck
from triage.service.tidying import Tidying
from triage.service.x.condition import Conditions
from triage.service.x.leaving import XLeaving
from triage.service.x.switches import SendingSwitch, switched_off
from triage.settings import Settings
from triage.store import Store, open_store, schema
from triage.store.engine import parse_url
from triage.store.keys import VARIABLE, GivenKeys, KeyFile, KeySource, parse_keys
from triage.store.rotation import check_keys
from triage.store.vault import Vault
from triage.worker import Worker

#: Channel of messages that programs hand in over HTTP.
API_CHANNEL = "api"

DEMO_BRAND = Path(__file__).parent / "demo"


@dataclass(frozen=True)
class Product:
    """One running product. Parts are made when first asked for, and once."""

    settings: Settings
    clock: Clock

    @cached_property
    def store(self) -> Store:
        return open_store(self.settings.database_url, Vault(_keys(self.settings)))

    @cached_property
    def brand(self) -> Brand:
        return load_brand(self.settings.brand or DEMO_BRAND)

    @cached_property
    def detector(self) -> Detector:
        return load_detector(self.settings)

    @cached_property
    def scorer(self) -> Scorer:
        return load_scorer(self.settings, self.detector)

    @cached_property
    def answers(self) -> SnippetAnswers:
        return load_answers(self.settings, self.brand, self.clock.now().date())

    @cached_property
    def judge(self) -> Judge:
        policy = self.answers.in_force(self.brand.policy, self.scorer.made_of)
        return Judge(self.scorer, self.answers, replace(self.brand, policy=policy), self.clock)

    @cached_property
    def guard(self) -> Guard:
        """The one judge of what goes out, at the desk and before the channels.

        Raises:
            ConfigurationError: it would stop the brand's own request to go on in private.
        """
        guard = Guard(self.brand.published, self.detector.find)
        for text in self.brand.private.every_text(self.brand.signature):
            try:
                guard.check(text)
            except GuardBlocked as stopped:
                raise ConfigurationError(f"brand.toml, private: {stopped}; in {text!r}") from None
        return guard

    @cached_property
    def desk(self) -> Desk:
        return Desk(self.store, self.brand.routing, self.answers, self.clock, self.guard, self.brand.private)

    @cached_property
    def showing(self) -> Showing:
        return Showing(self.detector.find, Published(self.brand.published))

    @cached_property
    def reveals(self) -> Reveals:
        return Reveals(self.store, self.showing, self.clock)

    @cached_property
    def audit(self) -> Audit:
        return Audit(self.store, self.showing, self.clock, self.answers.promised(self.brand.policy))

    @cached_property
    def journals(self) -> list[JournalChannel]:
        folder = outbox_folder(self.settings)
        return [JournalChannel(name, folder) for name in (traffic_file.CHANNEL, API_CHANNEL)]

    @cached_property
    def erasure(self) -> Erasure:
        return Erasure(self.store, self.journals, self.clock)

    @cached_property
    def retention(self) -> Retention:
        return Retention(self.store, self.brand.retention, self.clock)

    @cached_property
    def stored_posts(self) -> StoredPosts:
        return StoredPosts(self.store, self.journals, self.clock)

    @cached_property
    def bell(self) -> threading.Event:
        """Wakes the worker of this process: something has come in."""
        return threading.Event()

    @cached_property
    def x(self) -> XConnection | None:
        """The connection to X; ``None`` where no credentials are set: then X is never called.

        Raises:
            ConfigurationError: some credentials are set, and some are missing.
        """
        given = credentials(self.settings)
        if given is None:
            return None
        return XConnection(
            self.settings,
            given,
            self.store,
            self.stored_posts,
            self.clock,
            lambda: self.detector.find,  # the model of people is loaded only if it is needed
            self.bell.set,
            lambda: self.brand,  # who only pauses the sending needs none
        )

    @cached_property
    def x_conditions(self) -> Conditions:
        """Looks how the connection to X is, whichever process keeps it up."""
        return conditions(self.settings, self.store, self.clock, self.brand)

    @cached_property
    def x_sending(self) -> SendingSwitch:
        """Stops and starts what is sent on X, by whichever process; no credentials are needed for that."""
        return SendingSwitch(self.store, self.clock)

    @cached_property
    def channels(self) -> list[OutboundChannel]:
        """The ways out."""
        return [*self.journals, *(self.x.channels if self.x else [])]

    @cached_property
    def stuck(self) -> Stuck:
        return Stuck(self.store, self.channels, self.brand.routing, self.showing, self.clock, switched_off)

    @cached_property
    def worker(self) -> Worker:
        for journal in self.journals:
            journal.check()
        outbox = Outbox(
            self.store,
            self.channels,
            self.brand.routing,
            self.clock,
            self.guard,
            switch=switched_off,
            reword=Rewording(self.answers, self.brand.x, self.clock),
            leaving=XLeaving(self.brand.x),
        )
        tidying = Tidying(self.store, self.journals, self.retention, self.clock)
        return Worker(self.store, self.judge, outbox, tidying, self.settings.batch, self.bell)

    def check_schema(self) -> None:
        """See whether this process can work with the database.

        Raises:
            ConfigurationError: it is not at this version's schema, or encrypted with a key that is not there.
        """
        if not self.store.exists() or not schema.is_current(self.store):
            raise ConfigurationError("the database is not at this version's schema; run `triage db upgrade`")
        with self.store.read() as transaction:
            check_keys(transaction)


def load_vectors(settings: Settings) -> KeptVectors:
    """The vectors of meaning that messages and questions are compared by."""
    return KeptVectors(SentenceEncoder.load(settings.models / "encoder-minilm"), settings.cache)


def load_detector(settings: Settings) -> Detector:
    """What finds personal data: the rules, and the shipped model of people."""
    return Detector.load(settings.models / SHIPPED)


def load_scorer(settings: Settings, detector: Detector) -> Scorer:
    """The live model, with the share of second looks that the settings ask for."""
    scorer = Scorer.load(settings.models / settings.model, detector=detector)
    share = settings.second_looks
    return scorer if share is None else scorer.looking_again_at(share)


def load_answers(settings: Settings, brand: Brand, today: date) -> SnippetAnswers:
    """The brand's knowledge base as it is on a day."""
    return SnippetAnswers.load(
        brand.knowledge_base,
        today=today,
        variables=brand.variables,
        signature=brand.signature,
        mode=brand.mode,
        vectors=load_vectors(settings),
    )


def compose(settings: Settings, clock: Clock | None = None) -> Product:
    return Product(settings, clock or SystemClock())


def outbox_folder(settings: Settings) -> Path:
    """Where journals of sent replies are: beside the database they belong to."""
    return settings.outbox or _beside_database(settings, ".outbox")


def _keys(settings: Settings) -> KeySource:
    """What messages are encrypted with: what the operator gave, or else a file that makes itself."""
    if settings.encryption_keys is not None:
        return GivenKeys(parse_keys(settings.encryption_keys.get_secret_value(), VARIABLE))
    return KeyFile(_beside_database(settings, ".key"))


def _beside_database(settings: Settings, suffix: str) -> Path:
    """A place named after the database: beside a file of SQLite's, in ``var/`` for one on a server.

    Raises:
        ConfigurationError: the database's URL is none.
    """
    url = parse_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and url.database:
        return Path(url.database).with_suffix(suffix)
    return Path("var") / f"{url.database}{suffix}"
