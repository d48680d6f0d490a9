"""The composition root: settings in, a working product out. Nothing is built anywhere else."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import sqlalchemy as sa

from triage.answers.answering import SnippetAnswers
from triage.brand import Brand, load_brand
from triage.channels import traffic_file
from triage.channels.journal import JournalChannel
from triage.clock import Clock, SystemClock
from triage.errors import ConfigurationError
from triage.scoring.scorer import Scorer
from triage.scoring.sentences import SentenceEncoder
from triage.service.cases import Desk
from triage.service.outbox import Outbox
from triage.service.ports import Judge
from triage.settings import Settings
from triage.store import Store, open_store, schema
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
        return open_store(self.settings.database_url)

    @cached_property
    def brand(self) -> Brand:
        return load_brand(self.settings.brand or DEMO_BRAND)

    @cached_property
    def scorer(self) -> Scorer:
        scorer = Scorer.load(self.settings.models / self.settings.model)
        share = self.settings.second_looks
        return scorer if share is None else scorer.looking_again_at(share)

    @cached_property
    def answers(self) -> SnippetAnswers:
        return SnippetAnswers.load(
            self.brand.knowledge_base,
            today=self.clock.now().date(),
            signature=self.brand.signature,
            vectors=load_vectors(self.settings),
        )

    @cached_property
    def judge(self) -> Judge:
        policy = self.answers.in_force(self.brand.policy, self.scorer.version)
        return Judge(self.scorer, self.answers, replace(self.brand, policy=policy), self.clock)

    @cached_property
    def desk(self) -> Desk:
        return Desk(self.store, self.brand.routing, self.answers, self.clock, self.brand.published)

    @cached_property
    def worker(self) -> Worker:
        folder = outbox_folder(self.settings)
        channels = [JournalChannel(name, folder) for name in (traffic_file.CHANNEL, API_CHANNEL)]
        for channel in channels:
            channel.check()
        outbox = Outbox(self.store, channels, self.brand.routing, self.clock)
        return Worker(self.store, self.judge, outbox, self.settings.batch)

    def check_schema(self) -> None:
        """Raise :class:`ConfigurationError` if the database is not at this version's schema."""
        if not self.store.exists() or not schema.is_current(self.store):
            raise ConfigurationError("the database is not at this version's schema; run `triage db upgrade`")


def load_vectors(settings: Settings) -> SentenceEncoder:
    """The vectors of meaning that messages and questions are compared by."""
    return SentenceEncoder.load(settings.models / "encoder-minilm")


def compose(settings: Settings, clock: Clock | None = None) -> Product:
    return Product(settings, clock or SystemClock())


def outbox_folder(settings: Settings) -> Path:
    """Where journals of sent replies are: beside the database they belong to."""
    if settings.outbox is not None:
        return settings.outbox
    url = sa.make_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and url.database:
        return Path(url.database).with_suffix(".outbox")
    return Path("var") / f"{url.database}.outbox"
