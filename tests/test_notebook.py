"""What a notebook calls: practice, grade, hint and solution."""

import json
import os
import re

import numpy as np
import pytest

import tfcourse
from tfcourse import notebook
from tfcourse.errors import GraderBroken
from tfcourse.reports.card import RECEIPT_MIME
from tfcourse.reports.progress import Progress


def double(x):
    return 2 * np.asarray(x)


def half_right(x):
    return np.asarray(x)


def never(*arguments):
    raise AssertionError("the learner's function was called")


@pytest.fixture
def displayed(monkeypatch):
    """What a notebook would display, without one."""
    shown = []
    monkeypatch.setattr(notebook, "_display", shown.append)
    return shown


def texts(displayed):
    return "\n".join(shown.text() for shown in displayed)


def events(course):
    return Progress(course).events()


def breaks(edit):
    """Make the course's own code fail when it draws `week01.double`."""
    return edit("grader_tests/week01.py", "def cases(seed):\n", "def cases(seed):\n    raise OSError('disk full')\n")


def test_the_package_offers_four_functions():
    for name in ("grade", "hint", "practice", "solution"):
        assert getattr(tfcourse, name) is getattr(notebook, name)
    with pytest.raises(AttributeError, match="no attribute 'cheat'"):
        tfcourse.cheat  # noqa: B018


# ---------------------------------------------------------------------------- practice


def test_practice_shows_a_card_and_records_it(course, displayed):
    assert notebook.practice("week01.double", double) is None
    assert "✓ Double: 2 of 2 points, right" in texts(displayed)
    (event,) = events(course)
    assert (event.kind, event.check, event.points, event.max_points) == ("practice", "week01.double", 2, 2)
    assert event.outcome == "right"


def test_practice_prints_where_there_is_no_notebook(course, capsys):
    notebook.practice("week01.double", double)
    assert "Double: 2 of 2 points" in capsys.readouterr().out


def test_practice_answers_every_call_anew(course, displayed):
    notebook.practice("week01.double", half_right)
    notebook.practice("week01.double", double)
    assert [event.points for event in events(course)] == [0.5, 2]


def test_practice_does_nothing_while_a_submission_is_graded(course, displayed, monkeypatch, capfd):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    assert notebook.practice("week01.double", never) is None
    assert notebook.practice("week99.no_such_check", never) is None
    assert displayed == []
    assert events(course) == []
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(("function", "points"), [(double, 2.0), (half_right, 0.5), (None, 0.0)])
def test_practice_returns_points_while_nbgrader_validates(course, displayed, monkeypatch, function, points):
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    found = notebook.practice("week01.double", function)
    assert type(found) is float
    assert found == points
    assert events(course) == []


def test_practice_shows_our_own_defect_as_ours(edit, displayed):
    course = breaks(edit)
    assert notebook.practice("week01.double", double) is None
    assert "This is our fault, not yours" in texts(displayed)
    assert "disk full" in texts(displayed)
    assert events(course) == []


def test_our_own_defect_is_no_success_in_a_validation(edit, displayed, monkeypatch):
    breaks(edit)
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    assert notebook.practice("week01.double", double) == 0.0


@pytest.mark.parametrize("execution", [None, "validate"])
def test_practice_of_an_unknown_check_is_a_message(course, displayed, monkeypatch, execution):
    if execution:
        monkeypatch.setenv("NBGRADER_EXECUTION", execution)
    assert notebook.practice("week01.duoble", never) == (0.0 if execution else None)
    assert "Did you mean week01.double?" in texts(displayed)


def test_practice_without_a_course_is_a_message(displayed, monkeypatch, tmp_path):
    monkeypatch.setenv("TFCOURSE_ROOT", str(tmp_path))
    notebook.practice("week01.double", never)
    assert "Expected a course" in texts(displayed)


