"""Exams and drills: what is drawn, the clock that starts once, the log, and several of them side by side."""

import json
import os
import re
import stat
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import nbformat
import numpy as np
import pytest

from tfcourse.checks.problems import KINDS
from tfcourse.course import find_course, read_course
from tfcourse.errors import CourseError, GraderBroken, InvalidCurriculum, UnknownName
from tfcourse.exam import hidden, session
from tfcourse.exam.session import (
    exams_folder,
    find_session,
    read_session,
    session_of_folder,
    sessions,
    start,
    start_drill,
)


def files_of(folder):
    """Return the bytes of every file that a candidate gets."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".exam" not in path.relative_to(folder).parts
    }


def data_of(found):
    return {name: content for name, content in files_of(found.root).items() if "/data/" in name}


def rewrite(found, **changes):
    """Change what an exam's session.json says."""
    path = found.root / ".exam" / "session.json"
    document = json.loads(path.read_text()) | changes
    path.write_text(json.dumps(document))


def tried(found, problem=1, points=3.0, **more):
    """Append a submission to an exam's log."""
    event = {"number": 1, "outcome": "on the way", "message": "m", "way": "page", "file": "f", "sha256": "", "size": 1}
    found.note("submitted", problem=problem, points=points, **(event | more))


# ---------------------------------------------------------------------------- drawing


def test_an_exam_has_one_problem_of_each_kind_in_the_order_of_the_plan(course):
    found = start(course, seed="a")
    assert [place.kind for place in found.places] == ["basic", "images", "text"]
    assert [place.number for place in found.places] == [1, 2, 3]
    assert [place.folder for place in found.places] == ["1-basic", "2-images", "3-text"]
    assert [place.weight for place in found.places] == [20, 30, 50]
    assert sorted(path.name for path in found.root.iterdir()) == [".exam", "1-basic", "2-images", "3-text"]


def test_the_courses_own_plan_keeps_the_order_of_kinds():
    plan = read_course(find_course().root).exam
    kinds = [part.kind for part in plan.parts]
    assert kinds == [kind for kind in KINDS if kind in kinds]
    assert plan.minutes == 300


def test_the_same_seed_gives_the_same_problems_and_data(course):
    one, two = start(course, seed="a"), start(course, seed="a")
    assert one.id != two.id
    assert one.places == two.places
    assert files_of(one.root) == files_of(two.root)
    for place in one.places:
        keys = [each.question(course, place).key for each in (one, two)]
        np.testing.assert_array_equal(keys[0].expected[0][0], keys[1].expected[0][0])
        np.testing.assert_array_equal(keys[0].inputs[0], keys[1].inputs[0])


def test_another_seed_gives_other_data(course):
    one, two = start(course, seed="a"), start(course, seed="b")
    first, second = data_of(one), data_of(two)
    assert first.keys() == second.keys()
    for name in set(first) - {"2-images/data/deep/down/notes.txt"}:
        assert first[name] != second[name], name
    for place in one.places:
        keys = [each.question(course, place).key for each in (one, two)]
        assert not np.array_equal(keys[0].inputs[0], keys[1].inputs[0])


def test_problems_of_one_exam_do_not_share_their_seed(course):
    found = start(course, seed="a")
    assert len({found.question(course, place).seed for place in found.places}) == 3


def test_without_a_seed_every_exam_is_another(course):
    found = [start(course) for _ in range(3)]
    assert len({each.seed for each in found}) == 3
    assert len({json.dumps({n: repr(c) for n, c in data_of(each).items()}) for each in found}) == 3


def test_every_family_of_a_kind_is_drawn_by_some_seed(course):
    drawn = Counter(session.draw_places(course, ["basic"], str(number))[0].check_id for number in range(100))
    assert set(drawn) == {"exam.line", "exam.slope"}
    assert min(drawn.values()) > 25


def test_a_family_is_drawn_from_the_seed_and_not_from_the_process(course):
    program = (
        "from tfcourse.course import find_course; from tfcourse.exam.session import draw_places;"
        "print(*[draw_places(find_course(), ['basic'], str(n))[0].check_id for n in range(9)])"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
            timeout=120,
        ).stdout
        for seed in "12"
    ]
    here = [session.draw_places(course, ["basic"], str(number))[0].check_id for number in range(9)]
    assert [run.split() for run in runs] == [here, here]


