"""What the course's own tests share: the course, and hidden data that no secret of this machine changes."""

import os

import pytest

from tfcourse.checks.problems import ExamProblem
from tfcourse.course import WORK_VARIABLE, Course, find_course
from tfcourse.examiner.secret import FILE_VARIABLE, VALUE_VARIABLE

EVERYTHING = bool(os.environ.get("TFCOURSE_TEST_ALL"))
SAMPLE = {"week13"}
"""The week that trains fastest: with more of them, CI would take too long."""
SAMPLE |= {part.problems[0] for part in find_course().exam.parts}  # and of the exam, one family of each kind


@pytest.fixture(scope="session")
def course() -> Course:
    return find_course()


@pytest.fixture(scope="session", autouse=True)
def no_secret(tmp_path_factory):
    """Grade with the public secret: expected points must not depend on who runs the tests."""
    before = {name: os.environ.pop(name, None) for name in (VALUE_VARIABLE, FILE_VARIABLE)}
    os.environ[FILE_VARIABLE] = str(tmp_path_factory.mktemp("secret") / "none")
    yield
    for name, value in before.items():
        os.environ.pop(name, None)
        if value is not None:
            os.environ[name] = value


@pytest.fixture(autouse=True)
def own_work_folder(tmp_path, monkeypatch):
    """Keep what notebooks record out of the work/ folder of whoever runs the tests."""
    monkeypatch.setenv(WORK_VARIABLE, str(tmp_path / "work"))


def pytest_collection_modifyitems(config, items):
    """Unless everything is asked for, leave out what is sampled and not in the sample."""
    if EVERYTHING:
        return
    left = {item for item in items if item.get_closest_marker("sampled") and not _weeks(item) & SAMPLE}
    config.hook.pytest_deselected(items=list(left))
    items[:] = [item for item in items if item not in left]


def _weeks(item):
    """Return the weeks that a test is about; of an exam problem, its id."""
    values = item.callspec.params.values()
    return {value.id if isinstance(value, ExamProblem) else str(getattr(value, "week", value)) for value in values}


@pytest.fixture
def in_sample():
    """Return what tells whether a week is tested in full."""
    return lambda week_id: EVERYTHING or week_id in SAMPLE


def pytest_report_header():
    if EVERYTHING:
        return "every lesson is run, every submission graded in each of three ways, every ladder's sample measured anew"
    return (
        f"what is slow runs for a sample of the weeks, {', '.join(sorted(SAMPLE))}: lessons, blank releases, "
        "`tfcourse grade`, stock nbgrader, all submissions, ladders measured anew. Of the other weeks the engine "
        "grades one notebook: the reference's models, and mistakes in other tasks. Everything: make test-all"
    )
