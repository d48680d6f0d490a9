"""Files of traffic: what is read, and how what cannot be read is named."""

from __future__ import annotations

import gzip
import json
import os
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from triage.channels.traffic_file import Rejected, check_traffic, parse_moment, read_traffic
from triage.errors import InvalidInput

GOOD = {
    "tweet_id": "1",
    "author_id": "500",
    "inbound": True,
    "created_at": "2026-10-20T06:10:00+00:00",
    "text": "@MarramAir hello",
    "in_response_to_tweet_id": "",
}


HEADER = "tweet_id,author_id,inbound,created_at,text,in_response_to_tweet_id\n"


def table(path: Path, *rows: str | bytes) -> Path:
    """A CSV whose rows are given from the text on; the rest of each is good."""
    begun = b"%d,500,True,2026-10-20T06:10:00+00:00,"
    lines = [
        begun % number + (row if isinstance(row, bytes) else row.encode()) + b"\n"
        for number, row in enumerate(rows, start=1)
    ]
    path.write_bytes(HEADER.encode() + b"".join(lines))
    return path


def read(path: Path) -> list[str]:
    return [row.external_id for row in read_traffic(path) if not isinstance(row, Rejected)]


def json_lines(path: Path, *rows: dict | str) -> Path:
    path.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows) + "\n")
    return path


def rejected(path: Path) -> list[tuple[int, str]]:
    return [(row.line, str(row.error)) for row in read_traffic(path) if isinstance(row, Rejected)]


def test_json_lines_and_csv_plain_and_gzipped_give_the_same_messages(tmp_path) -> None:
    rows = [
        GOOD,
        GOOD
        | {"tweet_id": "2", "inbound": False, "text": 'a "quoted", two-\nline text', "in_response_to_tweet_id": "1"},
    ]
    plain = json_lines(tmp_path / "day.jsonl", *rows)
    zipped = tmp_path / "day.jsonl.gz"
    zipped.write_bytes(gzip.compress(plain.read_bytes()))
    table = tmp_path / "day.csv"
    table.write_text(
        "tweet_id,author_id,inbound,created_at,text,in_response_to_tweet_id\n"
        "1,500,True,2026-10-20T06:10:00+00:00,@MarramAir hello,\n"
        '2,500,False,2026-10-20T06:10:00+00:00,"a ""quoted"", two-\nline text",1\n'
    )
    expected = list(read_traffic(plain))
    assert [m.external_id for m in expected] == ["1", "2"]
    assert expected[1].in_reply_to == "1"
    assert list(read_traffic(zipped)) == expected
    assert list(read_traffic(table)) == expected


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"text": ""}, "line 2, text: is empty"),
        ({"text": "x" * 100_000}, "line 2, text: has 100,000 characters"),
        ({"text": "\x00"}, "line 2, text: contains a NUL"),
        ({"text": 5}, "line 2, text: Expected `str`, got `int`"),
        ({"inbound": "yes"}, "line 2, inbound: Expected `bool`"),
        ({"tweet_id": 1.5}, "line 2, tweet_id: Expected"),
        ({"tweet_id": ""}, "line 2, tweet_id: is empty"),
        ({"tweet_id": "9" * 200}, "line 2, tweet_id: has over 128"),
        ({"created_at": "yesterday"}, "line 2, created_at: 'yesterday' is not a date"),
        ({"created_at": "2026-10-20T06:10:00"}, "line 2, created_at: '9999-99-99X99:99:99' has no time zone"),
        ({"colour": "red"}, "line 2: has an unknown field 'colour'"),
        ({"created_at": "0001-01-01T00:00:00+05:00"}, "line 2, created_at: is not between the years"),
        ({"created_at": "9999-12-31T23:59:59-05:00"}, "line 2, created_at: is not between the years"),
        ({"created_at": f"Tue Oct 31 22:10:47 +0000 {10**30}"}, "line 2, created_at: 'Xxx Xxx 99 99:99:99…' is not a"),
        ({"lang": "x" * 17}, "line 2, lang: has over 16"),
        ({"lang": "e\x00n"}, "line 2, lang: contains a NUL"),
    ],
)
def test_a_bad_line_is_named_by_line_and_field_and_the_others_are_read(tmp_path, change, complaint) -> None:
    path = json_lines(tmp_path / "t.jsonl", GOOD, GOOD | change, GOOD | {"tweet_id": "3"})
    assert [line for line, _ in rejected(path)] == [2]
    assert rejected(path)[0][1].startswith(complaint)
    assert [row.external_id for row in read_traffic(path) if not isinstance(row, Rejected)] == ["1", "3"]


@pytest.mark.parametrize(
    "line", ['{"tweet_id": "1"', "[]", "null", '"text"', '{"tweet_id": "1", "text": "\\ud800"}', "\x00\x01", "{}"]
)
def test_malformed_json_is_rejected_with_its_line_and_kept(tmp_path, line) -> None:
    path = json_lines(tmp_path / "t.jsonl", GOOD, line)
    (found,) = [row for row in read_traffic(path) if isinstance(row, Rejected)]
    assert (found.line, found.raw) == (2, line)