def test_ids_count_up_from_the_day_and_those_of_drills_say_so(course):
    ids = [start(course).id, start(course).id, start_drill(course, "text").id, start(course).id]
    assert [re.fullmatch(r"(drill-)?\d{4}-\d\d-\d\d-(\d+)", id).groups() for id in ids] == [
        (None, "1"),
        (None, "2"),
        ("drill-", "1"),
        (None, "3"),
    ]


def test_two_that_start_at_once_get_a_folder_each(course):
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda number: start(course, seed=str(number)), range(4)))
    assert len({each.id for each in found}) == 4
    assert sorted(each.id for each in sessions(course)) == sorted(each.id for each in found)
    for each in found:
        assert read_session(each.root) == each


@pytest.mark.parametrize("minutes", [0, -5, 7 * 24 * 60 + 1])
def test_minutes_that_make_no_sense_are_refused_and_nothing_is_drawn(course, minutes):
    with pytest.raises(CourseError, match=rf"Expected 1 to 10080 minutes; found {minutes}\. The exam's own are 60\."):
        start(course, minutes=minutes)
    assert not exams_folder(course).exists()


def test_a_course_without_an_exam_says_so(own_course):
    for begin in (lambda: start(own_course), lambda: start_drill(own_course, "text")):
        with pytest.raises(CourseError, match=r"Expected a course with an exam; found no curriculum/exam/exam\.toml\."):
            begin()
    assert sessions(own_course) == []


def test_an_unknown_kind_of_drill(course):
    with pytest.raises(UnknownName, match=r"\(basic, images, text\); found 'txt'\. Did you mean text\?"):
        start_drill(course, "txt")


def test_what_is_being_drawn_is_told(course):
    told = []
    start(course, seed="a", say=told.append)
    assert [line.split(":")[0] for line in told] == ["Problem 1", "Problem 2", "Problem 3"]
    assert told[1].endswith("Spots")


# ---------------------------------------------------------------------------- what a candidate gets


def test_a_problems_folder_holds_statement_notebook_script_and_data(course):
    found = start(course, seed="a")
    assert set(files_of(found.root)) == {
        f"{folder}/{name}"
        for folder, data in {
            "1-basic": ["rows.csv"],
            "2-images": ["spots.npz", "deep/down/notes.txt"],
            "3-text": ["texts.csv"],
        }.items()
        for name in ["statement.md", "problem.ipynb", "solution.py", *(f"data/{name}" for name in data)]
    }


def test_neither_key_nor_hidden_inputs_lie_anywhere_outside_the_exams_own_folder(course):
    """… in whole or in any row of them, as numbers or as text."""
    found = start(course, seed="a seed that would be found")
    given = b"".join(files_of(found.root).values())
    with np.load(found.root / "2-images" / "data" / "spots.npz") as file:
        assert sorted(file.files) == ["x", "y"]
        assert len(file["x"]) == 200
    for place in found.places:
        key = found.question(course, place).key
        for array in (*key.inputs, key.expected[0][0]):
            assert array.tobytes() not in given
        for row in key.inputs[0]:
            told = str(row) if row.dtype.kind == "U" else ",".join(f"{value:.5f}" for value in row.reshape(-1))
            if place.kind != "text":
                assert row.tobytes() not in given
            assert told.encode() + b"," not in given or place.kind == "text"
        assert str(found.question(course, place).seed).encode() not in given
    assert found.seed.encode() not in given


def test_the_solution_is_in_none_of_the_files(course):
    found = start(course, seed="a")
    for name, content in files_of(found.root).items():
        assert b"the_trick" not in content, name
        assert b"BEGIN SOLUTION" not in content, name


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_the_exams_own_folder_is_its_users_alone(course):
    found = start(course, seed="a")
    assert stat.S_IMODE((found.root / ".exam").stat().st_mode) == 0o700


def test_the_script_compiles_and_ends_at_what_is_to_be_written(course):
    found = start(course, seed="a")
    for place in found.places:
        script = found.root / place.folder / "solution.py"
        text = script.read_text(encoding="utf-8")
        code = compile(text, str(script), "exec")
        assert "solution_model" in code.co_names
        assert text.rstrip().endswith("submit(model)")


