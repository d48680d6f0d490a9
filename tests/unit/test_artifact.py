"""Artifacts: what is written is read back; whatever is not exactly that is refused."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest

from triage import artifact
from triage.errors import ArtifactError
from triage.scoring.classifier import Classifier
from triage.scoring.scorer import Scorer
from triage.scoring.vectors import PieceVectors

MODELS = Path(__file__).parents[2] / "models"
SHIPPED = MODELS / "triage-en"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped model that a test may harm."""
    (tmp_path / "encoder-care").symlink_to(MODELS / "encoder-care")
    return Path(shutil.copytree(SHIPPED, tmp_path / "model"))


@pytest.fixture
def small(tmp_path: Path) -> Path:
    folder = tmp_path / "small"
    files = {"a.npz": artifact.pack({"x": np.arange(3.0)}), "b.txt": b"hello"}
    artifact.write(folder, kind="thing", name="small-1", files=files, about={"heads": [1, 2]})
    return folder


def edit_manifest(folder: Path, **changes: object) -> None:
    """Change the manifest and leave its digest as it was."""
    path = folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def test_what_was_written_is_read_back(small: Path) -> None:
    read = artifact.read(small, kind="thing")
    assert read.arrays("a.npz")["x"].tolist() == [0.0, 1.0, 2.0]
    assert read.file("b.txt") == b"hello"
    assert read.get("heads", list) == [1, 2]
    assert read.version.startswith("small-1@")


def test_equal_arrays_pack_to_equal_bytes() -> None:
    arrays = {"b": np.ones((2, 3), np.float16), "a": np.arange(4, dtype=np.uint32)}
    assert artifact.pack(arrays) == artifact.pack(dict(reversed(arrays.items())))


@pytest.mark.parametrize("load", [Scorer.load, Classifier.load])
def test_a_missing_folder_is_refused(tmp_path: Path, load) -> None:
    with pytest.raises(ArtifactError, match="cannot be read"):
        load(tmp_path / "nothing")