def test_interrupted_practice_records_nothing(course, displayed):
    def interrupted(x):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        notebook.practice("week01.double", interrupted)
    assert "Nothing was recorded" in texts(displayed)
    assert events(course) == []


def test_a_score_is_shown_where_it_cannot_be_kept(course, displayed, tmp_path, monkeypatch):
    (tmp_path / "a file").write_text("")
    monkeypatch.setenv("TFCOURSE_WORK", str(tmp_path / "a file"))
    notebook.practice("week01.double", double)
    assert "2 of 2 points" in texts(displayed)
    assert "not kept" in texts(displayed)


@pytest.mark.parametrize(
    ("nothing", "said"), [(None, "Not attempted yet"), (..., "Not attempted yet"), (3, "Expected a function")]
)
def test_what_is_no_function_is_a_card_without_a_traceback(course, displayed, nothing, said):
    notebook.practice("week01.double", nothing)
    assert said in texts(displayed)
    assert "Traceback" not in texts(displayed)


def test_a_crash_shows_the_learners_line_only(course, displayed):
    def double(x):
        return x / "2"

    notebook.practice("week01.double", double)
    shown = texts(displayed)
    assert 'in double: return x / "2"' in shown
    assert "Traceback" not in shown
    assert ".py" not in shown


@pytest.mark.parametrize("call", ["practice", "grade"])
def test_a_check_writes_nothing_but_its_card(course, displayed, capfd, caplog, recwarn, call):
    def noisy(x):
        import logging
        import sys
        import warnings

        print("print")
        print("stderr", file=sys.stderr)
        warnings.warn("warning", stacklevel=1)
        logging.error("log")
        os.write(2, b"C")
        return 2 * x

    getattr(notebook, call)("week01.double", noisy)
    assert "2 of 2 points" in texts(displayed)
    assert capfd.readouterr() == ("", "")
    assert caplog.records == []
    assert list(recwarn) == []


# ---------------------------------------------------------------------------- grade


@pytest.mark.parametrize(("function", "points"), [(double, 2.0), (half_right, 0.5), (None, 0.0)])
def test_grade_returns_a_plain_float(course, displayed, function, points):
    """nbgrader gives full marks for what it cannot cast, an np.float64's repr for example."""
    found = notebook.grade("week01.double", function)
    assert type(found) is float
    assert found == points
    assert re.fullmatch(r"\d+\.\d+", repr(found))


def test_grade_shows_a_card_with_a_receipt(course, displayed):
    notebook.grade("week01.double", double)
    (card,) = displayed
    bundle = card._repr_mimebundle_()
    assert set(bundle) == {"text/html", "text/plain", RECEIPT_MIME}
    receipt = json.loads(json.dumps(bundle[RECEIPT_MIME]))
    assert receipt["points"] == 2
    assert receipt["predictable"] is True
    assert receipt["purpose"] == "grade"


def test_practice_carries_no_receipt(course, displayed):
    notebook.practice("week01.double", double)
    assert RECEIPT_MIME not in displayed[0]._repr_mimebundle_()


def test_the_first_answer_of_a_process_counts(course, displayed):
    assert notebook.grade("week01.double", half_right) == 0.5
    assert notebook.grade("week01.double", double) == 0.5


def test_grading_records_no_progress(course, displayed):
    notebook.grade("week01.double", double)
    assert events(course) == []


def test_grade_tells_nothing_of_the_key(course, displayed):
    notebook.grade("week01.double", half_right)
    assert "1 of 4 cases are right" in texts(displayed)
    assert not re.search(r"expected -?\d", texts(displayed))


def test_our_own_defect_is_raised_while_grading(edit, displayed):
    breaks(edit)
    with pytest.raises(GraderBroken, match="disk full"):
        notebook.grade("week01.double", double)


def test_a_secret_that_cannot_be_used_costs_no_learner_a_point(course, displayed, monkeypatch):
    monkeypatch.setenv("TFCOURSE_SECRET", "short")
    with pytest.raises(GraderBroken, match="at least 32 characters"):
        notebook.grade("week01.double", double)