@pytest.mark.slow
def test_the_notebook_is_valid_and_runs_to_what_is_to_be_written(course):
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    found = start(course, seed="a")
    folder = found.root / "2-images"
    notebook = nbformat.read(folder / "problem.ipynb", as_version=4)
    nbformat.validate(notebook)
    assert notebook.cells[0].source.startswith("# Spots\n\nProblem 2, 30 % of the score.")
    with pytest.raises(CellExecutionError):
        NotebookClient(notebook, kernel_name="python3", resources={"metadata": {"path": str(folder)}}).execute()
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    ends = [[each.ename for each in cell.outputs if each.output_type == "error"] for cell in code]
    assert ends == [[], [], ["NotImplementedError"], []]


# ---------------------------------------------------------------------------- the clock


def test_the_clock_starts_when_everything_is_drawn_and_survives_rereading(course, clock, monkeypatch):
    write = session.write_materials
    monkeypatch.setattr(session, "write_materials", lambda *a, **k: (write(*a, **k), clock.advance(minutes=2))[0])
    begun = clock.time
    found = start(course, seed="a", minutes=30)
    assert (clock.time - begun).total_seconds() == 360, "drawing three problems took two minutes each"
    assert found.left().total_seconds() == 1800
    clock.advance(minutes=10)
    again = read_session(found.root)
    assert again == found
    assert again.left().total_seconds() == 1200
    assert find_session(course).started == found.started


def test_minutes_are_the_plans_where_none_are_named(course):
    assert start(course).minutes == 60


def test_an_exam_is_over_at_its_end_and_not_before(course, clock):
    found = start(course, minutes=1)
    clock.advance(seconds=59)
    assert (found.over_because, found.left().total_seconds()) == (None, 1)
    clock.advance(seconds=1)
    assert (found.over_because, found.left().total_seconds(), found.finished) == ("time", 0, True)
    clock.advance(days=400)
    assert found.left().total_seconds() == 0


def test_a_clock_set_back_gives_no_time(course, clock):
    found = start(course, minutes=30)
    clock.advance(minutes=20)
    tried(found)
    clock.advance(minutes=-15)
    assert found.left().total_seconds() == 600
    clock.advance(hours=-10)
    assert found.left().total_seconds() == 600
    tried(found)
    assert [each.when for each in found.tries()] == sorted(each.when for each in found.tries())
    clock.advance(hours=11)
    assert found.over_because == "time"


def test_a_clock_set_back_before_the_start_gives_no_time(course, clock):
    found = start(course, minutes=30)
    clock.advance(hours=-1)
    assert found.left().total_seconds() == 1800


def test_finishing_ends_it(course, clock):
    found = start(course)
    found.note("finished", by="candidate")
    assert read_session(found.root).over_because == "finished"
    clock.advance(days=1)
    assert found.over_because == "finished"


def test_a_drill_has_no_end(course, clock):
    found = start_drill(course, "images", seed="a")
    clock.advance(days=3)
    assert (found.ends, found.left(), found.over_because) == (None, None, None)
    assert found.minutes == found.places[0].minutes == 10
    assert [place.folder for place in found.places] == ["1-images"]
    assert "A drill. Aim at 10 minutes." in (found.root / "1-images" / "statement.md").read_text()


# ---------------------------------------------------------------------------- the log and the score


def test_every_event_is_a_line_and_stays(course, clock):
    found = start(course)
    before = found.log.read_bytes()
    tried(found)
    assert found.log.read_bytes().startswith(before)
    assert [event["event"] for event in found.events()] == ["started", "submitted"]


def test_the_best_try_counts_the_first_of_equals(course):
    found = start(course)
    for number, points in enumerate([2.0, 4.0, 4.0, 1.0], start=1):
        tried(found, points=points, number=number)
    assert (found.best(1).points, found.best(1).number) == (4, 2)
    assert found.best(2) is None
    assert [each.points for each in found.tries(1)] == [2, 4, 4, 1]


def test_the_score_weighs_the_best_points(course):
    found = start(course)
    assert found.percent() == 0
    tried(found, 1, 5.0)
    assert found.percent() == pytest.approx(20)
    tried(found, 3, 2.0)
    assert found.percent() == pytest.approx(40)
    tried(found, 3, 1.0)
    assert found.percent() == pytest.approx(40)
    tried(found, 2, 5.0)
    tried(found, 3, 5.0)
    assert found.percent() == pytest.approx(100)


