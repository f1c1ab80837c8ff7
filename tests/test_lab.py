"""A learner's copies, and JupyterLab at the syllabus."""

import json
import os
import sys

import pytest

from tfcourse import lab
from tfcourse.errors import CourseError
from tfcourse.kernels import kernelspec
from tfcourse.lab import lab_command, prepare_settings, run_lab, start_week, write_syllabus


@pytest.fixture
def week(course):
    return course.weeks[0]


def test_starting_copies_both_notebooks(course, week):
    made = start_week(course, week)
    assert made == [course.work(week, "lesson"), course.work(week, "assignment")]
    for name in ("lesson", "assignment"):
        assert course.work(week, name).read_bytes() == course.release(week, name).read_bytes()


def test_starting_again_leaves_a_learners_work_alone(course, week):
    start_week(course, week)
    mine = course.work(week, "assignment")
    mine.write_text("my work")
    assert start_week(course, week) == []
    assert mine.read_text() == "my work"


def test_starting_again_brings_back_only_what_is_gone(course, week):
    start_week(course, week)
    course.work(week, "assignment").write_text("my work")
    course.work(week, "lesson").unlink()
    assert start_week(course, week) == [course.work(week, "lesson")]
    assert course.work(week, "assignment").read_text() == "my work"


def test_a_copy_can_be_written_to(course, week):
    course.release(week, "assignment").chmod(0o444)
    try:
        start_week(course, week)
    finally:
        course.release(week, "assignment").chmod(0o644)
    assert course.work(week, "assignment").stat().st_mode & 0o200


def test_a_link_is_not_followed_and_not_replaced(course, week, tmp_path):
    course.work(week, "lesson").parent.mkdir(parents=True)
    (tmp_path / "elsewhere").write_text("mine")
    course.work(week, "lesson").symlink_to(tmp_path / "elsewhere")
    start_week(course, week)
    assert (tmp_path / "elsewhere").read_text() == "mine"


def test_a_week_that_was_not_built_is_a_message(own_course):
    with pytest.raises(CourseError, match=r"release/week01/lesson\.ipynb; found none\. Run: tfcourse build"):
        start_week(own_course, own_course.weeks[0])


def test_the_syllabus_is_written_anew(course):
    page = write_syllabus(course)
    page.write_text("an old one")
    assert write_syllabus(course).read_text().startswith("# Mini\n")


def test_the_command_opens_the_syllabus(course):
    settings = prepare_settings(course)
    page = write_syllabus(course)
    command = lab_command(course, settings, ("--no-browser", "--port=9999"))
    assert command[:3] == [sys.executable, "-m", "jupyterlab"]
    assert command[-2:] == ["--no-browser", "--port=9999"]
    options = dict(option.split("=", 1) for option in command[3:-2])
    root = options["--ServerApp.root_dir"]
    assert options["--LabApp.default_url"] == f"/lab/tree/{page.relative_to(root).as_posix()}"


def test_the_layout_of_the_last_session_is_reset(course):
    """… or JupyterLab would show what was open last, and not the syllabus."""
    folder = prepare_settings(course)
    layout = folder / "workspaces" / "default.jupyterlab-workspace"
    layout.parent.mkdir(exist_ok=True)
    layout.write_text("{}")
    assert prepare_settings(course) == folder
    assert not layout.exists()
    settings = json.loads((folder / "settings" / "overrides.json").read_text())
    assert settings["@jupyterlab/docmanager-extension:plugin"]["defaultViewers"] == {"markdown": "Markdown Preview"}
    assert settings["@jupyterlab/apputils-extension:notification"]["fetchNews"] == "false"


def test_running_starts_every_week_and_becomes_jupyterlab(course, monkeypatch, tmp_path):
    became = []
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(lab.os, "execve", lambda *arguments: became.append((*arguments, os.getcwd())))
    run_lab(course, ("--no-browser",))
    ((program, command, environment, folder),) = became
    assert program == command[0] == sys.executable
    assert "--no-browser" in command
    assert environment["TFCOURSE_ROOT"] == str(course.root)
    # A learner's own notebooks run on all cores, and on a GPU where there is one.
    assert environment["TF_CPP_MIN_LOG_LEVEL"] == "3"
    assert not {"TF_NUM_INTRAOP_THREADS", "CUDA_VISIBLE_DEVICES", "TFCOURSE_GRADED"} & (
        set(environment) - set(os.environ)
    )
    assert environment["JUPYTER_PATH"].split(os.pathsep)[0] == str(kernelspec.FOLDER)
    assert folder == str(course.root)
    assert course.work(course.weeks[0], "assignment").is_file()
    assert (course.work_folder / "syllabus.md").is_file()


def test_an_own_jupyter_path_stays_behind_ours(course, monkeypatch, tmp_path):
    became = []
    monkeypatch.setenv("JUPYTER_PATH", "/mine")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(lab.os, "execve", lambda *arguments: became.append(arguments))
    run_lab(course, ())
    assert became[0][2]["JUPYTER_PATH"] == os.pathsep.join([str(kernelspec.FOLDER), "/mine"])