def test_a_check_that_is_missing_costs_no_learner_a_point(course, displayed):
    with pytest.raises(GraderBroken, match=r"found .week01\.treble"):
        notebook.grade("week01.treble", double)


def test_a_secret_changes_the_questions(course, displayed, monkeypatch):
    seen = []

    def spy(x):
        seen.append(x.tolist())
        return 2 * x

    notebook.grade("week01.double", spy)
    notebook._grading_examiner.cache_clear()
    monkeypatch.setenv("TFCOURSE_SECRET", "s" * 32)
    notebook.grade("week01.double", spy)
    assert len(seen) == 8
    # Each time in another order, and one of them is empty.
    assert sorted(map(str, seen[:4])) != sorted(map(str, seen[4:]))
    assert displayed[0]._repr_mimebundle_()[RECEIPT_MIME]["predictable"] is True
    assert displayed[1]._repr_mimebundle_()[RECEIPT_MIME]["predictable"] is False


# ---------------------------------------------------------------------------- hint


def test_hints_come_in_stages(course, displayed):
    for _ in range(3):
        notebook.hint("week01.double")
    first, second, third = (shown.text() for shown in displayed)
    assert first == "Hint 1 of 2: Think.\nCall hint again for the next one."
    assert second == "Hint 2 of 2: Use 2 * x.\nThat was the last hint."
    assert third == second


def test_hints_of_different_tasks_are_counted_apart(course, displayed):
    notebook.hint("week01.double")
    notebook.hint("week01.line")
    assert [shown.title for shown in displayed] == ["Hint 1 of 2", "Hint 1 of 2"]


def test_a_hint_for_an_unknown_check_is_a_message(course, displayed):
    notebook.hint("week01.duoble")
    assert "Did you mean week01.double?" in texts(displayed)


@pytest.mark.parametrize("execution", ["autograde", "validate"])
def test_a_hint_in_a_notebook_that_nbgrader_runs_is_not_counted(course, displayed, monkeypatch, execution):
    monkeypatch.setenv("NBGRADER_EXECUTION", execution)
    notebook.hint("week01.double")
    assert displayed == []
    assert events(course) == []


# ---------------------------------------------------------------------------- solution

REFERENCE = "return 2 * np.asarray(x)"


def syllabus(edit, value):
    return edit("curriculum/syllabus.toml", 'solutions = "after-practice"', f'solutions = "{value}"')


def test_the_solution_comes_after_a_first_try(course, displayed):
    notebook.solution("week01.double")
    assert "Not yet" in texts(displayed)
    assert REFERENCE not in texts(displayed)
    notebook.practice("week01.double", half_right)
    notebook.solution("week01.double")
    assert REFERENCE in texts(displayed)
    assert "SOLUTION" not in texts(displayed)


@pytest.mark.parametrize("nothing", [None, ...])
def test_an_empty_cell_is_no_first_try(course, displayed, nothing):
    notebook.practice("week01.double", nothing)
    notebook.solution("week01.double")
    assert REFERENCE not in texts(displayed)


def test_a_try_at_another_task_does_not_count(course, displayed):
    notebook.practice("week01.double", double)
    notebook.solution("week01.line")
    assert "Not yet" in texts(displayed)


def test_a_course_may_keep_its_solutions(edit, displayed):
    syllabus(edit, "never")
    notebook.practice("week01.double", half_right)
    notebook.solution("week01.double")
    assert "keeps its solutions" in texts(displayed)
    assert REFERENCE not in texts(displayed)


def test_a_course_may_always_show_them(edit, displayed):
    syllabus(edit, "always")
    notebook.solution("week01.double")
    assert REFERENCE in texts(displayed)


def test_a_solution_for_an_unknown_check_is_a_message(course, displayed):
    notebook.solution("week01.duoble")
    assert "Did you mean week01.double?" in texts(displayed)
