"""The model of people: what is loaded, what is refused, who counts as exposed. Every name here is invented."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from spacy.lang.en import English
from spacy.tokens import Span as Place

from triage import artifact
from triage.domain.scores import Span
from triage.errors import ArtifactError
from triage.privacy import exposure
from triage.privacy.addressee import is_to_a_brand
from triage.privacy.detect import Detector, _before_postcode, detect
from triage.privacy.findings import Finding, Ground, settle
from triage.privacy.hints import may_name
from triage.privacy.people import KIND, WEIGHTS, WORDS, People, WordLists, entities_of, norm
from triage.privacy.public_figures import is_public_figure

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "models" / "people-en"
LISTS = WordLists(frozenset({"hanna", "tariq"}), frozenset({"velasco"}), frozenset({"train", "london"}))


@pytest.fixture(scope="module")
def detector() -> Detector:
    return Detector.load(SHIPPED)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped model that a test may harm."""
    return Path(shutil.copytree(SHIPPED, tmp_path / "people"))


def rewritten(folder: Path, **changes: object) -> Path:
    """The artifact with other files or entries and right digests: what a careless tool would write."""
    old = artifact.read(folder, kind=KIND)
    files = {name: changes.pop(name, content) for name, content in old.files.items()}
    about = {key: old.manifest[key] for key in ("labels", "network")} | changes
    artifact.write(folder, kind=KIND, name="people-test", files=files, about=about)  # type: ignore[arg-type]
    return folder


# the artifact


def test_a_changed_file_is_refused(folder: Path) -> None:
    path = folder / WORDS
    path.write_bytes(path.read_bytes()[:-1] + b" ")
    with pytest.raises(ArtifactError, match="checksums differ"):
        People.load(folder)


def test_another_kind_of_artifact_is_refused() -> None:
    with pytest.raises(ArtifactError, match="not 'people'"):
        People.load(ROOT / "models" / "vectors-minilm")


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="cannot be read"):
        Detector.load(tmp_path / "nothing")


def test_weights_of_another_network_are_refused(folder: Path) -> None:
    arrays = artifact.read(folder, kind=KIND).arrays(WEIGHTS)
    first = min(arrays)
    shorter = {**arrays, first: arrays[first][:-1]}
    for wrong in ({}, shorter, {**arrays, first: arrays[first].astype(np.int64)}):
        with pytest.raises(ArtifactError, match="no network that this version can build"):
            People.load(rewritten(folder, **{WEIGHTS: artifact.pack(wrong)}))


BROKEN = [
    gzip.compress(told, mtime=0) for told in (b"[]", b"{}", b"no json", b'{"first": 3, "last": [], "common": []}')
]


@pytest.mark.parametrize("words", [*BROKEN, b"no archive", gzip.compress(b"{}", mtime=0)[:-3]], ids=range(6))
def test_broken_word_lists_are_refused(folder: Path, words: bytes) -> None:
    with pytest.raises(ArtifactError, match="holds no lists of words"):
        People.load(rewritten(folder, **{WORDS: words}))


def test_a_manifest_without_a_network_is_refused(folder: Path) -> None:
    for network in ({}, {"width": "wide", "depth": 1, "rows": [1]}, {"width": 8, "depth": 1, "rows": 3}):
        with pytest.raises(ArtifactError):
            People.load(rewritten(folder, network=network))


def test_the_manifest_and_card_say_where_the_model_comes_from() -> None:
    manifest = json.loads((SHIPPED / "manifest.json").read_text())
    assert manifest["data"]["licence"] == manifest["licence"] == "Apache-2.0"
    assert "people.jsonl" in manifest["data"]["files"]
    assert set(manifest["metrics"])
    assert manifest["name"] in (SHIPPED / "CARD.md").read_text()


def test_spacy_is_not_imported_before_a_model_is_loaded() -> None:
    told = "import sys, triage.privacy.detect as one; one.detect('jo@mail.example'); print('spacy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", told], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_a_model_read_twice_finds_the_same(detector: Detector) -> None:
    texts = ["Parcel for Tariq Velasco, please", "is Hanna there?"]
    assert Detector.load(SHIPPED).find_all(texts) == detector.find_all(texts)


