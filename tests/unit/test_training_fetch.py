"""Public corpora are taken or downloaded whole and verified, or not at all; what is wrong is said in one line."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from click.testing import CliRunner

from training import fetch as fetching
from training import public
from training.__main__ import main
from training.fetch import fetch
from training.official import LAYOUTS
from training.public import OfficialFile, PublicCorpus, PublicFile, Use
from triage.errors import InvalidInput, NotFound

GOOD = b'text,category\r\nhello,greeting\r\n"what, now",confusion\r\n'
MADE = b'{"text": "hello", "label": "greeting"}\n{"text": "what, now", "label": "confusion"}\n'
Serve = Callable[[str], str]


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


class Source(BaseHTTPRequestHandler):
    """A publisher's server with files as they should be, and as they should not."""

    def do_GET(self) -> None:
        content = {"/good": GOOD, "/broken-off": GOOD, "/page": b"<html>\nmoved</html>\n"}.get(self.path)
        if self.path == "/changed":
            content = GOOD.replace(b"hello", b"hallo")
        if content is None:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content[:20] if self.path == "/broken-off" else content)

    def log_message(self, *_: object) -> None:
        """Keep the output of the tests clean."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Source) as httpd:
        threading.Thread(target=httpd.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{httpd.server_port}"
        httpd.shutdown()


@pytest.fixture(autouse=True)
def direct(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy between the tests and their own server."""
    monkeypatch.setenv("no_proxy", "*")


def declare(*files: PublicFile) -> PublicCorpus:
    return PublicCorpus("some", "", "https://example.org", "MIT", Use.SHIP, "", "cut to size", files)


def banking(url: str, name: str = "train.jsonl", sha256: str | None = None) -> PublicFile:
    return PublicFile(name, 2, len(MADE), digest(MADE), "BANKING77", (OfficialFile(url, sha256),))


def test_what_is_there_as_declared_is_taken_without_any_download(tmp_path: Path) -> None:
    (tmp_path / "some").mkdir()
    (tmp_path / "some" / "train.jsonl").write_bytes(MADE)
    said: list[str] = []
    corpus = declare(banking("https://nowhere.invalid"))
    assert fetch(corpus, tmp_path, tmp_path / "other", said.append) == tmp_path / "some"
    assert said == [f"{tmp_path / 'some'}: 1 file, here and verified"]
    assert not (tmp_path / "other").exists()


def test_a_file_that_is_there_and_not_as_declared_is_named_with_both_checksums_and_left_alone(
    tmp_path: Path, server: str
) -> None:
    (tmp_path / "some").mkdir()
    path = tmp_path / "some" / "train.jsonl"
    path.write_bytes(b"mine")
    with pytest.raises(InvalidInput) as raised:
        fetch(declare(banking(f"{server}/good")), tmp_path, tmp_path, print)
    assert str(raised.value) == f"{path}: expected SHA-256 {digest(MADE)}, found {digest(b'mine')}"
    assert path.read_bytes() == b"mine"


@pytest.mark.parametrize("known", [digest(GOOD), None], ids=["official checksum known", "not known"])
def test_what_is_missing_is_downloaded_arranged_and_put_in_place(
    tmp_path: Path, server: str, known: str | None
) -> None:
    corpora = tmp_path / "corpora"
    said: list[str] = []
    folder = fetch(declare(banking(f"{server}/good", "config/train.jsonl", known)), corpora, corpora, said.append)
    assert [path.relative_to(folder) for path in corpora.rglob("*.jsonl")] == [Path("config/train.jsonl")]
    assert (folder / "config" / "train.jsonl").read_bytes() == MADE
    assert said == [f"{folder}: 1 file downloaded and verified; licence: MIT"]
    assert list(corpora.iterdir()) == [folder]


def test_only_what_is_missing_is_downloaded(tmp_path: Path, server: str) -> None:
    (tmp_path / "some").mkdir()
    (tmp_path / "some" / "a.jsonl").write_bytes(MADE)
    corpus = declare(banking(f"{server}/nowhere", "a.jsonl"), banking(f"{server}/good", "b.jsonl"))
    fetch(corpus, tmp_path, tmp_path, lambda _: None)
    assert (tmp_path / "some" / "b.jsonl").read_bytes() == MADE


