from __future__ import annotations

import numpy as np
import pytest

from triage.answers.ridge import KernelRidge


@pytest.fixture
def problem() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(3)
    features = random.normal(size=(30, 12))
    return features @ features.T, np.eye(5)[random.integers(0, 5, 30)]


def refitted_without(kernel: np.ndarray, target: np.ndarray, group: list[int]) -> np.ndarray:
    keep = [row for row in range(len(kernel)) if row not in group]
    ridge = KernelRidge(kernel[np.ix_(keep, keep)], target[keep], 0.7)
    return np.stack([ridge.scores(kernel[row, keep]) for row in group])


def test_leaving_one_out_says_what_a_refit_says(problem: tuple[np.ndarray, np.ndarray]) -> None:
    kernel, target = problem
    held_out = KernelRidge(kernel, target, 0.7).without_itself()
    for row in range(len(kernel)):
        assert np.allclose(held_out[row], refitted_without(kernel, target, [row])[0])


def test_leaving_a_group_out_says_what_a_refit_says(problem: tuple[np.ndarray, np.ndarray]) -> None:
    kernel, target = problem
    group = np.flatnonzero(target[:, 2])
    held_out = KernelRidge(kernel, target, 0.7).without_group(group)
    assert len(group) > 1
    assert np.allclose(held_out, refitted_without(kernel, target, group.tolist()))


def test_a_kernel_that_is_far_from_positive_definite_is_solved_all_the_same(
    problem: tuple[np.ndarray, np.ndarray],
) -> None:
    kernel, target = problem[0] - 5.0 * np.eye(30), problem[1]
    assert np.linalg.eigvalsh(kernel)[0] < -0.7  # there is no Cholesky factor, even with the penalty
    found = KernelRidge(kernel, target, 0.7).scores(kernel)
    assert np.allclose(found, kernel @ np.linalg.solve(kernel + 0.7 * np.eye(30), target))


def test_scores_are_those_of_the_closed_form(problem: tuple[np.ndarray, np.ndarray]) -> None:
    kernel, target = problem
    found = KernelRidge(kernel, target, 0.7).scores(kernel)
    assert np.allclose(found, kernel @ np.linalg.solve(kernel + 0.7 * np.eye(30), target))