def test_many_threads_may_ask_at_once(detector: Detector) -> None:
    texts = [f"This is about Tariq Velasco, row {row}." for row in range(40)]
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(detector.find, texts)) == detector.find_all(texts)


def test_words_are_forgotten_after_reading(detector: Detector) -> None:
    exposure = detector.exposure
    assert exposure is not None
    before = len(exposure.people.language.vocab.strings)
    detector.find_all([f"Ask Hanna about {'abcdefghij'[row % 10]}{row}qux at noon" for row in range(200)])
    assert len(exposure.people.language.vocab.strings) == before


def test_handles_links_and_numbers_are_each_one_thing_to_the_network() -> None:
    assert norm("@brand") == norm("@other") == "@someone"
    assert norm("https://a.example/x") == norm("www.b.example")
    assert norm("A320") == norm("a747") == "a000"


# which texts the model reads


@pytest.mark.parametrize(
    ("text", "to_a_handle", "read"),
    [
        ("\0\0\0\0\0\0 where is my parcel", True, False),
        ("\0\0\0\0\0\0 thanks Hanna", True, False),
        ("\0\0\0\0\0\0 Good Morning and Good Luck", True, False),
        ("\0\0\0\0\0\0 it is Hanna Okonkwo", True, True),
        ("\0\0\0\0\0\0 it is Tariq M. Okonkwo", True, True),
        ("\0\0\0\0\0\0 the one at 12 Elm Street", True, True),
        ("where is my parcel", False, False),
        ("Train is late", False, False),
        ("Zzyzx, may I ask", False, True),
        ("is hanna there", False, True),
        ("Where is Zzyzx from", False, True),
        ("i live at 12 elm street", False, True),
    ],
)
def test_only_what_may_name_somebody_is_read(text: str, to_a_handle: bool, read: bool) -> None:
    assert may_name(text, LISTS, to_a_handle) is read


OPENINGS = ("@brand ", "@brand thanks, ", "my flight is late. ")
ABOUT_SOMEBODY = (
    "the account of Hanna Okonkwo",
    "Tariq Velasco's booking is gone",
    "Hanna Okonkwo lives next door",
    "Tariq Velasco is my neighbour",
    "send it to 12 Elm Street please",
    "12 Elm Street is our house",
    "so it goes\nTariq Velasco",
    "Hanna Okonkwo was on board with us",
    "we met Tariq Velasco near 12 Elm Street",
)


