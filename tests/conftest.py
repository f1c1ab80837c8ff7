"""What tests share: a course of one small week, and an environment that is nobody's own."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tfcourse import notebook
from tfcourse.authoring.build import write_all
from tfcourse.checks.records import Score
from tfcourse.course import Course, read_course
from tfcourse.examiner import InProcessExaminer, Secret, take

sys.path.insert(0, str(Path(__file__).parent))
# nbgrader calls alembic from the PATH, and nobody may have activated the environment.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])

from mini_course import write_mini_course

OURS = ("TFCOURSE_ROOT", "TFCOURSE_WORK", "TFCOURSE_SECRET", "TFCOURSE_SECRET_FILE", "NBGRADER_EXECUTION")
SECRET = Secret(b"a secret of the tests, long enough to be one", "the tests")


@pytest.fixture(autouse=True)
def _nobodys_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep a developer's own secret, course and examiner out of every test."""
    for name in OURS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TFCOURSE_SECRET_FILE", str(tmp_path_factory.getbasetemp() / "no-such-secret"))
    notebook._grading_examiner.cache_clear()
    yield
    notebook._grading_examiner.cache_clear()


@pytest.fixture(scope="session")
def shared_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A built mini course; not to be changed."""
    root = write_mini_course(tmp_path_factory.mktemp("mini"))
    write_all(read_course(root))
    return root


@pytest.fixture
def course(shared_root: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Course:
    """The built mini course, found by everybody, with a `work/` folder of the test's own."""
    monkeypatch.setenv("TFCOURSE_ROOT", str(shared_root))
    monkeypatch.setenv("TFCOURSE_WORK", str(tmp_path / "work"))
    return read_course(shared_root)


@pytest.fixture
def own_course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    """A mini course, unbuilt, that the test may change as it likes."""
    root = write_mini_course(tmp_path / "course")
    monkeypatch.setenv("TFCOURSE_ROOT", str(root))
    return read_course(root)


@pytest.fixture
def edit(own_course: Course) -> Callable[[str, str, str], Course]:
    """Replace a piece of a file of `own_course`, once, and read the course again."""

    def replace(name: str, old: str, new: str) -> Course:
        path = own_course.root / name
        text = path.read_text(encoding="utf-8")
        assert text.count(old) >= 1, f"{old!r} is not in {name}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return read_course(own_course.root)

    return replace


@pytest.fixture
def taken(course: Course) -> Callable[..., Score]:
    """Take a check of the mini course, in grading by default, with an examiner of its own."""

    def take_it(check_id: str, learner_object: object, purpose: str = "grade", secret: Secret = SECRET) -> Score:
        return take(check_id, learner_object, InProcessExaminer(course, purpose, secret))

    return take_it