def test_a_drills_score_is_of_its_one_problem(course):
    found = start_drill(course, "text")
    tried(found, 1, 4.0)
    assert found.percent() == pytest.approx(80)


@pytest.mark.parametrize(
    "damage",
    [
        b'{"when": "2026-11-26T12:00:00+00:00", "event": "submi',
        b"no json",
        b"\xff\xfe\x00",
        b"\x00" * 100,
        b"[]",
        b"null",
        b'{"event": "submitted"}',
        b'{"event": 3, "when": "2026-11-26T12:00:00+00:00"}',
        b'{"event": "noted", "when": "yesterday"}',
        b'{"event": "noted", "when": "2026-11-26T12:00:00"}',
        b'{"event": "submitted", "when": "2026-11-26T12:00:00+00:00", "problem": 1}',
        b"[" * 100_000,
    ],
    ids=["cut", "text", "bytes", "zeros", "list", "null", "no time", "no event", "no date", "no zone", "lacks", "deep"],
)
@pytest.mark.parametrize("last", [True, False])
def test_a_damaged_line_of_the_log_is_passed_over(course, clock, damage, last):
    found = start(course)
    tried(found, points=2.0)
    with found.log.open("ab") as file:
        file.write(damage)
    if not last:
        clock.advance(minutes=1)
        tried(found, points=4.0)
    assert [each.points for each in found.tries()] == ([2] if last else [2, 4])
    assert found.left().total_seconds() == (3600 if last else 3540)
    assert not found.finished
    assert found.percent() == pytest.approx(8 if last else 16)


# ---------------------------------------------------------------------------- several side by side


def test_without_a_name_the_only_one_that_runs_is_meant(course, clock):
    old = start(course, minutes=10)
    clock.advance(minutes=11)
    new = start(course, minutes=600)
    assert find_session(course) == new
    clock.advance(minutes=30)
    another = start(course)
    another.note("finished", by="candidate")
    assert find_session(course) == new
    assert find_session(course, old.id) == old


def test_where_none_runs_the_last_one_is_meant(course, clock):
    start(course, minutes=10)
    clock.advance(minutes=1)
    last = start(course, minutes=10)
    clock.advance(hours=1)
    assert find_session(course) == last


def test_where_several_run_they_have_to_be_named(course, clock):
    one = start(course)
    clock.advance(minutes=1)
    two = start(course)
    with pytest.raises(UnknownName, match=rf"found 2 that run: {one.id}, {two.id}\. Say --exam ID\."):
        find_session(course)
    assert [find_session(course, each.id) for each in (one, two)] == [one, two]


def test_a_drill_that_was_left_for_something_newer_is_not_meant(course, clock):
    """Drills have no end: without this, everybody who ever did one would have to name every exam."""
    start_drill(course, "text")
    clock.advance(minutes=1)
    drill = start_drill(course, "images")
    assert find_session(course) == drill
    clock.advance(minutes=1)
    exam = start(course, minutes=30)
    assert find_session(course) == exam
    clock.advance(hours=1)
    assert find_session(course) == exam
    clock.advance(minutes=1)
    newest = start_drill(course, "images")
    assert find_session(course) == newest


def test_a_drill_that_was_begun_during_an_exam_could_be_meant_and_has_to_be_named(course, clock):
    exam = start(course)
    clock.advance(minutes=1)
    drill = start_drill(course, "text")
    with pytest.raises(UnknownName, match=rf"found 2 that run: {exam.id}, {drill.id}"):
        find_session(course)


def test_without_any_exam_the_message_says_how_to_begin_one(course):
    for id in (None, "2026-01-01-1"):
        with pytest.raises(UnknownName, match=r"none was begun\. Run: tfcourse exam start"):
            find_session(course, id)


@pytest.mark.parametrize("id", ["2026-01-01-7", "..", "../exams", "", ".", "/etc", ".drawing-0"])
def test_an_exam_that_there_is_not(course, id):
    found = start(course)
    with pytest.raises(UnknownName, match=rf"\({found.id}\); found '{re.escape(id)}'"):
        find_session(course, id)