def test_the_quick_look_at_whose_a_name_may_be_hides_none(detector: Detector, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [opening + told for opening in OPENINGS for told in ABOUT_SOMEBODY]
    found = detector.find_all(texts)
    monkeypatch.setattr(exposure, "_may_expose", lambda text: True)
    assert found == detector.find_all(texts)
    assert sum(any(span.type == "PERSON" for span in spans) for spans in found) > len(OPENINGS)


def test_what_cannot_count_in_a_message_to_a_brand_is_not_read(
    detector: Detector, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    plainly = People.read
    monkeypatch.setattr(People, "read", lambda self, texts: plainly(self, [read.append(one) or one for one in texts]))
    detector.find_all(["@brand Hanna Okonkwo was on board with us", "@brand the parcel for Hanna Okonkwo"])
    assert read == ["@brand the parcel for Hanna Okonkwo"]


def test_a_common_word_is_no_name_to_the_lists() -> None:
    assert LISTS.mark("London") == "c"
    assert LISTS.mark("Hanna") == "f"
    assert LISTS.mark("velasco") == "l"
    assert LISTS.mark("zzyzx") == ""


# to whom a text is written


@pytest.mark.parametrize(
    "text", ["@brand hello", ".@4711 hm", "Where is my parcel?", "MY FLIGHT IS LATE", "the wi-fi is down"]
)
def test_a_handle_or_a_customers_word_makes_a_message_to_a_brand(text: str) -> None:
    assert is_to_a_brand(text)


@pytest.mark.parametrize(
    "text", ["Gustav lives in Oslo", "write to jo@mail.example", "a top-flight player", "Mrs. Solberg left"]
)
def test_other_texts_are_to_nobody_in_particular(text: str) -> None:
    assert not is_to_a_brand(text)


# who is exposed


def people(detector: Detector, text: str) -> list[str]:
    return [text[span.start : span.end] for span in detector.find(text) if span.type == "PERSON"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("The seat next to mine belongs to Marisol Hendricks.", "Marisol Hendricks"),
        ("Could you take Gustav off the list?", "Gustav"),
        ("I would like to send 40 euros to Ingrid Solberg.", "Ingrid Solberg"),
        ("Why has Yusuf not been paid?", "Yusuf"),
        ("Mrs. Castellano never got her letter.", "Castellano"),
        ("Give the refund back to the account of Ingrid Solberg", "Ingrid Solberg"),
        ("I want my order cancelled.\n\nRegards,\nBeatriz Okafor", "Beatriz Okafor"),
        ("@4711 you sent the contract of Beatriz Okafor to my house", "Beatriz Okafor"),
    ],
)
def test_people_that_rules_do_not_know_are_found(detector: Detector, text: str, name: str) -> None:
    assert people(detector, text) == [name]
    assert name not in [text[span.start : span.end] for span in detect(text)]


@pytest.mark.parametrize(
    "text",
    [
        "@4711 thanks Gustav, you made my day",
        "@4711 your agent Ingrid hung up on me",
        "@4711 shout out to Marisol at the Leeds store",
        "@4711 spoke to Yusuf in chat and he was lovely",
        "Spoke with your colleague Yusuf yesterday, he was lovely.",
        "A big thank you to Marisol for the quick help!",
        "Gustav at the counter was a star",
        "Where is my parcel, Ingrid?",
    ],
)
def test_staff_by_first_name_is_not_exposed(detector: Detector, text: str) -> None:
    assert people(detector, text) == []


@pytest.mark.parametrize(
    "text",
    [
        "@4711 when will the new Taylor Swift album be on your app",
        "@4711 tell your CEO Marisol Hendricks that I am leaving",
        "Is Elon Musk your boss now?",
        "@4711 the Marisol Hendricks tickets were gone in a minute",
        "@4711 please ask President Hendricks",
        "Put Marisol Hendricks back on the playlist, please.",
    ],
)
def test_public_figures_are_not_exposed(detector: Detector, text: str) -> None:
    assert people(detector, text) == []


@pytest.mark.parametrize(
    "text",
    [
        "@4711 my train from Leeds to Kings Cross is late",
        "@4711 the Galaxy S7 will not turn on",
        "@4711 Black Friday was a joke, Customer Service too",
        "Do you open on Bank Holidays?",
        "How do I change my password?",
    ],
)
def test_what_names_nobody_is_left_alone(detector: Detector, text: str) -> None:
    assert people(detector, text) == []


def test_a_first_name_and_a_surname_side_by_side_are_one_person() -> None:
    words = English()("Hanna Velasco, Tariq and Tariq")
    words.ents = [Place(words, start, start + 1, label="PERSON") for start in (0, 1, 3, 5)]
    assert [one.text for one in entities_of(words)] == ["Hanna Velasco", "Tariq", "Tariq"]


def test_a_handle_is_nobody(detector: Detector) -> None:
    assert people(detector, "@GustavHelp is Gustav there") == []


def test_public_figures_are_known_by_whole_names() -> None:
    assert is_public_figure("Elon  Musk")
    assert is_public_figure("TRUMP")
    assert not is_public_figure("Elon Hendricks")


def test_what_rules_find_stays_found(detector: Detector) -> None:
    text = "My name is Marisol Hendricks and my mail is m.h@mail.example"
    assert set(detect(text)) <= set(detector.find(text))
    assert Span(11, 28, "PERSON") in detector.find(text)


def test_a_postcode_inside_an_address_of_the_model_stays_an_item_of_its_own() -> None:
    text = "14 Rosenweg, 80331 Bad Testen"
    address = Finding(0, len(text), "STREET_ADDRESS", Ground.SHAPED)
    postcode = Finding(13, 18, "POSTCODE", Ground.GUESSED)
    cut = _before_postcode(address, [postcode], text)
    assert settle([cut, postcode]) == (Span(0, 11, "STREET_ADDRESS"), Span(13, 18, "POSTCODE"))
    assert _before_postcode(address, [], text) == address
