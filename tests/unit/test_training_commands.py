"""``python -m training``: what is wrong is said in one line, with the right number, before anything long begins."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from training import public, single
from training.__main__ import main
from training.corpus import numbered_rows, read_corpus
from triage.errors import ConfigurationError, InvalidInput
from triage.scoring.classifier import Classifier

ROOT = Path(__file__).parents[2]
MODEL = ROOT / "models" / "triage-en"
ROWS = [
    {"text": f"{text} {filler}", "label": label}
    for label, text in (("balance", "what is my balance"), ("card", "my card is blocked"))
    for filler in ("now", "today", "please", "asap", "again", "thanks")
]


def run(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


def lines(path: Path, *rows: object) -> Path:
    path.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows))
    return path


@pytest.fixture
def train(tmp_path: Path) -> Path:
    return lines(tmp_path / "train.jsonl", *ROWS)


def fails(*arguments: object) -> str:
    code, _, said = run(*arguments)
    assert code != 0
    assert said.startswith("Error: ")
    assert said.count("\n") == 1
    return said


def test_a_folder_that_cannot_be_written_is_named_before_anything_is_fitted(
    train: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from training import shipping

    monkeypatch.setattr(shipping, "fit_recipe", lambda *_: pytest.fail("fitted"))
    monkeypatch.setattr(single, "fit_single", lambda *_, **__: pytest.fail("fitted"))
    folder = tmp_path / "file" / "model"
    folder.parent.write_text("in the way")
    assert str(folder.parent) in fails("fit-head", "--train", train, "-o", folder)
    assert str(folder.parent) in fails("fit", ROOT / "training" / "recipes" / "triage-en.toml", "-o", folder)


def test_a_fit_that_fails_leaves_no_empty_folder_behind(tmp_path: Path) -> None:
    fails("fit-head", "--train", lines(tmp_path / "t.jsonl", ROWS[0]), "-o", tmp_path / "m")
    assert not (tmp_path / "m").exists()


@pytest.mark.parametrize("option", [("--c", "0"), ("--c", "-1"), ("--c", "nan"), ("--c", "inf"), ("--seed", "-1")])
def test_a_penalty_or_seed_that_cannot_be_is_refused_by_its_name(
    train: Path, tmp_path: Path, option: tuple[str, str]
) -> None:
    code, _, said = run("fit-head", "--train", train, "-o", tmp_path / "m", *option)
    assert code == 2
    assert f"Invalid value for '{option[0]}'" in said


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (r'{"text": "a\ud800", "label": "card"}', "has half of a surrogate pair"),
        (r'{"text": "a", "label": "\udc00"}', "has half of a surrogate pair"),
        ("[" * 100_000, "is not a JSON object"),
        ('{"text": "a", "label": "(out of scope)"}', "write null"),
        (json.dumps({"text": "a", "label": "x" * 201}), "over 200 characters"),
    ],
    ids=["half pair", "half pair in label", "deep", "reserved", "long"],
)
def test_a_line_that_no_artifact_can_come_of_is_named_with_its_number(
    train: Path, tmp_path: Path, line: str, reason: str
) -> None:
    train.write_text("\n\n" + line + "\n" + train.read_text())
    said = fails("fit-head", "--train", train, "-o", tmp_path / "m")
    assert said.startswith("Error: line 3, train.jsonl: ")
    assert reason in said


def test_a_file_that_is_not_utf8_is_said_to_be_so(tmp_path: Path) -> None:
    path = tmp_path / "latin.jsonl"
    path.write_bytes('{"text": "a", "label": "é"}\n'.encode("latin-1"))
    assert fails("fit-head", "--train", path, "-o", tmp_path / "m") == "Error: line 1, latin.jsonl: is not UTF-8\n"


def test_a_byte_order_mark_costs_no_line(tmp_path: Path) -> None:
    path = tmp_path / "bom.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"text": "a"}\n\n{"text": "b"}\n')
    assert numbered_rows(path) == [(1, {"text": "a"}), (3, {"text": "b"})]


def test_texts_without_any_word_are_nothing_to_fit_on(tmp_path: Path) -> None:
    path = lines(tmp_path / "t.jsonl", *({"text": " " * n, "label": "ab"[n % 2]} for n in range(1, 9)))
    valid = lines(tmp_path / "v.jsonl", *ROWS[:2], {"text": "a", "label": "a"})
    said = fails("fit-head", "--train", path, "--valid", valid, "-o", tmp_path / "m")
    assert said == "Error: t.jsonl: has no text with a word in it\n"


@pytest.mark.parametrize("rows", [[], [{"text": "hello", "label": "unheard of"}]], ids=["empty", "unknown labels"])
def test_messages_to_calibrate_on_must_have_labels_of_the_training_ones(
    train: Path, tmp_path: Path, rows: list[object]
) -> None:
    valid = lines(tmp_path / "valid.jsonl", *rows)
    said = fails("fit-head", "--train", train, "--valid", valid, "-o", tmp_path / "m")
    assert said == "Error: valid.jsonl: has no message with a label of train.jsonl\n"


@pytest.mark.parametrize("rows", [[], [{"text": "hello", "label": None}]], ids=["empty", "only null"])
def test_a_head_is_not_evaluated_on_messages_without_labels(train: Path, tmp_path: Path, rows: list[object]) -> None:
    assert run("fit-head", "--train", train, "--valid", train, "-o", tmp_path / "m")[0] == 0
    assert "no messages with a label" in fails("evaluate", tmp_path / "m", lines(tmp_path / "test.jsonl", *rows))


def test_a_head_fitted_into_the_working_folder_has_that_folders_name(
    train: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "banking").mkdir()
    monkeypatch.chdir(tmp_path / "banking")
    assert run("fit-head", "--train", train, "--valid", train, "-o", ".")[0] == 0
    assert Classifier.load(tmp_path / "banking", [MODEL.parent]).version.startswith("banking@")


@pytest.mark.parametrize(
    "row",
    [
        {"text": "a", "intent": "praise", "lang": 5},
        {"text": "a", "intent": "praise", "tags": 5},
        '{"text": "a", "intent": "praise", "spans": [[0, 1e999, "EMAIL"]]}',
        r'{"text": "a\ud800", "intent": "praise"}',
    ],
    ids=["lang", "tags", "endless span", "half pair"],
)
def test_an_odd_labelled_message_is_named_with_its_number(tmp_path: Path, row: object) -> None:
    test = lines(tmp_path / "test.jsonl", {"text": "thanks", "intent": "praise"}, "", row)
    assert fails("evaluate", MODEL, test).startswith("Error: line 3, test.jsonl: ")


def test_blank_lines_count_when_a_line_is_named(tmp_path: Path) -> None:
    foreign = lines(tmp_path / "own.jsonl", "", "", {"text": "a"})
    with pytest.raises(ConfigurationError, match=r"own\.jsonl, line 3"):
        public.refuse_to_fit_on([foreign])
    (tmp_path / "airline").mkdir()
    lines(tmp_path / "airline" / "dev.jsonl", "", {"text": "a", "sentiment": "angry"})
    with pytest.raises(InvalidInput) as raised:
        public.airline(tmp_path)
    assert raised.value.line == 2


def test_only_the_measuring_sets_that_are_there_are_read(tmp_path: Path) -> None:
    assert public.measuring_sets(tmp_path) == {}
    (tmp_path / "airline").mkdir()
    lines(tmp_path / "airline" / "dev.jsonl", {"text": "a", "sentiment": "neutral"})
    assert list(public.measuring_sets(tmp_path)) == ["airline tweets"]


def without_fitting_stack(*arguments: object) -> subprocess.CompletedProcess[str]:
    """The command where scikit-learn and what comes with it are not installed."""
    program = (
        "import sys; sys.modules.update({'sklearn': None, 'joblib': None, 'threadpoolctl': None});"
        "from training.__main__ import main; main(prog_name='python -m training')"
    )
    command = [sys.executable, "-c", program, *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_fitting_without_the_fitting_stack_says_how_to_install_it(train: Path, tmp_path: Path) -> None:
    done = without_fitting_stack("fit-head", "--train", train, "--valid", train, "-o", tmp_path / "m")
    assert done.returncode == 1
    assert done.stderr.startswith("Error: fitting needs scikit-learn")
    assert "make setup DEV=1" in done.stderr
    assert done.stderr.count("\n") == 1


def test_evaluating_needs_no_fitting_stack(tmp_path: Path) -> None:
    done = without_fitting_stack("evaluate", MODEL, lines(tmp_path / "t.jsonl", {"text": "thanks", "intent": "praise"}))
    assert (done.returncode, done.stderr) == (0, "")


def test_the_text_of_a_labelled_message_is_kept(tmp_path: Path) -> None:
    path = lines(tmp_path / "c.jsonl", {"text": " é 👍🏽 ", "lang": "en", "in_reply_to": None, "tags": ["a"]})
    [one] = read_corpus([path]).examples
    assert (one.text, one.utterance.lang, one.tags) == (" é 👍🏽 ", "en", ("a",))


def test_a_model_is_promoted_and_rolled_back_from_the_command_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRIAGE_MODELS", str(tmp_path))
    (tmp_path / "encoder-care").symlink_to(MODEL.parent / "encoder-care")
    shipped = Classifier.load(MODEL).version
    assert run("promote", MODEL)[:2] == (0, f"{shipped} is live; before: nothing that could be loaded\n")
    assert run("promote", MODEL)[:2] == (0, f"{shipped} is live already\n")
    (tmp_path / "triage-en" / "weights.npz").write_bytes(b"damaged")
    assert run("promote", MODEL)[0] == 0
    code, _, said = run("rollback")
    assert (code, said.count("\n")) == (2, 1)
    assert "no former model" in said
    assert run("promote", tmp_path / "nowhere")[0] == 2
