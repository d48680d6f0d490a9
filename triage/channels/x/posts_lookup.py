"""Looking up on X what became of posts that are kept: edited, deleted, or as they were."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from triage.channels.protocol import Deleted, Present
from triage.channels.x.names import PUBLIC
from triage.channels.x.post import Gone, Post
from triage.channels.x.protocol import XApi
from triage.text.accept import as_storable


class XPosts:
    """:class:`~triage.channels.protocol.Posts` over X. Ids are those of posts' first versions."""

    name = PUBLIC
    most = 100

    def __init__(self, api: XApi) -> None:
        self._api = api

    def look_up(self, external_ids: Sequence[str]) -> Mapping[str, Present | Deleted]:
        """See the protocol. A post whose author hides it now, or was suspended, counts as deleted.

        Of a post that was edited the newest version counts, which takes a second call for all of them.
        """
        found = self._api.look_up(external_ids)
        newest = {post_id: _newest(one) for post_id, one in found.items()}
        again = {version for post_id, version in newest.items() if version}
        later = self._api.look_up(sorted(again)) if again else {}
        became = {
            post_id: later.get(newest[post_id] or "") if newest[post_id] else one for post_id, one in found.items()
        }
        account_id = self._api.me().id
        return {
            post_id: as_it_is(one, account_id) if isinstance(one, Post) else Deleted()
            for post_id, one in became.items()
            if one is not None
        }


def as_it_is(post: Post, account_id: str) -> Present:
    """A version of a post, as what is stored of it is to be; ``account_id`` is the brand's."""
    older = (one for one in post.versions if int(one) < int(post.id))
    return Present(as_storable(post.text), (*older, post.id), summoned=account_id in post.summons)


def _newest(one: Post | Gone) -> str | None:
    """The id of a later version than the one that was given."""
    return one.versions[-1] if isinstance(one, Post) and one.versions[-1] != one.id else None