def test_one_official_file_for_two_arranged_ones_is_downloaded_once(
    tmp_path: Path, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    download = fetching._download
    monkeypatch.setattr(fetching, "_download", lambda one, *more: (asked.append(one.url), download(one, *more)))
    corpus = declare(banking(f"{server}/good", "a.jsonl"), banking(f"{server}/good", "b.jsonl"))
    fetch(corpus, tmp_path, tmp_path, lambda _: None)
    assert asked == [f"{server}/good"]


@pytest.mark.parametrize(
    ("path", "known", "kind", "said"),
    [
        ("/nowhere", None, NotFound, "/nowhere cannot be downloaded: the server answers 404"),
        ("/broken-off", None, InvalidInput, f"/broken-off: broke off after 20 of {len(GOOD)} bytes"),
        ("/changed", digest(GOOD), InvalidInput, f"/changed: expected SHA-256 {digest(GOOD)}, found "),
        ("/changed", None, InvalidInput, f"/changed: expected SHA-256 {digest(MADE)}, found "),
        ("/page", None, InvalidInput, "/page: the download is not laid out as BANKING77"),
    ],
    ids=["404", "truncated", "changed, official checksum known", "changed, not known", "another page"],
)
@pytest.mark.parametrize("before", [False, True], ids=["no folder before", "a file before"])
def test_a_download_that_fails_is_said_and_leaves_nothing_behind(
    tmp_path: Path, server: str, path: str, known: str | None, kind: type[Exception], said: str, before: bool
) -> None:
    corpora = tmp_path / "corpora"
    if before:
        (corpora / "some").mkdir(parents=True)
        (corpora / "some" / "a.jsonl").write_bytes(MADE)
    files = banking(f"{server}/good", "a.jsonl"), banking(server + path, "b.jsonl", known)
    with pytest.raises(kind) as raised:
        fetch(declare(*files), corpora, corpora, print)
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)
    assert sorted(path.name for path in corpora.rglob("*")) == (["a.jsonl", "some"] if before else [])
    assert corpora.exists() == before


