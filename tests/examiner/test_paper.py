"""Papers: drawn here or in a child, they are the same; what fails there arrives as what it is."""

import subprocess
import sys

import numpy as np
import pytest

from tfcourse.checks import Outcome, Response
from tfcourse.checks.records import digest_task
from tfcourse.errors import CourseError, GraderBroken, InvalidCurriculum, UnknownName
from tfcourse.examiner import InProcessExaminer, Paper, Secret, derive_seed
from tfcourse.examiner.child import Failure
from tfcourse.examiner.paper import Question, make_receipt

SECRET = Secret(b"a secret of the tests, long enough to be one", "the tests")
SEEDS = {id: derive_seed(SECRET, "grade", id, 0) for id in ("week01.double", "week01.line")}


@pytest.fixture(scope="module")
def digests(shared_root):
    """What a course's paper is, drawn in a process that did nothing else."""
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from tfcourse.course import read_course\n"
        "from tfcourse.examiner import Paper\n"
        f"paper = Paper.draw_in_child(read_course(Path({str(shared_root)!r})), {SEEDS!r})\n"
        "assert not {'tensorflow', 'keras'} & set(sys.modules), 'the parent must stay small'\n"
        "for id, q in paper.questions.items():\n"
        "    print(id, q.task_digest, q.key.digest(), len(q.encoded), q.seed, q.check.id, q.most_bytes)\n"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=300)
    assert run.returncode == 0, run.stderr
    return run.stdout.split("\n")


def test_a_paper_drawn_in_a_child_is_the_same_and_leaves_the_parent_without_tensorflow(course, digests):
    paper = Paper.draw(course, SEEDS)
    assert [
        f"{id} {q.task_digest} {q.key.digest()} {len(q.encoded)} {q.seed} {q.check.id} {q.most_bytes}"
        for id, q in paper.questions.items()
    ] == digests[:-1]


@pytest.mark.parametrize("module", ["messages", "paper", "desk", "remote", "rescore", "model_job"])
def test_the_examiner_imports_no_tensorflow(module):
    program = f"import sys, tfcourse.examiner.{module}; print({{'tensorflow', 'keras', 'h5py'}} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120)
    assert run.stdout.strip() == "set()"


def test_a_paper_asks_what_the_examiner_in_process_asks(course):
    paper, examiner = Paper.draw(course, SEEDS), InProcessExaminer(course, "grade", SECRET)
    for id in SEEDS:
        question = paper[id]
        assert digest_task(examiner.open(id), question.key) == question.task_digest


def test_a_task_is_encoded_once(course):
    question = Paper.draw(course, SEEDS)["week01.line"]
    assert question.encoded is question.encoded


def test_nothing_of_a_key_and_no_seed_is_in_what_a_kernel_gets(course):
    for id, question in Paper.draw(course, SEEDS).questions.items():
        for outputs in question.key.expected:
            for array in outputs:
                if array.size:
                    assert array.tobytes() not in question.encoded, id
        assert str(question.seed).encode() not in question.encoded
        assert question.seed.to_bytes(32, "big") not in question.encoded
        assert str(question.seed) not in repr(question)


def test_seeds_are_on_no_command_line(course, monkeypatch):
    commands = []
    run = subprocess.run
    monkeypatch.setattr(subprocess, "run", lambda command, **more: commands.append(command) or run(command, **more))
    Paper.draw_in_child(course, {"week01.line": SEEDS["week01.line"]})
    assert str(SEEDS["week01.line"]) not in str(commands)


def test_a_paper_without_questions_needs_no_child(course, monkeypatch):
    monkeypatch.setattr(subprocess, "run", None)
    assert Paper.draw_in_child(course, {}).questions == {}


@pytest.mark.parametrize("draw", [Paper.draw, Paper.draw_in_child])
def test_an_unknown_check(course, draw):
    with pytest.raises(UnknownName):
        draw(course, {"week01.treble": 1})


