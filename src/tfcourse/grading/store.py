"""What graded runs leave behind, below ``receipts/`` in the course directory: the ground that points stand on.

::

    receipts/                          mode 700: learners' answers, and what hidden data they answer
      .lock                            held while a batch works
      log.jsonl                        one line for everything that happened
      STUDENT/ASSIGNMENT/
        record.json                    what nbgrader's database and autograded/ hold, notebook by notebook
        run-000002/                    one run, written once, by one rename
          run.json                     endings, reasons, receipts, what was answered
          responses/CHECK.npz, .model  the answers' arrays, for `tfcourse rescore`
          notebooks/                   what is yet to be recorded; removed afterwards
          files/                       what lay beside the notebooks after the run, for staff; run.json has the names

A run is stored before anything is recorded, so a process that is killed has either not finished a run, or
the next one finds it and records it without running anything. In ``autograded/``, from where nbgrader
copies files to learners, are the cards of the receipts alone; `HideTests` takes the receipts out of feedback.
"""

from __future__ import annotations

import dataclasses
import json
import os
import re
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from tfcourse.checks.records import Receipt, Response
from tfcourse.errors import CourseError
from tfcourse.grading.files import new_folder, remove_temporaries, sync, temporary_beside, write_synced
from tfcourse.grading.jobs import Ending, NotebookRun
from tfcourse.grading.runs import VERSION, Stored, dump, from_json, read_run, replace_receipts, to_json, write_run

FOLDER = "receipts"
LOG = "log.jsonl"
_RUN = re.compile(r"run-(\d{6,})$")


class StoreInUse(CourseError):
    """Another process works on the same course."""


@dataclass(frozen=True)
class Entry:
    """What is recorded of one notebook.

    Args:
        run: Number of the run that its points come from.
        digest: Of what was run.
        executed: False where its cells were not run.
        ending: How its run ended.
        again: Whether the run failed by a defect of ours, and is due again.
    """

    run: int
    digest: str
    executed: bool = True
    ending: Ending = Ending.COMPLETE
    again: bool = False


