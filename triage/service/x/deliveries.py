"""Looking after the webhooks to which X delivers: X stops without a word where one failed its challenge.

X asks again by itself only now and then, and delivers nothing until an answer was right. So whoever listens looks how
X has the webhooks, and has X ask those again that are not valid. What was not delivered meanwhile is polled for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from triage.channels.x import webhooks
from triage.channels.x.calls import Calls
from triage.channels.x.watch import Source, Watch
from triage.channels.x.webhooks import Webhook
from triage.clock import Clock
from triage.errors import GiveUp
from triage.store import Store, Transaction


@dataclass(frozen=True, slots=True)
class Deliveries:
    """The webhooks of this product. Other programs of the app have theirs, which are left alone.

    ``calls`` gives calls in the app's own name. ``subscribe`` has X tell a webhook, named by its id, what
    happens to the account.
    """

    store: Store
    calls: Callable[[], Calls]
    subscribe: Callable[[str], None]
    watch: Watch
    clock: Clock

    def follow(self, hook: Webhook) -> None:
        """Look after this one too from now on."""
        self._follow([hook])

    def follow_only(self, hook: Webhook | None) -> None:
        """X delivers to this one, or to none, and to no other any more."""
        self.forget(self._followed() - ({hook.id} if hook else set()))
        self._follow([hook] if hook else [])

    def saw(self, hooks: Sequence[Webhook]) -> None:
        """Note how X has those of them that are followed."""
        at = self.clock.now()

        def note(transaction: Transaction) -> None:
            for hook in hooks:
                transaction.webhooks.see(hook.id, at, valid=hook.valid)

        self.store.run(note)

    def forget(self, webhook_ids: set[str]) -> None:
        """Look after these no longer."""
        self.store.run(lambda transaction: transaction.webhooks.forget(webhook_ids))

    def look(self) -> None:
        """See how X has the webhooks, and have it ask those again to which it does not deliver.

        Where there are none, X is asked nothing.

        Raises:
            RetryLater: not now.
            GiveUp: X refuses to say.
        """
        followed = self._followed()
        if not followed and not self._was_heard():
            return
        hooks = self._seen(followed)
        failed = [hook for hook in hooks if not hook.valid]
        for hook in failed:
            with suppress(GiveUp):  # how X has it after that is what counts
                webhooks.challenge(self.calls(), hook.id)
        if failed:
            self._seen({hook.id for hook in hooks})

    def subscribe_again(self) -> None:
        """Where X has delivered to the webhook, have it go on: somebody may have ended the subscriptions.

        A webhook that is registered and was never subscribed for is left alone.

        Raises:
            RetryLater: not now.
            GiveUp: X refuses.
        """
        with self.store.read() as transaction:
            valid = [one.id for one in transaction.webhooks.all() if one.valid]
        if len(valid) == 1 and self._was_heard():
            self.subscribe(valid[0])

    def _seen(self, followed: set[str]) -> list[Webhook]:
        """How X has them now, noted."""
        listed = webhooks.listed(self.calls())
        if not followed:
            ours = _only_one_like_this(listed)
            self._follow(ours)
            return ours
        ours = [hook for hook in listed if hook.id in followed]
        self.saw(ours)
        self._let_go(followed - {hook.id for hook in ours})
        return ours

    def _let_go(self, gone: set[str]) -> None:
        with self.store.read() as transaction:
            urls = [one.url for one in transaction.webhooks.all() if one.id in gone]
        for url in urls:
            told = f"X has no webhook at {url} any more, and delivers nothing there: somebody has deleted it."
            self.watch.failed(Source.WEBHOOK, told)
        self.forget(gone)

    def _followed(self) -> set[str]:
        with self.store.read() as transaction:
            return {one.id for one in transaction.webhooks.all()}

    def _was_heard(self) -> bool:
        """Whether X has ever delivered here: earlier versions followed none."""
        with self.store.read() as transaction:
            return Source.WEBHOOK.value in transaction.x_notes.heard()

    def _follow(self, hooks: Sequence[Webhook]) -> None:
        at = self.clock.now()

        def note(transaction: Transaction) -> None:
            for hook in hooks:
                transaction.webhooks.follow(hook.id, hook.url, at, valid=hook.valid)

        self.store.run(note)


def _only_one_like_this(hooks: Sequence[Webhook]) -> list[Webhook]:
    """The one that leads to a product like this, where no other could be meant."""
    ours = [hook for hook in hooks if hook.is_ours]
    return ours if len(ours) == 1 else []
