"""Notebooks beside the weeks: built to release/ alone, copied for learners, linked on the syllabus page."""

import nbformat
import pytest
from mini_course import HEADER

from tfcourse import lab
from tfcourse.authoring.build import differences, write_all
from tfcourse.authoring.validate import curriculum_problems
from tfcourse.cli import cli
from tfcourse.course import read_course
from tfcourse.errors import InvalidCurriculum
from tfcourse.lab import run_lab, start_extra
from tfcourse.reports.syllabus import syllabus_page

ROW = '\n[[extra]]\nid = "recap"\nfolder = "asides"\ntitle = "A recap"\nabout = "What was before week 1."\n'
OBJECTIVES = "#     objectives:\n#       - text: double a number\n#         skills: [B1]\n"
TEXT = HEADER.replace(OBJECTIVES, "") + "\n# %% [markdown]\n# ## Before\n\n# %%\nimport tfcourse\n"


@pytest.fixture
def with_extra(own_course):
    """The mini course with one notebook beside its week, unbuilt."""
    syllabus = own_course.root / "curriculum" / "syllabus.toml"
    syllabus.write_text(syllabus.read_text() + ROW)
    (own_course.root / "curriculum" / "asides").mkdir()
    (own_course.root / "curriculum" / "asides" / "recap.py").write_text(TEXT)
    return read_course(own_course.root)


def test_a_course_without_any_has_none(course):
    assert course.extras == ()
    assert "Beside the weeks" not in syllabus_page(course, {})


def test_a_build_writes_one_notebook_and_nothing_into_source(with_extra):
    (extra,) = with_extra.extras
    write_all(with_extra)
    path = with_extra.extra_release(extra)
    assert path == with_extra.root / "release" / "recap" / "recap.ipynb"
    assert not (with_extra.root / "source" / "recap").exists()
    found = nbformat.read(path, as_version=4)
    nbformat.validate(found)
    assert [cell.id for cell in found.cells] == ["title", "recap-001", "recap-002"]
    assert "curriculum/asides/recap.py" in found.cells[0].source
    assert write_all(with_extra) == []


def test_what_differs_is_found(with_extra):
    write_all(with_extra)
    text = with_extra.extra_text(with_extra.extras[0])
    text.write_text(text.read_text().replace("Before", "After"))
    assert differences(with_extra) == ["release/recap/recap.ipynb: differs from its text"]
    write_all(with_extra)
    (with_extra.root / "release" / "recap" / "answers.txt").write_text("42")
    assert differences(with_extra) == ["release/recap/answers.txt: built from nothing"]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("#     minutes: 10\n", "", "curriculum/asides/recap.py, header: expected tfcourse.minutes (int)"),
        ("import tfcourse\n", "import keras\nimport tfcourse\n", "expected an import of tfcourse before TensorFlow"),
        ("# %% [markdown]\n", '# %% [markdown] skills=["X1"]\n', "expected a skill of curriculum/handbook.toml"),
        ("# %%\n", '# %% nbgrader={"grade_id": "a"}\n', "expected no nbgrader metadata in a notebook that is never"),
    ],
)
def test_a_broken_rule_names_the_file(with_extra, old, new, problem):
    text = with_extra.extra_text(with_extra.extras[0])
    text.write_text(text.read_text().replace(old, new))
    (found,) = curriculum_problems(with_extra)
    assert problem in found
    assert "recap.py" in found


def test_a_missing_text_and_an_id_of_a_week_are_problems(with_extra, edit):
    with_extra.extra_text(with_extra.extras[0]).unlink()
    assert "expected a py:percent text" in curriculum_problems(with_extra)[0]
    course = edit("curriculum/syllabus.toml", 'id = "recap"', 'id = "week01"')
    course.extra_text(course.extras[0]).write_text(TEXT)
    assert "expected an id that no week has" in curriculum_problems(course)[0]


def test_a_row_without_a_sentence_is_a_message(with_extra, edit):
    with pytest.raises(InvalidCurriculum, match="expected the key 'about'"):
        edit("curriculum/syllabus.toml", 'about = "What was before week 1."\n', "")


def test_the_syllabus_page_links_it(with_extra):
    assert "- [A recap](recap/recap.ipynb): What was before week 1." in syllabus_page(with_extra, {})


def test_lab_and_start_copy_it_once(with_extra, monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("TFCOURSE_WORK", str(tmp_path / "work"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(lab.os, "execve", lambda *arguments: None)
    (extra,) = with_extra.extras
    write_all(with_extra)
    cli(["start", "recap"], standalone_mode=False)
    mine = with_extra.extra_work(extra)
    assert mine == tmp_path / "work" / "recap" / "recap.ipynb"
    assert mine.read_bytes() == with_extra.extra_release(extra).read_bytes()
    mine.write_text("my work")
    cli(["start", "recap"], standalone_mode=False)
    assert "there already and was left as it is" in capsys.readouterr().out.replace("\n", " ")
    run_lab(with_extra, ())
    assert mine.read_text() == "my work"
    assert start_extra(with_extra, extra) == []