@dataclass
class Store:
    """The runs and records of a course.

    Args:
        folder: ``receipts/`` of the course directory.
        shared: Whether the course's group may read and write here (nbgrader's `groupshared`).
    """

    folder: Path
    shared: bool = False

    def prepare(self) -> None:
        """Make the folder, for staff's eyes only."""
        self.folder.mkdir(mode=0o2770 if self.shared else 0o700, parents=True, exist_ok=True)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes from grading the same course, and remove what a killed one left half-written.

        The lock goes with its process, however that ends.

        Raises:
            StoreInUse: Another process holds it.
        """
        self.prepare()
        with (self.folder / ".lock").open("a+") as file:
            try:
                import fcntl
            except ImportError:  # Windows: nothing to be had that goes with the process
                yield
                return
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                file.seek(0)
                raise StoreInUse(
                    f"Expected to be the only one grading in {self.folder.parent}; process {file.read().strip()} is "
                    "at it. Wait for its end, or end it: nothing that it has finished is lost."
                ) from error
            file.seek(0)
            file.truncate()
            file.write(f"{os.getpid()}")
            file.flush()
            yield

    # ------------------------------------------------------------------------ runs

    def save(self, student: str, assignment: str, stored: Stored) -> Stored:
        """Keep a run; it is there completely or not at all.

        Returns:
            It, with its number and time.
        """
        self.prepare()
        folder = self._of(student, assignment)
        new_folder(folder)
        number = 1 + max(
            [0, *self._numbers(folder), *(entry.run for entry in self.entries(student, assignment).values())]
        )
        stored = dataclasses.replace(stored, number=number, at=now())
        temporary = temporary_beside(folder / f"run-{number:06d}")
        new_folder(temporary)
        write_run(temporary, stored)
        sync(temporary)
        temporary.rename(folder / f"run-{number:06d}")
        sync(folder)
        return stored

    def pending(self, student: str, assignment: str) -> Stored | None:
        """Return the newest run that has not been recorded yet, if there is one."""
        folder = self._of(student, assignment)
        recorded = max((entry.run for entry in self.entries(student, assignment).values()), default=0)
        for number in sorted(self._numbers(folder), reverse=True):
            if number > recorded:
                try:
                    return read_run(folder / f"run-{number:06d}")
                except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile):
                    continue  # Damaged, or of another version: it is run again.
        return None

    def entries(self, student: str, assignment: str) -> Mapping[str, Entry]:
        """Return what is recorded of a submission, by notebook id; empty where nothing is."""
        try:
            table = json.loads((self._of(student, assignment) / "record.json").read_text(encoding="utf-8"))
            return {name: from_json(Entry, row) for name, row in table["notebooks"].items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return {}

    def mark_recorded(self, student: str, assignment: str, stored: Stored) -> None:
        """Note that a stored run is in nbgrader's database and in ``autograded/``, and drop what is there now."""
        folder = self._of(student, assignment)
        entries = dict(self.entries(student, assignment))
        for notebook in stored.run.notebooks:
            entries[notebook.name] = Entry(
                stored.number,
                stored.digests[notebook.name],
                executed=stored.executed,
                ending=notebook.ending,
                again=notebook.ending is Ending.FAILED,
            )
        self._write_record(student, assignment, entries)
        run = folder / f"run-{stored.number:06d}"
        shutil.rmtree(run / "notebooks", ignore_errors=True)
        in_use = {entry.run for entry in entries.values()}
        for number in self._numbers(folder):
            if number < stored.number and number not in in_use:
                doomed = temporary_beside(folder / f"run-{number:06d}")
                (folder / f"run-{number:06d}").rename(doomed)
                shutil.rmtree(doomed, ignore_errors=True)

    def _write_record(self, student: str, assignment: str, entries: Mapping[str, Entry]) -> None:
        folder = self._of(student, assignment)
        rows = {name: to_json(entry) for name, entry in entries.items()}
        temporary = temporary_beside(folder / "record.json")
        write_synced(temporary, dump({"version": VERSION, "at": now(), "notebooks": rows}))
        temporary.rename(folder / "record.json")
        sync(folder)

    def clean(self, student: str, assignment: str) -> None:
        """Remove what a killed process left half-written."""
        remove_temporaries(self._of(student, assignment))

    # ------------------------------------------------------------------------ receipts

    def receipts(self, student: str, assignment: str) -> dict[str, Receipt]:
        """Return the receipts that the recorded points rest on, by check id."""
        found: dict[str, Receipt] = {}
        for notebook in self._recorded(student, assignment):
            found |= notebook.receipts
        return found

    def responses(self, student: str, assignment: str) -> dict[str, Response]:
        """Return what was answered, for the recorded points, by check id."""
        found: dict[str, Response] = {}
        for notebook in self._recorded(student, assignment):
            found |= notebook.responses
        return found

    def replace_receipts(
        self, student: str, assignment: str, receipts: Mapping[str, Receipt], digests: Mapping[str, str]
    ) -> None:
        """Put rescored receipts in the place of those that the recorded points rested on, and keep the old ones.

        Args:
            student: Whose.
            assignment: Of which.
            receipts: New ones, by check id; the others stay.
            digests: Of what would be run today, by notebook id, where that is what was run; the others stay.
        """
        entries = dict(self.entries(student, assignment))
        for run in {entry.run for entry in entries.values()}:
            replace_receipts(self._of(student, assignment) / f"run-{run:06d}", receipts)
        if digests:
            new = {
                name: dataclasses.replace(entry, digest=digests.get(name, entry.digest))
                for name, entry in entries.items()
            }
            self._write_record(student, assignment, new)

    def submissions(self, assignment: str) -> list[str]:
        """Return the students of whom something is recorded for an assignment, sorted."""
        if not self.folder.is_dir():
            return []
        folders = self.folder.glob(f"*/{_name(assignment)}/record.json")
        return sorted(unquote(folder.parent.parent.name) for folder in folders)

    def _recorded(self, student: str, assignment: str) -> Iterator[NotebookRun]:
        for name, entry in self.entries(student, assignment).items():
            stored = read_run(self._of(student, assignment) / f"run-{entry.run:06d}")
            for notebook in stored.run.notebooks:
                if notebook.name == name:
                    yield notebook

    def _of(self, student: str, assignment: str) -> Path:
        return self.folder / _name(student) / _name(assignment)

    @staticmethod
    def _numbers(folder: Path) -> list[int]:
        if not folder.is_dir():
            return []
        return [int(match[1]) for path in folder.iterdir() if (match := _RUN.match(path.name))]


def append_line(path: Path, event: str, /, **values: Any) -> None:
    """Append one event to a log of JSON lines, in one piece."""
    line = json.dumps({"time": now(), "event": event, **values}, ensure_ascii=False, default=str) + "\n"
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, line.encode("utf-8", "replace"))
    finally:
        os.close(descriptor)


def now() -> str:
    """Return the time: UTC, ISO 8601, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _name(part: str) -> str:
    """Return a student's or an assignment's id as one folder name, whatever characters it has."""
    quoted = quote(part, safe=" @+,=~()'!&")
    return quoted.replace(".", "%2E", 1) if quoted.startswith(".") else quoted