def test_a_download_that_is_interrupted_leaves_nothing_behind(
    tmp_path: Path, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> bytes:
        raise KeyboardInterrupt

    monkeypatch.setattr(fetching, "_arrange", interrupt)
    with pytest.raises(KeyboardInterrupt):
        fetch(declare(banking(f"{server}/good")), tmp_path / "corpora", tmp_path / "corpora", print)
    assert list(tmp_path.iterdir()) == []


def test_rows_are_counted_where_the_arranged_file_differs(tmp_path: Path, server: str) -> None:
    file = PublicFile("a.jsonl", 7, 1, "0" * 64, "BANKING77", (OfficialFile(f"{server}/good", None),))
    with pytest.raises(InvalidInput, match="; 2 rows, expected 7"):
        fetch(declare(file), tmp_path, tmp_path, print)


def test_a_server_that_is_not_there_is_said_by_its_address(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"http://127\.0\.0\.1:1/x cannot be downloaded: .*refused"):
        fetch(declare(banking("http://127.0.0.1:1/x")), tmp_path / "corpora", tmp_path / "corpora", print)
    assert not (tmp_path / "corpora").exists()


def test_a_server_that_falls_silent_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    monkeypatch.setattr(fetching, "TIMEOUT", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/x"
        with pytest.raises(NotFound, match="timed out"):
            fetch(declare(banking(address)), tmp_path, tmp_path, print)


def test_more_than_any_corpus_has_is_not_read(tmp_path: Path, server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "MOST_BYTES", 10)
    with pytest.raises(InvalidInput, match="has more than 10 bytes"):
        fetch(declare(banking(f"{server}/good")), tmp_path, tmp_path, print)


def test_what_has_no_official_download_is_said_before_anything_is_downloaded(
    tmp_path: Path, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "_download", lambda *_: pytest.fail("downloaded"))
    corpus = declare(banking(f"{server}/good", "a.jsonl"), PublicFile("b.jsonl", 1, 1, "0" * 64, "", ()))
    with pytest.raises(NotFound, match=r"some: b\.jsonl cannot be downloaded .*cut to size.*https://example\.org"):
        fetch(corpus, tmp_path / "corpora", tmp_path / "corpora", print)
    assert not (tmp_path / "corpora").exists()


def run(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def corpora(tmp_path: Path, server: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder of corpora, and one declared corpus, called ``some``."""
    corpus = declare(banking(f"{server}/good"), banking(f"{server}/good", "more.jsonl"))
    monkeypatch.setattr(public, "declared", lambda: {"some": corpus})
    monkeypatch.setenv("TRIAGE_CORPORA", str(tmp_path / "corpora"))
    return tmp_path / "corpora"


def test_fetching_from_the_command_line_fills_the_folder_of_corpora_and_then_finds_it_there(corpora: Path) -> None:
    code, out, said = run("corpus", "fetch", "some")
    assert (code, out) == (0, "")
    assert said.splitlines() == [
        "downloading some",
        f"{corpora / 'some'}: 2 files downloaded and verified; licence: MIT",
    ]
    assert run("corpus", "fetch", "some") == (0, "", f"{corpora / 'some'}: 2 files, here and verified\n")


def test_fetching_into_another_folder_leaves_the_folder_of_corpora_alone(corpora: Path, tmp_path: Path) -> None:
    assert run("corpus", "fetch", "some", "--into", tmp_path / "other")[0] == 0
    assert (tmp_path / "other" / "some" / "train.jsonl").read_bytes() == MADE
    assert not corpora.exists()


def test_a_corpus_that_is_not_declared_is_refused_before_anything_is_fetched(corpora: Path) -> None:
    code, _, said = run("corpus", "fetch", "some", "nothing")
    assert (code, said) == (1, "Error: no public corpus 'nothing' is declared; there are some\n")
    assert not corpora.exists()


def test_a_wrong_checksum_is_one_line_and_exit_code_1(corpora: Path) -> None:
    (corpora / "some").mkdir(parents=True)
    (corpora / "some" / "train.jsonl").write_bytes(b"mine")
    code, out, said = run("corpus", "fetch", "some")
    assert (code, out, said.count("\n")) == (1, "", 1)
    assert said.startswith(f"Error: {corpora / 'some' / 'train.jsonl'}: expected SHA-256 ")


@pytest.mark.parametrize(
    ("contents", "row"),
    [
        ({}, ["some", "4", "MIT", "ship", "no"]),
        ({"train.jsonl": MADE}, ["some", "4", "MIT", "ship", "1", "of", "2", "files", "yes"]),
        ({"train.jsonl": MADE, "more.jsonl": MADE}, ["some", "4", "MIT", "ship", "yes", "yes"]),
        (
            {"train.jsonl": MADE, "more.jsonl": b"x"},
            ["some", "4", "MIT", "ship", "yes", "differs:", "more.jsonl"],
        ),
    ],
    ids=["nothing", "a part", "all", "altered"],
)
def test_the_list_says_what_is_here_and_whether_it_is_as_declared(
    corpora: Path, contents: dict[str, bytes], row: list[str]
) -> None:
    for name, content in contents.items():
        (corpora / "some").mkdir(parents=True, exist_ok=True)
        (corpora / "some" / name).write_bytes(content)
    code, out, _ = run("corpus", "list")
    assert code == 0
    assert [line.split() for line in out.splitlines()] == [
        ["name", "rows", "licence", "use", "here", "verified"],
        row,
    ]


@pytest.mark.parametrize(
    ("layout", "contents", "rows"),
    [
        ("JSON objects", ['[{"b": "é", "a": 1}]'], [{"b": "é", "a": 1}]),
        ("BANKING77", ['text,category\r\n" a\n""b""",x\r\n'], [{"text": ' a\n"b"', "label": "x"}]),
        (
            "HINT3",
            ["sentence,label\nhello ,HI\nhy,NO_NODES_DETECTED\n"],
            [{"text": "hello ", "label": "HI"}, {"text": "hy", "label": None}],
        ),
        (
            "CLINC150 train",
            ['{"oos_train": [["c", "oos"]], "test": [["t", "x"]], "train": [["a", "x"], ["b", "y"]]}'],
            [{"text": "a", "label": "x"}, {"text": "b", "label": "y"}, {"text": "c", "label": "oos"}],
        ),
        (
            "HWU64",
            [
                "answerid;scenario;intent;answer_annotation;answer_from_anno;answer_from_user\n"
                f'1;iot;{intent};"turn [x : {intent}]";"turn {intent}";"Turn!"\n'
                for intent in ("on", "off")
            ],
            [
                {"text": "turn on", "label": "iot_on", "scenario": "iot"},
                {"text": "turn off", "label": "iot_off", "scenario": "iot"},
            ],
        ),
        (
            "TweetEval sentiment",
            ["a b  \n\u2028c \n", "2\n0\n"],
            [{"text": "a b", "label": "positive"}, {"text": "c", "label": "negative"}],
        ),
        (
            "CoNLL",
            ["a\tO\nb\u2028\tB-person\n\t\n\nc\tO"],
            [{"tokens": ["a", "b\u2028"], "tags": ["O", "B-person"]}, {"tokens": ["c"], "tags": ["O"]}],
        ),
    ],
)
def test_a_layout_gives_the_rows_of_the_official_files_in_their_order(
    layout: str, contents: list[str], rows: list[object]
) -> None:
    made = LAYOUTS[layout]([content.encode() for content in contents]).decode()
    assert made == "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def test_texts_and_labels_of_different_number_are_not_laid_out() -> None:
    with pytest.raises(ValueError, match="shorter"):
        LAYOUTS["TweetEval irony"]([b"a\nb\n", b"1\n"])
