"""The run of an import: read, post, note how far it came, and say what became of it."""

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import ModuleType

import httpx
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from app.cli.importing import claude_export, langmem, mem0, open_webui, openai_export, zep
from app.cli.importing.fields import FieldFault
from app.cli.importing.files import ExportFile, Located
from app.cli.importing.options import ReadOptions
from app.cli.importing.posting import MAX_LOOKED_UP, Poster, Totals
from app.cli.importing.records import (
    Fault,
    ImportedConversation,
    ImportedMemory,
    ImportedRecord,
    Skipped,
)
from app.core.errors import StartupRefused

FORMATS: dict[str, ModuleType] = {
    "mem0": mem0,
    "zep": zep,
    "langmem": langmem,
    "openai-export": openai_export,
    "claude-export": claude_export,
    "open-webui": open_webui,
}
Converter = Callable[[Located, ReadOptions], Iterator[ImportedRecord]]
_SHOWN_FAULTS = 20
_NOTED_EACH = 10  # records: to note each one takes longer than to read it
_HEAD_BYTES = 64 * 1024
_TIMEOUT_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class ImportRun:
    """What is imported, and where to: `url` and `key` may be left out of a dry run."""

    format: str
    path: Path
    options: ReadOptions
    url: str
    key: str
    journals: Path
    is_dry_run: bool = False


class Journal:
    """How many records of a file were imported by a run that was broken off."""

    def __init__(self, run: ImportRun) -> None:
        stat = run.path.stat()
        with run.path.open("rb") as file:
            head = file.read(_HEAD_BYTES)
        parts = (run.format, run.url, str(run.options), str(stat.st_size), hashlib.sha256(head).hexdigest())
        name = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]
        self._file = run.journals / f"{name}.json"
        self._is_kept = not run.is_dry_run

    def read(self) -> int:
        """How many records are done."""
        if not self._is_kept or not self._file.exists():
            return 0
        try:
            done = json.loads(self._file.read_text())["done"]
        except (ValueError, KeyError, TypeError):
            return 0
        return done if isinstance(done, int) and done > 0 else 0

    def write(self, done: int) -> None:
        """Note that so many records are done."""
        if self._is_kept:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            self._file.write_text(json.dumps({"done": done}))

    def remove(self) -> None:
        """Forget it: the file was imported to its end."""
        if self._is_kept:
            self._file.unlink(missing_ok=True)


def run_import(run: ImportRun, console: Console) -> Totals:
    """Import a file and print the summary. Raises `StartupRefused`, `Unavailable`."""
    if not run.path.is_file():
        raise StartupRefused(f"There is no file {run.path}.")
    module, totals, journal = FORMATS[run.format], Totals(), Journal(run)
    file = ExportFile(run.path, module.MEMBERS)
    headers = {"Authorization": f"Bearer {run.key}"}
    with httpx.Client(base_url=run.url, headers=headers, timeout=_TIMEOUT_SECONDS) as client:
        poster = Poster(client, run.format, totals, is_dry_run=run.is_dry_run)
        poster.check_service()
        with _progress(console) as progress:
            task = progress.add_task(run.format, total=None)
            importer = _Importer(poster, totals, run.options)
            done = journal.read()
            if done:
                console.print(f"Going on after {done} records.")
            records = islice(module.read_records(file, run.options), done, None)
            for located in records:
                importer.import_record(located, module.convert_record)
                done += 1
                if not done % _NOTED_EACH:
                    journal.write(done - importer.waiting_count)
                progress.update(task, total=file.size, completed=min(file.read_bytes, file.size))
            importer.flush()
            progress.update(task, total=file.size, completed=file.size)
    journal.remove()
    print_summary(totals, console, is_dry_run=run.is_dry_run)
    return totals


class _Importer:
    """Takes records one by one; memories wait until a few of one user are together."""

    def __init__(self, poster: Poster, totals: Totals, options: ReadOptions) -> None:
        self._poster, self._totals, self._options = poster, totals, options
        self._waiting: list[tuple[ImportedMemory, str]] = []

    @property
    def waiting_count(self) -> int:
        """How many memories were taken and not posted: the last so many records, or fewer."""
        return len(self._waiting)

    def import_record(
        self,
        found: ImportedRecord | Located,
        convert: Callable[[Located, ReadOptions], Iterator[ImportedRecord]],
    ) -> None:
        """Convert and post a record; what is wrong with it is counted."""
        if not isinstance(found, Located):
            self._take_record(found)
            return
        try:
            # A record with a fault is left out as a whole, so that no half of a conversation is stored.
            converted = list(convert(found, self._options))
        except FieldFault as fault:
            self._totals.add_fault(Fault(found.place, fault.field, fault.message))
            return
        for record in converted:
            self._take_record(record)

    def _take_record(self, record: ImportedRecord) -> None:
        match record:
            case Fault():
                self._totals.add_fault(record)
            case Skipped():
                self._totals.skipped += 1
            case ImportedConversation(turns=turns) if not turns:
                self._totals.skipped += 1
            case _:
                user_id = self._options.resolve_user(record.user_id)
                if user_id is None:
                    self._totals.add_fault(Fault(record.place, "user_id", "is missing: name one with --user"))
                elif isinstance(record, ImportedConversation):
                    self._poster.post_conversation(record, user_id)
                else:
                    self._wait_with(record, user_id)

    def _wait_with(self, memory: ImportedMemory, user_id: str) -> None:
        if self._waiting and (self._waiting[0][1] != user_id or len(self._waiting) == MAX_LOOKED_UP):
            self.flush()
        self._waiting.append((memory, user_id))

    def flush(self) -> None:
        """Post the memories that wait."""
        if self._waiting:
            self._poster.post_memories(self._waiting)
            self._waiting.clear()


def _progress(console: Console) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console, transient=True)


def print_summary(totals: Totals, console: Console, *, is_dry_run: bool) -> None:
    """Say what was posted, what was there already, and what could not be read or stored."""
    verb = "would be posted" if is_dry_run else "posted"
    console.print(
        f"{totals.turns} turns of {totals.conversations} conversations and "
        f"{totals.memories} memories {verb}; "
        f"{totals.known_turns + totals.known_memories} were there already, {totals.skipped} were empty, "
        f"{totals.fault_count} had faults."
    )
    for fault in totals.faults[:_SHOWN_FAULTS]:
        console.print(f"  {escape(str(fault))}", style="red")
    left = totals.fault_count - _SHOWN_FAULTS
    if left > 0:
        console.print(f"  and {left} more", style="red")