def test_exams_side_by_side_have_logs_clocks_and_data_of_their_own(course, clock):
    one = start(course, seed="a", minutes=10)
    clock.advance(minutes=5)
    two = start(course, seed="b", minutes=10)
    tried(one, 1, 5.0)
    two.note("finished", by="candidate")
    assert (one.percent(), two.percent()) == (20, 0)
    assert (one.over_because, two.over_because) == (None, "finished")
    assert [each.left().total_seconds() for each in (one, two)] == [300, 600]


def test_a_problems_folder_tells_its_exam(course, monkeypatch):
    one, two = start(course), start(course)
    for found in (one, two):
        for place in found.places:
            folder = found.root / place.folder
            assert session_of_folder(folder) == (found, place)
            assert session_of_folder(folder / "data" / "deep") == (found, place)
    monkeypatch.chdir(two.root / "3-text")
    assert session_of_folder(two.root.__class__()) == (two, two.places[2])


def test_a_folder_that_is_no_problems_is_refused(course, tmp_path):
    found = start(course)
    (found.root / "notes").mkdir()
    for folder in (tmp_path, found.root, found.root.parent, found.root / "notes", found.root / ".exam"):
        with pytest.raises(UnknownName, match=r"Expected to be called from a problem's folder"):
            session_of_folder(folder)


def test_a_copy_of_an_exam_is_an_exam_of_its_own(course, tmp_path):
    import shutil

    found = start(course, seed="a")
    shutil.copytree(found.root, tmp_path / "copy")
    copied, place = session_of_folder(tmp_path / "copy" / "1-basic")
    tried(copied)
    assert place == found.places[0]
    assert found.tries() == []


def test_a_problem_that_there_is_not(course):
    found = start(course)
    for number in (0, 4, -1):
        with pytest.raises(UnknownName, match=rf"\(1, 2, 3\); found '{number}'"):
            found.place(number)


# ---------------------------------------------------------------------------- damage


def test_a_drawing_that_is_cut_off_leaves_nothing(course, monkeypatch):
    write, written = session.write_materials, []

    def cut_off(*arguments, **options):
        written.append(write(*arguments, **options))
        if len(written) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(session, "write_materials", cut_off)
    with pytest.raises(KeyboardInterrupt):
        start(course)
    assert list(exams_folder(course).iterdir()) == []
    assert sessions(course) == []


def test_a_machine_that_dies_while_drawing_leaves_no_exam(course):
    whole = start(course, seed="a")
    leftover = whole.root.rename(whole.root.with_name(".drawing-00ff00ff"))
    assert (leftover / ".exam" / "session.json").is_file()
    assert sessions(course) == []
    with pytest.raises(UnknownName, match="none was begun"):
        find_session(course)
    assert start(course).id.endswith("-1")
    assert leftover.is_dir(), "perhaps somebody draws there"
    two_days_ago = time.time() - 2 * 86_400
    os.utime(leftover, (two_days_ago, two_days_ago))
    start(course)
    assert not leftover.exists()


def test_a_family_that_cannot_be_drawn_is_our_fault(course, monkeypatch):
    def broken(seed):
        raise ZeroDivisionError("rows")

    problem = session.problems_of(course, "images")[0]
    monkeypatch.setitem(problem.__dict__, "data", broken)
    with pytest.raises(GraderBroken, match=r"exam\.spots could not be drawn: ZeroDivisionError"):
        start(course)
    assert list(exams_folder(course).iterdir()) == []


def test_a_plan_that_names_a_family_that_there_is_not(exam_root, tmp_path, monkeypatch):
    import shutil

    root = shutil.copytree(exam_root, tmp_path / "course")
    plan = root / "curriculum" / "exam" / "exam.toml"
    plan.write_text(plan.read_text().replace("exam.spots", "exam.stains"))
    with pytest.raises(InvalidCurriculum, match=r"exam_images\.py: expected an ExamProblem exam\.stains"):
        start(read_course(root))


