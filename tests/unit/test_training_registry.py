"""Promotion and roll-back: at any moment, whatever is killed, the live folder is one whole model."""

from __future__ import annotations

import errno
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from filelock import FileLock

from training import registry
from triage import artifact
from triage.errors import ArtifactError, ConfigurationError, Conflict
from triage.scoring import classifier
from triage.scoring.classifier import SEEN
from triage.scoring.scorer import Scorer
from triage.scoring.second import ARRAYS, ENTRY

SHIPPED = Path(__file__).parents[2] / "models" / "triage-en"
NAME = "triage-en"
#: What a process does to files; a kill is tried before each of these.
STEPS = {"open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "ctypes.dlsym"}


def variant(folder: Path, title: str, **more: object) -> Path:
    """The shipped model under another title, so another version; to be quick with few weights and words alone."""
    checked = artifact.read(SHIPPED, kind=classifier.KIND)
    arrays = checked.arrays(classifier.WEIGHTS)
    arrays |= {name: arrays[name][:1] for name in ("grams", "gram_scales", "gram_buckets", "gram_idf")}
    arrays |= {name: np.zeros_like(arrays[name]) for name in ("pieces", "piece_leading")}
    files = {**checked.files, classifier.WEIGHTS: artifact.pack(arrays)}
    del files[ARRAYS], files[SEEN]
    left_out = ("files", "manifest_sha256", ENTRY)
    about = {key: value for key, value in checked.manifest.items() if key not in left_out}
    about |= {"title": title, **more}
    artifact.write(folder, kind=classifier.KIND, name="triage-en-1", files=files, about=about)
    return folder


@pytest.fixture(scope="module")
def versions(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    folder = tmp_path_factory.mktemp("versions")
    return variant(folder / "a", "A"), variant(folder / "b", "B"), variant(folder / "c", "C")


@pytest.fixture
def models(tmp_path: Path, versions: tuple[Path, Path, Path]) -> Path:
    """A folder of models in which the first version is live, as a checkout has it."""
    shutil.copytree(versions[0], tmp_path / "models" / NAME)
    return tmp_path / "models"


def version(folder: Path) -> str:
    return Scorer.load(folder).version


def test_a_promoted_model_is_what_serving_loads_and_rolling_back_brings_the_former_one(
    models: Path, versions: tuple[Path, Path, Path]
) -> None:
    a, b, c = map(version, versions)
    assert registry.promote(versions[1], models, NAME) == registry.Switch(b, a)
    assert registry.promote(versions[2], models, NAME) == registry.Switch(c, b)
    assert version(models / NAME) == c
    assert registry.rollback(models, NAME) == registry.Switch(b, c)
    assert version(models / NAME) == b
    assert registry.rollback(models, NAME) == registry.Switch(a, b)
    assert version(models / NAME) == a
    with pytest.raises(ConfigurationError, match="no former model"):
        registry.rollback(models, NAME)


def test_what_was_rolled_back_is_kept_and_can_be_promoted_again(
    models: Path, versions: tuple[Path, Path, Path]
) -> None:
    registry.promote(versions[1], models, NAME)
    registry.rollback(models, NAME)
    [undone] = (models / ".previous" / NAME).glob("undone-*")
    registry.promote(undone, models, NAME)
    assert version(models / NAME) == version(versions[1])


def test_the_first_model_of_an_empty_folder_is_promoted(tmp_path: Path, versions: tuple[Path, Path, Path]) -> None:
    assert registry.promote(versions[0], tmp_path, NAME).before is None
    assert version(tmp_path / NAME) == version(versions[0])


def test_promoting_what_is_live_already_changes_nothing(models: Path, versions: tuple[Path, Path, Path]) -> None:
    registry.promote(versions[1], models, NAME)
    registry.promote(versions[1], models, NAME)
    assert registry.rollback(models, NAME).live == version(versions[0])


def test_a_live_model_that_is_damaged_is_replaced_and_never_rolled_back_to(
    models: Path, versions: tuple[Path, Path, Path]
) -> None:
    (models / NAME / "weights.npz").write_bytes(b"damaged")
    assert registry.promote(versions[0], models, NAME).before is None
    assert version(models / NAME) == version(versions[0])
    with pytest.raises(ConfigurationError, match="no former model"):
        registry.rollback(models, NAME)


def test_a_former_model_that_was_damaged_since_is_not_made_live(
    models: Path, versions: tuple[Path, Path, Path]
) -> None:
    registry.promote(versions[1], models, NAME)
    [former] = (models / ".previous" / NAME).glob("0001-*")
    (former / "weights.npz").write_bytes(b"damaged")
    with pytest.raises(ArtifactError):
        registry.rollback(models, NAME)
    assert version(models / NAME) == version(versions[1])


@pytest.mark.parametrize("purpose", ["research", "fun", None])
def test_a_model_that_was_not_fitted_for_shipping_is_never_promoted(
    models: Path, versions: tuple[Path, Path, Path], tmp_path: Path, purpose: str | None
) -> None:
    candidate = variant(tmp_path / "candidate", "D", purpose=purpose)
    with pytest.raises(ConfigurationError, match=f"was fitted for {purpose}"):
        registry.promote(candidate, models, NAME)
    assert version(models / NAME) == version(versions[0])


def test_a_model_that_says_it_was_fitted_for_shipping_is_promoted(models: Path, tmp_path: Path) -> None:
    candidate = variant(tmp_path / "candidate", "D", purpose="shipping")
    assert registry.promote(candidate, models, NAME).live == version(candidate)


def test_only_a_model_that_serving_loads_is_promoted(
    models: Path, versions: tuple[Path, Path, Path], tmp_path: Path
) -> None:
    broken = shutil.copytree(versions[1], tmp_path / "broken")
    (broken / "weights.npz").write_bytes(b"damaged")
    for candidate in (broken, tmp_path / "nowhere"):
        with pytest.raises(ArtifactError):
            registry.promote(candidate, models, NAME)
    assert version(models / NAME) == version(versions[0])


def test_only_the_files_of_the_manifest_are_promoted(
    models: Path, versions: tuple[Path, Path, Path], tmp_path: Path
) -> None:
    candidate = shutil.copytree(versions[1], tmp_path / "candidate")
    (candidate / "notes.txt").write_text("not for serving")
    registry.promote(candidate, models, NAME)
    assert not (models / NAME / "notes.txt").exists()


def test_a_link_to_the_live_folder_stays_a_link(
    models: Path, versions: tuple[Path, Path, Path], tmp_path: Path
) -> None:
    (tmp_path / "linked").mkdir()
    (tmp_path / "linked" / NAME).symlink_to(models / NAME)
    registry.promote(versions[1], tmp_path / "linked", NAME)
    assert (tmp_path / "linked" / NAME).is_symlink()
    assert version(tmp_path / "linked" / NAME) == version(versions[1])
    registry.rollback(tmp_path / "linked", NAME)
    assert version(tmp_path / "linked" / NAME) == version(versions[0])


def test_two_at_once_are_kept_apart(models: Path, versions: tuple[Path, Path, Path]) -> None:
    registry.promote(versions[1], models, NAME)
    with FileLock(models / ".previous" / NAME / "lock"):
        with pytest.raises(Conflict, match="going on"):
            registry.promote(versions[2], models, NAME)
        with pytest.raises(Conflict, match="going on"):
            registry.rollback(models, NAME)
    assert version(models / NAME) == version(versions[1])


def test_a_file_system_that_cannot_swap_folders_leaves_the_live_model(
    models: Path, versions: tuple[Path, Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Refusing:
        def __init__(self, *_: object, **__: object) -> None: ...

        def renameat2(self, *_: object) -> int:
            registry.ctypes.set_errno(errno.EINVAL)
            return -1

        renamex_np = renameat2

    with monkeypatch.context() as patched:
        patched.setattr(registry.ctypes, "CDLL", Refusing)
        with pytest.raises(ConfigurationError, match=f"{os.strerror(errno.EINVAL)}.*TRIAGE_MODELS"):
            registry.promote(versions[1], models, NAME)
    assert version(models / NAME) == version(versions[0])
    registry.promote(versions[2], models, NAME)
    assert registry.rollback(models, NAME).live == version(versions[0])


def killed_before_step(number: int, models: Path, work: Callable[[], object]) -> bool:
    """Do ``work`` in a process of its own that ends, as if killed, before its ``number``-th step in ``models``.

    False where it came to its end before that.
    """
    left = number

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal left
        place = str(arguments[0]) if arguments and isinstance(arguments[0], (str, bytes, os.PathLike)) else ""
        if event in STEPS and (event == "ctypes.dlsym" or str(models) in place):
            left -= 1
            if left < 0:
                os._exit(9)

    process = os.fork()
    if not process:
        sys.addaudithook(hook)
        try:
            work()
        except BaseException:
            os._exit(1)
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    assert code in (0, 9), "the work failed by itself"
    return code == 9


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_promotion_killed_before_any_step_leaves_a_whole_model_and_can_be_done_again(
    versions: tuple[Path, Path, Path], tmp_path: Path
) -> None:
    known = {version(folder): folder for folder in versions}
    a, b, _ = known
    seen = set()
    for number in range(1000):
        models = tmp_path / str(number)
        shutil.copytree(versions[0], models / NAME)
        killed = killed_before_step(number, models, lambda models=models: registry.promote(versions[1], models, NAME))
        live = version(models / NAME)
        seen.add(live)
        registry.promote(versions[2], models, NAME)
        assert registry.rollback(models, NAME).live == live
        if live == b:
            assert registry.rollback(models, NAME).live == a
        with pytest.raises(ConfigurationError, match="no former"):
            registry.rollback(models, NAME)
        shutil.rmtree(models)
        if not killed:
            break
    assert number > 10
    assert seen == {a, b}


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_roll_back_killed_before_any_step_leaves_a_whole_model_and_can_be_done_again(
    versions: tuple[Path, Path, Path], tmp_path: Path
) -> None:
    a, b, _ = map(version, versions)
    seen = set()
    for number in range(1000):
        models = tmp_path / str(number)
        shutil.copytree(versions[0], models / NAME)
        registry.promote(versions[1], models, NAME)
        killed = killed_before_step(number, models, lambda models=models: registry.rollback(models, NAME))
        live = version(models / NAME)
        seen.add(live)
        if live == b:
            assert registry.rollback(models, NAME).live == a
        with pytest.raises(ConfigurationError, match="no former"):
            registry.rollback(models, NAME)
        shutil.rmtree(models)
        if not killed:
            break
    assert number > 5
    assert seen == {a, b}
