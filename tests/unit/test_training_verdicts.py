"""The teacher's verdicts: kept, read back, and mixed with labels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp

from training.corpus import own_files, read_corpus
from training.fit import fit_weights, soften
from training.recipe import HeadChoice
from training.verdicts import TAUGHT, Verdicts, chances, read_verdicts, write_verdicts
from triage.domain.scores import Head
from triage.errors import ConfigurationError

SHIPPED = Path(__file__).parents[2] / "training" / "verdicts.npz"


def told(messages: tuple[str, ...] = ("m1", "m2"), parts: tuple[str, ...] = ("a part",)) -> Verdicts:
    rows = len(messages) + len(parts)
    return Verdicts(
        messages,
        parts,
        {head: np.arange(rows * len(labels), dtype=float).reshape(rows, -1) for head, labels in TAUGHT.items()},
    )


def test_verdicts_are_read_back_as_they_were_written(tmp_path: Path) -> None:
    before = told()
    write_verdicts(tmp_path / "v.npz", before)
    after = read_verdicts(tmp_path / "v.npz")
    assert (after.messages, after.parts) == (before.messages, before.parts)
    assert all(np.array_equal(after.values[head], before.values[head]) for head in Head)


def test_equal_verdicts_give_equal_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_verdicts(tmp_path / name, told())
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_message_that_the_teacher_never_read_has_no_values() -> None:
    found = told().of(["m2", "unknown"], Head.SENTIMENT)
    assert found[0].tolist() == [3.0, 4.0, 5.0]
    assert np.isnan(found[1]).all()
    assert told().of_parts(5, Head.SENTIMENT).tolist() == [[6.0, 7.0, 8.0]]


def test_soft_labels_mix_the_label_and_the_verdict() -> None:
    even = np.zeros((1, 2))
    assert chances(even, np.array([0]), 0.5, 1.0).tolist() == [[0.75, 0.25]]
    assert chances(even, np.array([0]), 1.0, 1.0).tolist() == [[1.0, 0.0]]
    sharp, soft = (chances(np.array([[2.0, 0.0]]), np.array([-1]), 0.5, t)[0, 0] for t in (1.0, 4.0))
    assert sharp > soft > 0.5


def test_without_a_verdict_the_label_stands_alone() -> None:
    assert chances(np.full((1, 3), np.nan), np.array([1]), 0.5, 1.5).tolist() == [[0.0, 1.0, 0.0]]


def test_a_row_with_several_likely_labels_is_fitted_as_several_rows_that_count_less() -> None:
    rows, labels, weights = soften(sp.csr_array(np.eye(2)), np.array([[0.7, 0.3], [0.99, 0.01]]))
    assert rows.toarray().tolist() == [[1, 0], [1, 0], [0, 1]]
    assert labels.tolist() == [0, 1, 0]
    assert weights.tolist() == [0.7, 0.3, 0.99]


def test_soft_labels_are_what_the_fitted_probabilities_come_to() -> None:
    wanted = np.array([[0.7, 0.3], [0.2, 0.8]])
    rows, labels, weights = soften(sp.csr_array(np.eye(2)), wanted)
    coefficients, intercepts = fit_weights(rows, labels, 2, HeadChoice(1e6), 0, weights)
    values = np.eye(2) @ coefficients.T + intercepts
    found = np.exp(values) / np.exp(values).sum(axis=1, keepdims=True)
    assert found == pytest.approx(wanted, abs=0.01)


@pytest.mark.parametrize("content", [b"", b"not an archive", None])
def test_a_file_that_holds_no_verdicts_is_refused(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "v.npz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigurationError, match="holds no verdicts"):
        read_verdicts(path)


def test_verdicts_of_a_wrong_shape_are_refused(tmp_path: Path) -> None:
    odd = told()
    write_verdicts(tmp_path / "v.npz", Verdicts(odd.messages, (), odd.values))
    with pytest.raises(ConfigurationError, match="wrong shape"):
        read_verdicts(tmp_path / "v.npz")


def test_the_shipped_verdicts_cover_the_corpus() -> None:
    found = read_verdicts(SHIPPED)
    spoken = {one.id for one in read_corpus(own_files()).examples if (one.utterance.lang or "en") == "en"}
    assert set(found.messages) == spoken
    assert len(found.parts) > 3_000


def test_the_first_parts_of_verdicts_keep_all_messages() -> None:
    whole = told(parts=("a part", "another"))
    some = whole.first(1)
    assert (some.messages, some.parts) == (whole.messages, whole.parts[:1])
    for head in Head:
        assert np.array_equal(some.values[head], whole.values[head][: len(whole.messages) + 1])
