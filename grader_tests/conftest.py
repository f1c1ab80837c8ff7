"""What the course's own tests share: the course, and hidden data that no secret of this machine changes."""

import os

import pytest

from tfcourse.course import WORK_VARIABLE, Course, find_course
from tfcourse.examiner.secret import FILE_VARIABLE, VALUE_VARIABLE


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


def pytest_report_header():
    everything = bool(os.environ.get("TFCOURSE_TEST_ALL"))
    sample = "every submission" if everything else "the reference and one more submission of each week"
    told = "" if everything else " (all: make test-all)"
    return f"the engine grades every submission; tfcourse grade and stock nbgrader grade {sample}{told}"
