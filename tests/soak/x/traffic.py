"""What people on the stand-in do: mentions, conversations, edits, deletions, private messages, and the brand's own."""

from __future__ import annotations

import random
from bisect import bisect_right
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Final

from tests.xsim.client import SimPost, XSim

HANDLE: Final = "MarramAir"
_AUTHORS: Final = 2000
#: What a mention is about, and how often; the keyword scorer knows the words.
_ABOUT: Final = (
    ("thanks for the nice flight", 30),
    ("chatter about the weather", 30),
    ("my bag is gone", 6),
    ("I am angry, where is my refund", 6),
    ("can pets fly in the cabin?", 4),
    ("urgent: hacked & robbed <today>", 3),
    ("your flight was cancelled, see https://example.com/a?b=c 😀", 3),
    ("qué pasa con mi equipaje", 3),
    ("stop", 1),
)
_TEXTS: Final = [text for text, _ in _ABOUT]
_WEIGHTS: Final = [weight for _, weight in _ABOUT]


@dataclass
class Traffic:
    """Posts by the hundred. ``sent`` counts all posts that people wrote to the brand, ``done`` what else they did."""

    x: XSim
    dice: random.Random
    sent: int = 0
    done: Counter[str] = field(default_factory=Counter)
    recent: list[str] = field(default_factory=list)
    _ids: list[int] = field(default_factory=list)
    _answers_seen: str = "0"

    def join(self) -> None:
        """The people who do not post first, so that private messages have a sender."""
        for number in range(20):
            self.x.user(f"c{number}")

    def greet(self) -> None:
        """Something on each timeline."""
        self.write(1)
        self._brand_elsewhere()
        self._private()

    def write(self, count: int) -> None:
        """So many posts that mention the brand, some in reply to others."""
        ids = self.x.bulk(self._mention() for _ in range(count))
        self._note(ids)

    def unread(self, read_to: int) -> int:
        """How many of the posts are newer than an id."""
        return len(self._ids) - bisect_right(self._ids, read_to)

    def stir(self) -> None:
        """Some of what people do to what is there."""
        moves = (self._edit, self._edit, self._delete, self._brand_elsewhere, self._private, self._private)
        for move in self.dice.sample(moves, 3):
            if self.recent:
                move()

    def follow_up(self) -> None:
        """Customers answer what the brand has said since the last look."""
        posts = self.x.world(author=HANDLE, since=self._answers_seen).posts
        if not posts:
            return
        self._answers_seen = posts[-1].id
        answered = [self._follow_up(post) for post in posts if not post.deleted and self.dice.random() < 0.5]
        ids = self.x.bulk(answered)
        self._note(ids)

    def _note(self, ids: list[str]) -> None:
        self.sent += len(ids)
        self._ids += map(int, ids)
        self.recent = (self.recent + ids)[-1500:]

    def _mention(self) -> dict[str, Any]:
        number = self.sent + self.dice.randrange(1 << 20)
        (about,) = self.dice.choices(_TEXTS, _WEIGHTS)
        post = {"author": self._author(), "text": f"@{HANDLE} {about} #{number:x}"}
        if about == "stop":
            post["text"] = f"@{HANDLE} stop"
        if self.recent and self.dice.random() < 0.15:
            post["reply_to"] = self.dice.choice(self.recent)
            if self.dice.random() < 0.3:
                post["text"] = f"and {about} too {number:x}"  # names the brand only as X puts names before it
        if "equipaje" in about:
            post["lang"] = "es"
        return post

    def _follow_up(self, post: SimPost) -> dict[str, Any]:
        words = self.dice.choice(["thanks", "but can pets fly?", "my bag is still gone", "stop", "urgent please"])
        named = f"@{HANDLE} " if self.dice.random() < 0.5 else ""
        return {"author": self._author(), "text": f"{named}{words} {post.id[-5:]}", "reply_to": post.id}

    def _author(self) -> str:
        return f"c{self.dice.randrange(_AUTHORS)}"

    def _edit(self) -> None:
        number = self.dice.randrange(1 << 20)
        named = f"@{HANDLE} " if self.dice.random() < 0.9 else ""
        post = self.dice.choice(self.recent)
        try:
            self.x.edit(post, f"{named}my bag, corrected {number:x}")
        except ValueError:
            self.recent.remove(post)
        else:
            self.done["post edited"] += 1

    def _delete(self) -> None:
        post = self.dice.choice(self.recent)
        self.recent.remove(post)
        self.x.delete(post)
        self.done["post deleted"] += 1

    def _brand_elsewhere(self) -> None:
        """Somebody of the brand answers with X's own app."""
        number = self.dice.randrange(1 << 30)
        self.x.post(
            HANDLE, f"Sorry to hear that, we look into it. Sam {number:x}", reply_to=self.dice.choice(self.recent)
        )
        self.done["answer by the brand's people"] += 1

    def _private(self) -> None:
        self.x.message(f"c{self.dice.randrange(20)}", HANDLE, f"in private: my bag {self.dice.randrange(1 << 20):x}")
        self.done["private message"] += 1
