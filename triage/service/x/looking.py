"""Looking stored posts up again: X asks for deletions and edits to be honoured within 24 hours."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from triage.channels.protocol import Posts
from triage.service.stored_posts import Looked, StoredPosts

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Looking:
    """Looks up what is due, and nothing else: each post that is looked up costs."""

    stored: StoredPosts
    posts: Posts

    def look(self) -> None:
        """Look up all that is due.

        Raises:
            RetryLater: X does not go on now; what was found before is honoured, the rest stays due.
        """
        found = self.stored.check(self.posts)
        if found != Looked():
            log.info("looked stored posts up again: %s", found)