DAMAGES = {
    "empty": lambda path: path.write_text(""),
    "cut": lambda path: path.write_bytes(path.read_bytes()[:80]),
    "bytes": lambda path: path.write_bytes(b"\xff\xfe" * 50),
    "gone": lambda path: path.unlink(),
    "a folder": lambda path: (path.unlink(), path.mkdir()),
    "a list": lambda path: path.write_text("[]"),
}
CHANGES = {
    "no such key": {"stolen": 1},
    "minutes": {"minutes": "300"},
    "no minutes": {"minutes": None},
    "truth": {"minutes": True},
    "seed": {"seed": 7},
    "time": {"started": "soon"},
    "no zone": {"started": "2026-11-26T12:00:00"},
    "no time": {"started": None},
    "mode": {"mode": "game"},
    "places": {"places": None},
    "no places": {"places": []},
    "a place": {"places": [{"number": 1}]},
    "pass": {"pass_percent": "90"},
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_exam_is_told_and_does_not_harm_the_others(course, damage):
    bad, good = start(course), start(course)
    DAMAGES[damage](bad.root / ".exam" / "session.json")
    with pytest.raises(CourseError, match=rf"Expected an exam in .*{bad.id}; found .* Begin another"):
        read_session(bad.root)
    assert sessions(course) == [good]
    assert find_session(course) == good


@pytest.mark.parametrize("change", CHANGES)
def test_what_cannot_be_is_damage_too(course, change):
    bad, good = start(course), start(course)
    rewrite(bad, **CHANGES[change])
    with pytest.raises(CourseError, match=r"Expected an exam in"):
        read_session(bad.root)
    assert find_session(course) == good


@pytest.mark.parametrize("change", [{"folder": 3}, {"number": "1"}, {"check_id": None}, {"weight": "2"}])
def test_a_place_that_cannot_be_is_damage_too(course, change):
    bad = start(course)
    places = json.loads((bad.root / ".exam" / "session.json").read_text())["places"]
    rewrite(bad, places=[places[0] | change, *places[1:]])
    with pytest.raises(CourseError, match=r"Expected an exam in"):
        read_session(bad.root)


def test_other_things_between_the_exams_are_passed_over(course):
    found = start(course)
    (exams_folder(course) / "notes.txt").write_text("mine")
    (exams_folder(course) / "empty").mkdir()
    (exams_folder(course) / "link").symlink_to("nowhere")
    assert sessions(course) == [found]


@pytest.mark.parametrize("kind", ["basic", "images", "text"])
@pytest.mark.parametrize("damage", ["deleted", "cut", "other", "no room"])
def test_hidden_data_that_are_gone_are_drawn_anew_and_are_the_same(course, kind, damage, monkeypatch):
    found = start(course, seed="a")
    place = next(place for place in found.places if place.kind == kind)
    path = found.root / ".exam" / "hidden" / f"{place.number}.npz"
    before, kept = path.read_bytes(), found.question(course, place).key
    if damage == "cut":
        path.write_bytes(before[: len(before) // 2])
    elif damage == "other":
        np.save(path.with_suffix(".npy"), np.zeros(3))
        path.with_suffix(".npy").replace(path)
    else:
        path.unlink()
    if damage == "no room":

        def full(*arguments, **options):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(hidden, "write", full)
    anew = found.question(course, place).key
    for one, two in zip([*kept.inputs, kept.expected[0][0]], [*anew.inputs, anew.expected[0][0]], strict=True):
        assert one.dtype == two.dtype
        np.testing.assert_array_equal(one, two)
    if damage != "no room":
        assert hidden.read(path) is not None, "it was written again"


def test_no_damage_to_hidden_data_passes_for_them(course, tmp_path):
    found = start(course, seed="a")
    place = found.places[0]
    content = (found.root / ".exam" / "hidden" / f"{place.number}.npz").read_bytes()
    key = found.question(course, place).key
    path, rng = tmp_path / "1.npz", np.random.default_rng(0)
    for _ in range(300):
        damaged = bytearray(content)
        damaged[rng.integers(len(content))] ^= 1 << int(rng.integers(8))
        path.write_bytes(damaged)
        read = hidden.read(path)
        assert read is None or np.array_equal(read.expected[0][0], key.expected[0][0])
    for length in range(0, len(content), 37):
        path.write_bytes(content[:length])
        assert hidden.read(path) is None


def test_hidden_data_are_never_a_pickle(tmp_path):
    from tfcourse.checks.records import Key

    with pytest.raises(ValueError, match="found one of objects"):
        hidden.write(tmp_path / "1.npz", Key(expected=((np.array([{}]),),), inputs=(np.zeros(1),)))
    assert list(tmp_path.iterdir()) == []
