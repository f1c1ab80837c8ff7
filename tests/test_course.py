"""Finding and reading the course."""

from pathlib import Path

import pytest

from tfcourse.course import find_course, read_course
from tfcourse.errors import CourseNotFound, InvalidCurriculum, UnknownName

REPOSITORY = Path(__file__).parents[1]


def test_a_course_is_found_in_a_folder_above(own_course, monkeypatch):
    monkeypatch.delenv("TFCOURSE_ROOT")
    deep = own_course.root / "work" / "week01"
    deep.mkdir(parents=True)
    assert find_course(deep).root == own_course.root
    monkeypatch.chdir(deep)
    assert find_course().root == own_course.root


def test_the_environment_variable_wins(own_course, shared_root, monkeypatch):
    monkeypatch.setenv("TFCOURSE_ROOT", str(shared_root))
    assert find_course(own_course.root).root == shared_root


def test_an_environment_variable_that_leads_nowhere_is_a_message(tmp_path, monkeypatch):
    monkeypatch.setenv("TFCOURSE_ROOT", str(tmp_path))
    with pytest.raises(CourseNotFound, match="Change to the course's folder, or set TFCOURSE_ROOT"):
        find_course()


def test_without_either_the_packages_own_course_is_found(tmp_path):
    assert find_course(tmp_path).root == REPOSITORY


def test_what_the_syllabus_says(course):
    assert (course.title, course.solutions) == ("Mini", "after-practice")
    (week,) = course.weeks
    assert (week.id, week.folder, week.minutes, week.skills) == ("week01", "week01_mini", 10, ("B1",))
    assert week.checks == ("week01.double", "week01.line")
    assert course.skills["B1"].text == "use TensorFlow 2.x"


def test_the_paths_of_a_week(course, tmp_path):
    (week,) = course.weeks
    assert course.curriculum(week, "lesson") == course.root / "curriculum/week01_mini/lesson.py"
    assert course.source(week, "lesson") == course.root / "source/week01/lesson.ipynb"
    assert course.release(week, "lesson") == course.root / "release/week01/lesson.ipynb"
    assert course.work(week, "lesson") == tmp_path / "work/week01/lesson.ipynb"


def test_the_work_folder_is_in_the_course_unless_it_is_named(course, monkeypatch):
    monkeypatch.delenv("TFCOURSE_WORK")
    assert course.work_folder == course.root / "work"
    assert course.show(course.root / "work" / "x") == "work/x"
    assert course.show(Path("/elsewhere")) == "/elsewhere"


@pytest.mark.parametrize(("name", "meant"), [("week02", "Did you mean week01?"), ("lesson", "found 'lesson'.")])
def test_an_unknown_week_names_the_known_ones(course, name, meant):
    with pytest.raises(UnknownName, match="week01") as caught:
        course.week(name)
    assert str(caught.value).endswith(meant)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[course", "expected a readable TOML file"),
        ("[course]\ntitle = 'x'", "expected the key"),
        ("", "expected the key"),
    ],
)
def test_a_syllabus_that_cannot_be_read_is_named(own_course, text, message):
    path = own_course.root / "curriculum" / "syllabus.toml"
    path.write_text(text)
    with pytest.raises(InvalidCurriculum, match=message) as caught:
        read_course(own_course.root)
    assert str(path) in str(caught.value)


def test_a_missing_handbook_is_named(own_course):
    (own_course.root / "curriculum" / "handbook.toml").unlink()
    with pytest.raises(InvalidCurriculum, match=r"handbook\.toml"):
        own_course.skills  # noqa: B018


def test_this_courses_own_handbook_has_52_skills():
    assert len(read_course(REPOSITORY).skills) == 52
