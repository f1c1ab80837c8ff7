"""`tfcourse grade` and `tfcourse autograde` give the same points and reasons, whatever editor wrote a file."""

import json
import shutil

import nbformat
import pytest

from tfcourse.grading.home import grade_notebook
from tfcourse.grading.store import FOLDER, Store
from tfcourse.grading.submissions import make_submission

SANDBOX = [] if shutil.which("bwrap") else ["--no-sandbox"]
SECRET = "a secret of the tests, long enough to be one"
FULL = {"week01.double": 2.0, "week01.line": 5.0}


def with_byte_order_mark(table):
    return b"\xef\xbb\xbf" + json.dumps(table).encode()


def with_a_progress_bar(table):
    """As Colab saves it."""
    table["metadata"] = {
        "colab": {"provenance": []},
        "widgets": {"application/vnd.jupyter.widget-state+json": {"a": 5}},
    }
    table["cells"][2]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "old", "transient": {}}]


def without_metadata(table):
    """As an editor leaves it that knows nothing of nbgrader."""
    table["metadata"] = {"name": "ml"}
    for cell in table["cells"]:
        cell["metadata"] = {}


def without_a_task(table):
    """Both cells of the second task were deleted."""
    table["cells"] = [cell for cell in table["cells"] if "line" not in str(cell["metadata"].get("nbgrader"))]


def of_another_schema(table):
    table["metadata"] = {"kernelspec": {}, "language_info": {}, "authors": "Ann", "title": 5}
    table["nbformat_minor"] = 2
    for number, cell in enumerate(table["cells"]):
        cell["source"] = (
            cell["source"] if isinstance(cell["source"], list) else cell["source"].splitlines(keepends=True)
        )
        cell["attachments"] = {} if number % 2 else None


def with_own_names(table):
    """The learner's variables are called like what the course imports."""
    table["cells"].insert(-1, {"cell_type": "code", "source": "grade = 5", "metadata": {}, "outputs": []})


def without_imports(table):
    """The learner replaced the first cell, and with it what the tests call."""
    first = next(cell for cell in table["cells"] if "from tfcourse import" in "".join(cell["source"]))
    lines = "".join(first["source"]).splitlines()
    first["source"] = "\n".join(line for line in lines if "from tfcourse import" not in line)


CHANGES = (
    with_byte_order_mark,
    with_a_progress_bar,
    without_metadata,
    without_a_task,
    of_another_schema,
    with_own_names,
    without_imports,
)


@pytest.fixture(scope="module")
def submitted(graded, tmp_path_factory):
    """A course directory of nbgrader's, in which each change is a student."""
    folder = tmp_path_factory.mktemp("one-road")
    shutil.copytree(graded.course.root / "source", folder / "source")
    run = graded.run("nbgrader", "generate_assignment", "week01", f"--CourseDirectory.root={folder}")
    assert run.returncode == 0, run.stderr
    for change in CHANGES:
        table = json.loads(nbformat.writes(make_submission(graded.course, graded.course.weeks[0], "reference")))
        content = change(table) or json.dumps(table).encode()
        path = folder / "submitted" / change.__name__.replace("_", "-") / "week01" / "assignment.ipynb"
        path.parent.mkdir(parents=True)
        path.write_bytes(content)
    return folder


@pytest.fixture(scope="module")
def of_staff(graded, submitted):
    """What the engine gave each of them: points by check, and why there are none."""
    run = graded.run("tfcourse", "autograde", "week01", f"--CourseDirectory.root={submitted}", *SANDBOX)
    assert run.returncode == 0, run.stdout + run.stderr
    events = [json.loads(line) for line in (submitted / FOLDER / "log.jsonl").read_text().splitlines()]
    store = Store(submitted / FOLDER)
    return {
        event["student"]: (
            {id: receipt.points for id, receipt in store.receipts(event["student"], "week01").items()},
            {name.split("/")[-1]: why for name, why in event["unjudged"].items()},
        )
        for event in events
        if event["event"] == "recorded"
    }


@pytest.mark.slow
@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_home_and_staff_give_the_same(graded, submitted, of_staff, monkeypatch, change):
    monkeypatch.setenv("TFCOURSE_SECRET", SECRET)
    monkeypatch.setenv("TFCOURSE_ROOT", str(graded.course.root))
    student = change.__name__.replace("_", "-")
    path = submitted / "submitted" / student / "week01" / "assignment.ipynb"
    results = grade_notebook(graded.course, graded.course.weeks[0], path)
    points, reasons = of_staff[student]
    assert {result.check.id: result.points for result in results if result.receipt} == points
    assert {result.check.name: result.reason for result in results if result.reason} == reasons
    if change is without_imports:
        assert points == {}
        assert "put this line back: from tfcourse import" in reasons["double"]
    elif change is without_a_task:
        assert points == {"week01.double": 2.0}
        assert "build_model" in reasons["line"]
    else:
        assert points == FULL
