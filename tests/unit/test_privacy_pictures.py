"""Links behind which there may be pictures."""

from __future__ import annotations

import pytest

from triage.privacy.pictures import may_carry_pictures


@pytest.mark.parametrize(
    "text",
    [
        "broken again pic.twitter.com/Ab12cd",
        "look pic.x.com/Ab12cd",
        "look https://t.co/a1B2c3D4e5",
        "HTTPS://T.CO/a1B2c3D4e5",
        "see https://twitter.com/somebody/status/12345/photo/1",
        "see https://x.com/somebody/status/12345/video/1",
    ],
)
def test_links_that_may_lead_to_a_picture_of_the_post(text: str) -> None:
    assert may_carry_pictures(text)


@pytest.mark.parametrize(
    "text", ["my bag is lost", "see https://cot.co/x", "https://first.company", "t.co", "www.example.com/photo/1"]
)
def test_other_links_and_texts(text: str) -> None:
    assert not may_carry_pictures(text)