@pytest.mark.parametrize("name", ["weights.npz", "tokenizer.json", "CARD.md"])
def test_a_missing_file_is_refused(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(ArtifactError, match=name):
        Scorer.load(folder)


@pytest.mark.parametrize("name", ["weights.npz", "tokenizer.json", "CARD.md"])
def test_a_tampered_file_is_refused(folder: Path, name: str) -> None:
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(ArtifactError, match="checksums differ"):
        Scorer.load(folder)


@pytest.mark.parametrize("name", ["weights.npz", "tokenizer.json"])
def test_a_truncated_file_is_refused(folder: Path, name: str) -> None:
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[: len(content) // 2])
    with pytest.raises(ArtifactError, match="not as long"):
        Scorer.load(folder)


def test_a_truncated_manifest_is_refused(folder: Path) -> None:
    path = folder / "manifest.json"
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(ArtifactError, match="not JSON"):
        Scorer.load(folder)


def test_a_manifest_that_was_edited_is_refused(folder: Path) -> None:
    edit_manifest(folder, title="A better title")
    with pytest.raises(ArtifactError, match="changed after it was written"):
        Scorer.load(folder)


def test_a_folder_of_another_product_is_refused(tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(json.dumps({"model_type": "bert", "files": {}}))
    with pytest.raises(ArtifactError, match="not a model artifact"):
        Scorer.load(tmp_path)


def test_an_artifact_of_another_kind_is_refused() -> None:
    with pytest.raises(ArtifactError, match="holds 'vectors'"):
        Scorer.load(MODELS / "vectors-minilm")
    with pytest.raises(ArtifactError, match="holds 'classifier'"):
        PieceVectors.load(SHIPPED)


def test_a_later_layout_is_refused_by_its_number(small: Path) -> None:
    edit_manifest(small, format_version=2)
    with pytest.raises(ArtifactError, match="layout 2"):
        artifact.read(small, kind="thing")


def test_a_file_outside_the_folder_is_refused_and_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    folder = tmp_path / "model"
    artifact.write(folder, kind="thing", name="x", files={}, about={})
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"] = {"../secret": {"bytes": 6, "sha256": ""}}
    manifest["manifest_sha256"] = artifact._digest(manifest)
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(ArtifactError, match="not a file of its own folder"):
        artifact.read(folder, kind="thing")


def test_a_link_in_place_of_a_file_is_refused(folder: Path, tmp_path: Path) -> None:
    real = tmp_path / "elsewhere.npz"
    (folder / "weights.npz").rename(real)
    (folder / "weights.npz").symlink_to(real)
    with pytest.raises(ArtifactError, match="not a file of its own folder"):
        Scorer.load(folder)


class Trap:
    """Unpickling this would be seen."""

    sprung = False

    def __reduce__(self):
        return (Trap.spring, ())

    @staticmethod
    def spring() -> None:
        Trap.sprung = True


def test_pickled_objects_are_refused_without_being_unpickled(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    np.savez(buffer, x=np.array([Trap()], dtype=object))
    artifact.write(tmp_path, kind="thing", name="x", files={"x.npz": buffer.getvalue()}, about={})
    with pytest.raises(ArtifactError, match="no readable archive"):
        artifact.read(tmp_path, kind="thing").arrays("x.npz")
    assert not Trap.sprung


def test_an_archive_of_something_else_is_refused(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("x.npy", b"no array at all")
    files = {"x.npz": buffer.getvalue(), "y.npz": b"no archive"}
    artifact.write(tmp_path, kind="thing", name="x", files=files, about={})
    read = artifact.read(tmp_path, kind="thing")
    for name in files:
        with pytest.raises(ArtifactError, match="no readable archive"):
            read.arrays(name)


def rewrite(folder: Path, change) -> None:
    """Write the artifact anew, every checksum right, after ``change(arrays, about)``."""
    read = artifact.read(folder, kind="classifier")
    arrays, files = read.arrays("weights.npz"), dict(read.files)
    about = {key: value for key, value in read.manifest.items() if key not in ("files", "manifest_sha256")}
    change(arrays, about)
    files["weights.npz"] = artifact.pack(arrays)
    kind, name = about.pop("kind"), about.pop("name")
    artifact.write(folder, kind=kind, name=name, files=files, about=about)


def _without_bias(arrays, about):
    del arrays["bias"]


def _one_cue_less(arrays, about):
    arrays["cues"] = arrays["cues"][1:]


def _not_a_number(arrays, about):
    arrays["gram_scales"][0] = np.nan


def _bucket_out_of_range(arrays, about):
    arrays["gram_buckets"][0] = 1 << 31


def _bucket_twice(arrays, about):
    arrays["gram_buckets"][1] = arrays["gram_buckets"][0]


def _phrases_out_of_order(arrays, about):
    arrays["phrase_hashes"] = arrays["phrase_hashes"][::-1]


def _unknown_cue(arrays, about):
    about["features"]["cues"][0] = "phase of the moon"


def _zero_temperature(arrays, about):
    about["heads"][0]["temperature"] = 0.0


def _head_renamed(arrays, about):
    about["heads"][0]["name"] = "purpose"


def _label_renamed(arrays, about):
    about["heads"][0]["labels"][0] = "something_else"


def _no_features(arrays, about):
    del about["features"]


def _endless_grams(arrays, about):
    about["features"]["longest_gram"] = 1_000_000


def _no_raised_confidence(arrays, about):
    about["raised_confidence"] = {"high": 2.0}


@pytest.mark.parametrize(
    "change",
    [
        _without_bias,
        _one_cue_less,
        _not_a_number,
        _bucket_out_of_range,
        _bucket_twice,
        _phrases_out_of_order,
        _unknown_cue,
        _zero_temperature,
        _head_renamed,
        _label_renamed,
        _no_features,
        _endless_grams,
        _no_raised_confidence,
    ],
)
def test_an_artifact_with_right_checksums_and_wrong_contents_is_refused(folder: Path, change) -> None:
    rewrite(folder, change)
    with pytest.raises(ArtifactError):
        Scorer.load(folder)


def test_a_copy_gives_equal_scores_and_the_same_version(folder: Path) -> None:
    assert Scorer.load(folder).version == Scorer.load(SHIPPED).version


def test_the_shipped_models_stay_small() -> None:
    assert sum(path.stat().st_size for path in SHIPPED.iterdir()) < 12_000_000
    assert sum(path.stat().st_size for path in MODELS.glob("[!.]*/*")) < 65_000_000
