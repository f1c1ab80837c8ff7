"""How submissions reach staff by nbgrader's stock commands, with the course's configuration."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from tfcourse.authoring.build import write_all
from tfcourse.grading.collect import collect

CONFIG = Path(__file__).parents[2] / "nbgrader_config.py"


@pytest.fixture
def nbgrader(own_course):
    """Run an nbgrader command in a folder of the course, which has the repository's configuration."""
    write_all(own_course)
    shutil.copy(CONFIG, own_course.root)

    def run(*arguments, folder=own_course.root):
        command = [sys.executable, "-m", "nbgrader", *arguments]
        done = subprocess.run(command, cwd=folder, env=os.environ, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr

    return run


@pytest.mark.slow
def test_zip_collect_finds_zipped_and_plain_files(own_course, nbgrader):
    archive = own_course.root / "downloaded" / "week01" / "archive"
    archive.mkdir(parents=True)
    released = own_course.release(own_course.weeks[0], "assignment")
    shutil.copy(released, archive / "sample-01_assignment.ipynb")
    with zipfile.ZipFile(archive / "sample-02.zip", "w") as file:
        file.write(released, "week01/assignment.ipynb")
        file.write(released, "data/assignment.csv")
    with zipfile.ZipFile(archive / "o'brien_12345_67890_work.zip", "w") as file:
        file.write(released, "sample-01/assignment.ipynb")
    nbgrader("zip_collect", "week01")
    for student in ("sample-01", "sample-02", "o'brien"):
        collected = own_course.root / "submitted" / student / "week01" / "assignment.ipynb"
        assert collected.read_bytes() == released.read_bytes()
        assert collected.with_name("timestamp.txt").read_text().endswith(" UTC")
    assert len(list((own_course.root / "submitted").iterdir())) == 3


@pytest.mark.slow
def test_what_was_collected_is_late_and_its_feedback_can_be_released(own_course, nbgrader, tmp_path):
    nbgrader("generate_assignment", "week01", "--force")
    nbgrader("release_assignment", "week01")  # makes the exchange
    nbgrader("db", "assignment", "add", "week01", "--duedate=2026-01-01 00:00:00 UTC")
    folder = tmp_path / "came"
    folder.mkdir()
    for student, seconds in (("o'brien", 0), ("zoë müller", 2e9)):
        path = folder / f"{student}_12345_67890_assignment-1.ipynb"
        shutil.copy(own_course.release(own_course.weeks[0], "assignment"), path)
        os.utime(path, (seconds, seconds))
    done = collect(own_course, own_course.weeks[0], folder)
    assert done.complaints == []
    nbgrader("autograde", "week01", "--no-execute")
    nbgrader("generate_feedback", "week01")
    nbgrader("release_feedback", "week01")
    for student in ("o'brien", "zoë müller"):
        assert (own_course.root / "feedback" / student / "week01" / "timestamp.txt").is_file()
    assert len(list((own_course.root / "exchange" / "tfcourse" / "feedback").glob("*.html"))) == 2
    with Gradebook(f"sqlite:///{own_course.root / 'gradebook.db'}") as gradebook:
        late = {each.student.id: each.total_seconds_late > 0 for each in gradebook.assignment_submissions("week01")}
    assert late == {"o'brien": False, "zoë müller": True}


@pytest.mark.slow
def test_the_exchange_works_without_being_set_up(own_course, nbgrader, tmp_path):
    learner = tmp_path / "learner"
    learner.mkdir()
    exchange = ["--course", "tfcourse", f"--Exchange.root={own_course.root / 'exchange'}"]
    nbgrader("generate_assignment", "week01", "--force")
    nbgrader("release_assignment", "week01")
    nbgrader("fetch_assignment", "week01", *exchange, folder=learner)
    assert sorted(path.name for path in (learner / "week01").iterdir()) == ["assignment.ipynb", "lesson.ipynb"]
    nbgrader("submit", "week01", *exchange, folder=learner)
    nbgrader("collect", "week01")
    assert len(list((own_course.root / "submitted").glob("*/week01/assignment.ipynb"))) == 1