def test_a_half_surrogate_is_rejected(tmp_path) -> None:
    path = json_lines(tmp_path / "t.jsonl", json.dumps(GOOD).replace("hello", "\\ud83d"))
    assert rejected(path) == [(1, "line 1, text: has half of a surrogate pair")]


def test_bytes_that_are_not_utf8_are_rejected(tmp_path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_bytes(json.dumps(GOOD).encode().replace(b"hello", b"\xff\xfe"))
    assert rejected(path) == [(1, "line 1: is not UTF-8 (byte 119 is 0xFF)")]


def test_a_field_that_is_missing_is_named(tmp_path) -> None:
    path = json_lines(tmp_path / "t.jsonl", {name: value for name, value in GOOD.items() if name != "text"})
    assert rejected(path) == [(1, "line 1, text: is missing")]


@pytest.mark.parametrize("name", ["t.jsonl", "t.csv", "t.jsonl.gz"])
def test_a_byte_order_mark_costs_no_message(tmp_path, name) -> None:
    path = table(tmp_path / name, "good,") if name == "t.csv" else json_lines(tmp_path / name, GOOD)
    marked = b"\xef\xbb\xbf" + path.read_bytes()
    path.write_bytes(gzip.compress(marked) if name.endswith("gz") else marked)
    assert (read(path), rejected(path)) == (["1"], [])


def test_what_is_gzipped_is_read_whatever_its_name(tmp_path) -> None:
    path = json_lines(tmp_path / "t.jsonl", GOOD)
    path.write_bytes(gzip.compress(path.read_bytes()))
    assert read(path) == ["1"]


def test_a_pipe_is_not_read_before_its_time(tmp_path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    check_traffic(pipe)  # would wait for a writer for ever
    with pytest.raises(InvalidInput, match="does not exist"):
        check_traffic(tmp_path / "none")


@pytest.mark.parametrize(
    ("header", "complaint"),
    [
        (
            "tweet_id,author_id,inbound,created_at,text,in_response_to_tweet_id,colour",
            "line 1: 'colour' is not a known",
        ),
        (
            "tweet_id,author_id,inbound,created_at,text,in_response_to_tweet_id,text",
            "line 1, text: is in the header twice",
        ),
        ("tweet_id,author_id,inbound,created_at,text", "line 1, in_response_to_tweet_id: is missing"),
        ("", "line 1: has no header"),
    ],
)
def test_a_table_with_wrong_columns_is_refused_whole(tmp_path, header, complaint) -> None:
    path = tmp_path / "t.csv"
    path.write_text(f"{header}\n" if header else "")
    with pytest.raises(InvalidInput, match=complaint):
        list(read_traffic(path))


def test_a_header_that_is_not_utf8_is_called_that(tmp_path) -> None:
    (tmp_path / "t.csv").write_bytes(b"tweet_id,caf\xe9\n")
    with pytest.raises(InvalidInput, match=r"line 1: is not UTF-8 \(byte 13 is 0xE9\)"):
        read(tmp_path / "t.csv")


def test_a_row_of_a_table_with_too_few_cells_is_named(tmp_path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("tweet_id,author_id,inbound,created_at,text,in_response_to_tweet_id\n1,500,True\n")
    assert rejected(path) == [(2, "line 2: has 3 columns; the header has 6")]


def test_a_row_that_is_not_utf8_is_rejected_and_kept_readable(tmp_path) -> None:
    path = table(tmp_path / "t.csv", "good,", b"caf\xe9,", "good,")
    (found,) = [row for row in read_traffic(path) if isinstance(row, Rejected)]
    assert (found.line, found.raw) == (3, r"2,500,True,2026-10-20T06:10:00+00:00,caf\xe9,")
    assert str(found.error) == "line 3: is not UTF-8 (byte 41 is 0xE9)"
    assert read(path) == ["1", "3"]


@pytest.mark.parametrize(
    "broken",
    [
        '"never closed,',
        '"closed "too early",',
        "a lone\rreturn,",
    ],
)
def test_a_broken_row_costs_one_line_and_is_kept_as_it_was(tmp_path, broken) -> None:
    path = table(tmp_path / "t.csv", "good,", broken, "good,", '"with ""quotes"", and\na second line",', "good,")
    rows = list(read_traffic(path))
    bad = [row for row in rows if isinstance(row, Rejected)]
    assert [(row.line, row.raw) for row in bad] == [(3, f"2,500,True,2026-10-20T06:10:00+00:00,{broken}")]
    assert [row.external_id for row in rows if not isinstance(row, Rejected)] == ["1", "3", "4", "5"]


def test_a_quote_that_a_later_row_closes_costs_one_line(tmp_path) -> None:
    path = table(tmp_path / "t.csv", "good,", '"opened', "in between,", '",good,x",', "good,")
    assert [line for line, _ in rejected(path)] == [3]
    assert read(path) == ["1", "3", "4", "5"]


def test_every_line_of_a_file_is_read_or_kept(tmp_path) -> None:
    rows = ['"open,', "good,", '"a\nb",', "x,y,z,", '"shut" up,', '"",', "  ,", '"last']
    path = table(tmp_path / "t.csv", *rows)
    found = list(read_traffic(path))
    kept = "\n".join(row.raw for row in found if isinstance(row, Rejected))
    for number in range(1, len(rows) + 1):
        assert (f"{number},500" in kept) != (str(number) in read(path))


def test_a_file_full_of_open_quotes_is_read_in_reasonable_time(tmp_path) -> None:
    path = table(tmp_path / "t.csv", *['a","b'] * 1000)
    started = time.perf_counter()
    assert len(rejected(path)) == 1000
    assert time.perf_counter() - started < 15


def test_a_rejected_row_of_several_lines_is_kept_whole(tmp_path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(HEADER + '1,500,maybe,2026-10-20T06:10:00+00:00,"one\n""two""\nthree",\n')
    (found,) = [row for row in read_traffic(path) if isinstance(row, Rejected)]
    assert found.raw == '1,500,maybe,2026-10-20T06:10:00+00:00,"one\n""two""\nthree",'
    assert str(found.error) == "line 2, inbound: is 'maybe', not true or false"


def test_no_complaint_tells_more_than_the_beginning_of_a_cell(tmp_path) -> None:
    text = "my card is 4111 1111 1111 1111"
    path = tmp_path / "t.csv"
    path.write_text(
        HEADER + f"1,500,{text},2026-10-20T06:10:00+00:00,hello,\n" + f"1,500,True,{text},hello,\n" + f'"{text}"x,\n'
    )
    assert len(rejected(path)) == 3
    odd = json_lines(tmp_path / "t.jsonl", GOOD | {text: 1}, GOOD | {f"x - at `$.{text}": 1}, GOOD | {"inbound": text})
    assert len(rejected(odd)) == 3
    for _, complaint in [*rejected(path), *rejected(odd)]:
        assert "1111" not in complaint
    path.write_text(f"1,500,True,{text},\n")  # no header: its first line is taken for one
    with pytest.raises(InvalidInput) as caught:
        read(path)
    assert "1111" not in str(caught.value)


@pytest.mark.parametrize("nested", ["[" * 100_000, '{"a":' * 100_000])
def test_json_that_is_nested_without_end_is_rejected_and_kept(tmp_path, nested) -> None:
    line = json.dumps(GOOD)[:-1] + ', "response_tweet_id": ' + nested
    path = json_lines(tmp_path / "t.jsonl", line, GOOD)
    assert rejected(path) == [(1, "line 1: is nested too deeply")]
    assert read(path) == ["1"]


@pytest.mark.parametrize("name", ["T.CSV", "t.Csv.GZ"])
def test_the_kind_of_a_file_does_not_depend_on_capitals(tmp_path, name) -> None:
    path = table(tmp_path / name, "good,")
    if name.endswith("GZ"):
        path.write_bytes(gzip.compress(path.read_bytes()))
    assert read(path) == ["1"]


def test_csv_in_the_middle_of_a_name_says_nothing(tmp_path) -> None:
    assert read(json_lines(tmp_path / "from.csv.jsonl", GOOD)) == ["1"]


def test_a_gzip_that_is_damaged_inside_is_one_clear_error(tmp_path) -> None:
    packed = bytearray(gzip.compress("".join(json.dumps(GOOD | {"tweet_id": n}) for n in range(2000)).encode()))
    packed[20:200] = b"\xff" * 180
    (tmp_path / "t.jsonl.gz").write_bytes(packed)
    with pytest.raises(InvalidInput, match="cannot be read"):
        list(read_traffic(tmp_path / "t.jsonl.gz"))


def test_a_missing_or_broken_file_is_one_clear_error(tmp_path) -> None:
    with pytest.raises(InvalidInput, match="does not exist"):
        list(read_traffic(tmp_path / "none.jsonl"))
    (tmp_path / "broken.jsonl.gz").write_bytes(b"no gzip at all")
    with pytest.raises(InvalidInput, match="cannot be read"):
        list(read_traffic(tmp_path / "broken.jsonl.gz"))
    half = gzip.compress(json.dumps(GOOD).encode() * 100)
    (tmp_path / "half.jsonl.gz").write_bytes(half[: len(half) // 2])
    with pytest.raises(InvalidInput, match="cannot be read"):
        list(read_traffic(tmp_path / "half.jsonl.gz"))


def test_both_forms_of_a_moment_are_the_same_moment() -> None:
    expected = datetime(2017, 10, 31, 22, 10, 47, tzinfo=UTC)
    assert parse_moment("Tue Oct 31 22:10:47 +0000 2017") == expected
    assert parse_moment("2017-10-31T23:10:47+01:00") == expected
    assert parse_moment("Wed Nov 01 03:40:47 +0530 2017") == expected
    assert parse_moment("Tue Oct 31 17:40:47 -0430 2017") == expected
