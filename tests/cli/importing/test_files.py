"""Files: their forms, what is broken in them, and how much of them is held in memory."""

import json
import tracemalloc
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.cli.importing import files
from app.cli.importing.files import ExportFile, Located
from app.core.errors import StartupRefused

ONE, TWO = {"id": 1}, {"id": 2}


def read(path: Path, *paths: str) -> list[tuple[str, object]]:
    """Place and value of every record; of a fault its text."""
    records = ExportFile(path, ("conversations.json",)).iter_records(*(paths or ("results",)))
    return [(one.place, one.value) if isinstance(one, Located) else ("fault", str(one)) for one in records]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "export.json"


class TestForms:
    @pytest.mark.parametrize(
        ("text", "places"),
        [
            ('[{"id": 1}, {"id": 2}]', ["item 1", "item 2"]),
            ('[\n  {"id": 1},\n  {"id": 2}\n]', ["item 1", "item 2"]),
            ('\ufeff[{"id": 1}, {"id": 2}]', ["item 1", "item 2"]),
            ('{"id": 1}\n{"id": 2}\n', ["line 1", "line 2"]),
            ('{"id": 1}\n\n\r\n{"id": 2}', ["line 1", "line 4"]),
            ('\n{"id": 1}\n{"id": 2}', ["line 2", "line 3"]),
            ('{"results": [{"id": 1}, {"id": 2}], "count": 2}', ["results 1", "results 2"]),
            ('{\n "count": 2,\n "results": [{"id": 1},\n {"id": 2}]\n}', ["results 1", "results 2"]),
            (
                '{"other": {"results": [{"id": 3}]}, "results": [{"id": 1}, {"id": 2}]}',
                ["results 1", "results 2"],
            ),
        ],
    )
    def test_all_give_the_records(self, path: Path, text: str, places: list[str]):
        path.write_text(text, encoding="utf-8")
        assert read(path) == list(zip(places, (ONE, TWO), strict=True))

    @pytest.mark.parametrize("text", ['{"id": 1}', '{"id": 1}\n', '{\n  "id": 1\n}', '\n{"id": 1}\n\n'])
    def test_an_object_is_a_record_itself(self, path: Path, text: str):
        path.write_text(text)
        assert read(path) == [("item 1", ONE)]

    def test_several_lists(self, path: Path):
        path.write_text('{"b": [{"id": 2}], "a": [{"id": 1}]}')
        assert read(path, "a", "b") == [("a 1", ONE), ("b 1", TWO)]

    @pytest.mark.parametrize("folder", ["", "export/", "a/b/"])
    def test_a_zip(self, path: Path, folder: str):
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("user.json", "[{}]")
            archive.writestr(f"{folder}conversations.json", json.dumps([ONE, TWO]))
        assert read(path) == [("item 1", ONE), ("item 2", TWO)]

    def test_a_long_line_is_a_line(self, path: Path):
        long = {"text": "x" * 100_000}
        path.write_text(f"{json.dumps(long)}\n{json.dumps(ONE)}\n")
        assert read(path) == [("line 1", long), ("line 2", ONE)]


class TestBroken:
    @pytest.mark.parametrize(
        ("content", "good", "said"),
        [
            (b"", 0, "results 1"),
            (b" ", 0, "results 1"),
            (b"[", 0, "item 1"),
            (b'[{"id": 1}', 1, "item 2"),
            (b'[{"id": 1},', 1, "item 2"),
            (b'[{"id": 1} {"id": 2}]', 1, "item 2"),
            (b'[{"id": 1}, {"id": }]', 1, "item 2"),
            (b"[{'id': 1}]", 0, "item 1"),
            (b'[{"id": NaN}]', 0, "item 1"),
            (b"\x00\x01\x02", 0, "results 1"),
            (b"\xff\xfe[\x00", 0, "results 1"),
            (b'[{"id": "\xff"}]', 0, "item 1"),
            (b"hello", 0, "results 1"),
            (b'{"results": [{"id": 1}', 1, "results 2"),
            (b'{"results": [{"id": 1}, x', 1, "results 2"),
            (b'{"id": 1}\n{"id": \n{"id": 2}', 2, "line 2"),
            (b'{"id": 1}\nhello\n{"id": 2}\n', 2, "line 2"),
            (b'{"id": 1}\n\xff\n{"id": 2}\n', 2, "line 2"),
            (b'{"id": 1}\n' + b"[" * 100_000 + b"\n", 1, "line 2"),
            (b"[" * 100_000, 0, "item 1"),
            (b'[{"a": ' + b"[" * 300 + b"]" * 300 + b"}]", 0, "item 1"),
            (b'[{"id": 1e999999}]', 0, "item 1"),
        ],
        ids=lambda value: repr(value)[:40],
    )
    def test_a_fault_names_the_place(self, path: Path, content: bytes, good: int, said: str):
        path.write_bytes(content)
        found = read(path)
        assert len([one for one in found if one[0] != "fault"]) == good
        assert [text for place, text in found if place == "fault" and str(text).startswith(said)], found

    @pytest.mark.parametrize("made", ["none", "other", "encrypted", "cut"])
    def test_zips(self, path: Path, made: str):
        with zipfile.ZipFile(path, "w") as archive:
            if made != "none":
                archive.writestr(
                    "other.json" if made == "other" else "conversations.json", json.dumps([ONE] * 99)
                )
        raw = bytearray(path.read_bytes())
        if made == "encrypted":
            raw[raw.index(b"PK\x01\x02") + 8] |= 1
        if made == "cut":
            raw[40:45] = b"xxxxx"
        path.write_bytes(raw)
        with pytest.raises(StartupRefused):
            read(path)

    def test_a_record_without_end(self, path: Path, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(files, "MAX_RECORD_BYTES", 1_000_000)
        path.write_text('[{"id": 1}, {"text": "' + "x" * 3_000_000 + '"}]')
        records = read(path)
        assert records[0] == ("item 1", ONE)
        assert "more than" in str(records[1])
        path.write_text('{"id": 1}\n{"text": "' + "x" * 3_000_000 + '"}\n')
        assert "more than" in str(read(path)[1])


def _write(path: Path, records: Iterator[str], form: str) -> None:
    with path.open("w") as file:
        if form == "lines":
            file.writelines(f"{record}\n" for record in records)
            return
        file.write('{"results": [' if form == "page" else "[")
        for at, record in enumerate(records):
            file.write(f"{',' if at else ''}{record}")
        file.write("]}" if form == "page" else "]")


@pytest.mark.parametrize("form", ["array", "lines", "page"])
def test_a_large_file_is_not_held_in_memory(path: Path, form: str):
    record = json.dumps({"id": 1, "text": "x" * 20_000})
    _write(path, (record for _ in range(3_000)), form)
    assert path.stat().st_size > 60_000_000
    tracemalloc.start()
    try:
        count = sum(isinstance(one, Located) for one in ExportFile(path).iter_records("results"))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == 3_000
    assert peak < 8_000_000
