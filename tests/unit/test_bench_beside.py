"""The benchmark beside others: equal data, fair turns, honest gaps. Whoever is heavy is not needed here."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.bench.beside import Contestant, by_author, compare, enter, sentiment_macro_f1, take_turns
from tests.bench.peers import AIRLINE, NOTHING, OWN, LeftOut, Peer, package
from tests.bench.table import Beside, Comparison, beside_as_markdown
from training.corpus import Example
from triage.domain.scores import Head, Utterance


def tweet(text: str, sentiment: str = "neutral") -> Example:
    return Example(text, Utterance(text), {Head.SENTIMENT: sentiment}, (), "")


def always(label: str):
    return lambda texts: [label for _ in texts]


def test_no_author_is_on_both_sides_and_the_same_seed_splits_alike() -> None:
    rows = [(f"author {number % 10}", tweet(str(number))) for number in range(50)]
    fitted, kept_back = by_author(rows, 0.3, 1)
    author = {example.text: name for name, example in rows}
    assert len({author[one.text] for one in kept_back}) == 3
    assert not {author[one.text] for one in fitted} & {author[one.text] for one in kept_back}
    assert len(fitted) + len(kept_back) == 50
    assert by_author(list(reversed(rows)), 0.3, 1)[1] == list(reversed(kept_back))
    assert by_author(rows, 0.3, 2)[1] != kept_back


def test_macro_f1_is_the_mean_over_the_sentiments_that_occur() -> None:
    examples = [tweet("a", "negative"), tweet("b", "negative"), tweet("c", "positive"), tweet("d", "neutral")]
    assert sentiment_macro_f1(always("negative"), examples) == pytest.approx((4 / 6) / 3)
    assert sentiment_macro_f1(always("negative"), []) is None


def test_a_peer_is_fitted_on_what_it_says_and_enters_once_for_each_number_of_threads() -> None:
    seen: list[Sequence[Example]] = []

    def fit(train: Sequence[Example]):
        seen.append(train)
        return {1: always("neutral"), 2: always("positive")}

    sets = {OWN: [tweet("own")], AIRLINE: [tweet("airline")], NOTHING: []}
    one, two = enter(Peer("a peer", "sentiment", fit, AIRLINE), sets, [tweet("held out", "positive")])
    assert seen == [sets[AIRLINE]]
    assert (one.threads, two.threads, one.name) == (1, 2, "a peer")
    assert one.macro_f1 == two.macro_f1 == 1.0  # the judge with most threads is asked: the labels are the same
    (silent,) = enter(Peer("b", "names", lambda _: {1: always("")}, NOTHING, sentiment=False), sets, [tweet("x")])
    assert silent.macro_f1 is None


def test_a_peer_without_its_messages_is_left_out_with_the_reason() -> None:
    peer = Peer("a peer", "sentiment", lambda _: {1: always("neutral")}, AIRLINE)
    with pytest.raises(LeftOut, match="there are no airline tweets by other authors here"):
        enter(peer, {AIRLINE: []}, [])


def test_a_package_that_is_not_installed_is_named() -> None:
    with pytest.raises(LeftOut, match="the package no_such_package is not installed"):
        package("no_such_package.inside")


def test_every_run_begins_with_another_judge_and_all_judge_the_same_messages() -> None:
    heard: list[tuple[str, list[str]]] = []

    def judge(name: str):
        def hear(texts: Sequence[str]) -> list[str]:
            heard.append((name, list(texts)))
            return []

        return hear

    seconds = take_turns([judge("a"), judge("b")], [["1", "2"], ["3"]])
    assert heard == [("a", ["1", "2"]), ("b", ["1", "2"]), ("b", ["3"]), ("a", ["3"])]
    assert [[len(run) for run in own] for own in seconds] == [[1, 1], [1, 1]]


def test_who_stops_early_is_compared_on_the_batches_that_both_judged() -> None:
    slow = Contestant("slow", "sentiment", 1, always("neutral"), 0.5)
    product = [[0.1, 0.3, 0.2, 0.2], [0.1, 0.1, 0.1, 0.1]]
    row = compare(slow, [[2.0], [1.5, 1.5]], product, [4000, 4000])
    assert row.speeds == pytest.approx((1000 / 2.0, 2000 / 3.0))
    assert row.multiples == pytest.approx((2.0 / 0.1, 3.0 / 0.2))
    short = compare(slow, [[0.5, 0.5]], [[0.1, 0.1]], [1500])
    assert short.speeds == pytest.approx((1500.0,)), "the last batch may be a short one"


def test_the_table_shows_ratios_with_their_range_and_names_who_is_left_out() -> None:
    rows = (
        Beside("product", "four heads", 1, (9000.0, 10000.0, 11000.0), (1.0, 1.0, 1.0), 0.694),
        Beside("quick", "sentiment", 1, (50000.0,), (0.2, 0.21, 0.19), 0.65),
        Beside("slow", "names", 2, (300.0,), (33.4, 30.0, 35.0), None),
    )
    table = beside_as_markdown(Comparison(rows, (("absent", "its package is not installed"),), "A note."))
    lines = table.splitlines()
    assert "| product | four heads | 1 | 10,000 | 1 | 0.69 |" in lines
    assert "| quick | sentiment | 1 | 50,000 | 0.20 (0.19 – 0.21) | 0.65 |" in lines
    assert "| slow | names | 2 | 300 | 33 (30 – 35) | – |" in lines
    assert lines[-1] == "A note. Left out: absent (its package is not installed)."