def test_a_question_that_is_not_on_the_paper(course):
    paper = Paper.draw(course, {"week01.double": 1})
    assert "week01.double" in paper
    assert "week01.line" not in paper
    with pytest.raises(UnknownName, match=r"Expected one of the checks week01\.double; found 'week01\.line'"):
        paper["week01.line"]


@pytest.mark.parametrize("draw", [Paper.draw, Paper.draw_in_child])
def test_a_check_that_fails_is_our_defect(edit, draw):
    course = edit("grader_tests/week01.py", "def cases(seed):\n", "def cases(seed):\n    1 / 0\n")
    with pytest.raises(GraderBroken, match=r"week01\.double could not be drawn: ZeroDivisionError"):
        draw(course, {"week01.double": 1})


def test_what_a_check_prints_does_not_get_into_the_answer(edit):
    noise = "def cases(seed):\n    import os\n    print('noise', flush=True)\n    os.system('echo more')\n"
    course = edit("grader_tests/week01.py", "def cases(seed):\n", noise)
    assert len(Paper.draw_in_child(course, {"week01.double": 1})["week01.double"].task.cases) == 4


def test_a_child_that_ends_early_is_our_defect(edit):
    course = edit("grader_tests/week01.py", "def cases(seed):\n", "def cases(seed):\n    import os; os._exit(3)\n")
    with pytest.raises(GraderBroken, match="ended with 3"):
        Paper.draw_in_child(course, {"week01.double": 1})


def test_a_child_that_never_ends_is_our_defect(edit):
    course = edit("grader_tests/week01.py", "def cases(seed):\n", "def cases(seed):\n    import time; time.sleep(60)\n")
    with pytest.raises(GraderBroken, match=r"within 3 s; they were still being drawn"):
        Paper.draw_in_child(course, {"week01.double": 1}, seconds=3)


@pytest.mark.parametrize(
    ("failure", "cls", "text"),
    [
        (Failure("UnknownName", ("no such check",)), UnknownName, "no such check"),
        (Failure("InvalidCurriculum", ("one", "two")), InvalidCurriculum, "one\ntwo"),
        (Failure("GraderBroken", ("ours",)), GraderBroken, "ours"),
        (Failure("LearnerMistake", ("not in a check",)), GraderBroken, "not in a check"),
        (Failure("NoSuchError", ("why",)), GraderBroken, "why"),
    ],
)
def test_a_failure_becomes_an_exception_again(failure, cls, text):
    error = failure.error()
    assert type(error) is cls
    assert isinstance(error, CourseError)
    assert str(error) == text
    if cls is InvalidCurriculum:
        assert error.problems == ["one", "two"]


def test_a_receipt_says_where_and_when_it_was_earned(course):
    question = Paper.draw(course, {"week01.double": 1})["week01.double"]
    response = Response(outputs=question.key.expected, seconds=1.5)
    response, score = question.judge(response, None, reveal=False)
    receipt = make_receipt(
        question,
        response,
        score,
        purpose="grade",
        predictable=False,
        secret_id="abc",
        submission="digest",
        sandboxed=True,
        answered_at="2026-01-02T03:04:05+00:00",
    )
    assert (receipt.points, receipt.outcome) == (2, Outcome.RIGHT)
    assert (receipt.secret_id, receipt.submission, receipt.sandboxed) == ("abc", "digest", True)
    assert (receipt.answered_at, receipt.rescored_at) == ("2026-01-02T03:04:05+00:00", "")
    assert receipt.task_digest == question.task_digest
    assert receipt.key_digest == receipt.response_digest


def test_another_seed_asks_something_else(course):
    one, other = (Question.draw(Paper.draw(course, SEEDS)["week01.line"].check, seed) for seed in (1, 2))
    assert one.task_digest != other.task_digest
    assert not np.array_equal(one.key.expected[0][0], other.key.expected[0][0])
