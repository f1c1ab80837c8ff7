"""The real engine, on the mini course: what each kind of submission comes back as."""

import asyncio
import os
import shutil
import signal
import textwrap
from dataclasses import replace

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from tfcourse.course import read_course
from tfcourse.examiner import derive_seed
from tfcourse.grading.engine import Engine
from tfcourse.grading.jobs import Bounds, Ending, Job
from tfcourse.kernels.errors import SandboxUnavailable
from tfcourse.kernels.limits import Limits

pytestmark = pytest.mark.slow
CONFINED = shutil.which("bwrap") is not None
BOUNDS = Bounds(
    cell_seconds=4,
    notebook_seconds=30,
    output_cell_bytes=20_000,
    output_notebook_bytes=60_000,
    limits=Limits(memory_megabytes=700, disk_megabytes=32),
)
ENVIRONMENT = {"NBGRADER_EXECUTION": "autograde"}
DOUBLE = "from tfcourse import grade\ndef double(x):\n    return 2 * x\n"
GRADE = "grade('week01.double', double)"


def job(*cells, id="x", bounds=BOUNDS, **more):
    sources = [textwrap.dedent(cell) for cell in cells]
    notebook = new_notebook(cells=[new_markdown_cell("Words."), *[new_code_cell(source) for source in sources]])
    content = nbformat.writes(notebook).encode()
    error = {"ename": "CellTimeoutError", "evalue": "", "traceback": ["too slow"]}
    options = {"bounds": bounds, "environment": ENVIRONMENT, "error_on_timeout": error, **more}
    return Job(id, {"assignment": content}, **options)


JOBS = {
    "honest": job(
        DOUBLE,
        GRADE,
        """
        import keras
        def build_model():
            model = keras.Sequential([keras.Input(shape=(3,)), keras.layers.Dense(1)])
            model.compile(optimizer=keras.optimizers.Adam(0.05), loss="mae")
            return model
        """,
        "grade('week01.line', build_model)",
    ),
    "wrong": job("from tfcourse import grade\ndef double(x):\n    return x\n", GRADE),
    "raises": job(DOUBLE, "1 / 0", GRADE),
    "slow cell": job(DOUBLE, "import time\ntime.sleep(60)", GRADE),
    "stubborn cell": job(
        DOUBLE,
        GRADE,
        """
        import time
        while True:
            try:
                time.sleep(1)
            except KeyboardInterrupt:
                pass
        """,
        "print('never')",
    ),
    "slow notebook": job(*["import time; time.sleep(1)"] * 9, bounds=replace(BOUNDS, notebook_seconds=3)),
    "slow check": job(
        "from tfcourse import grade\ndef double(x):\n    import time\n    time.sleep(30)",
        GRADE,
        bounds=replace(BOUNDS, cell_seconds=30, check_seconds=2),
    ),
    "exits": job(DOUBLE, GRADE, "import os\nos._exit(3)", "print('never')"),
    "segfault": job("import ctypes\nctypes.string_at(0)"),
    "memory": job(DOUBLE, GRADE, "x = bytearray(2_000_000_000)\nfor i in range(0, len(x), 4096): x[i] = 1"),
    "prints": job("print('x' * 100_000)", "print('short')"),
    "never stops printing": job("while True: print('x' * 10_000)", "print('after')"),
    "one huge output": job("print('x' * 30_000_000)"),
    "files": job(
        """
        print(open("data/in.txt").read(), __name__)
        open("out.txt", "w").write("left")
        """,
        files={"data/in.txt": b"found"},
    ),
    "answers in two notebooks": replace(
        job("pass"),
        notebooks={
            name: job(DOUBLE.replace("2 * x", answer), GRADE).notebooks["assignment"]
            for name, answer in (("first", "x"), ("second", "2 * x"))
        },
    ),
    "unknown check": job(DOUBLE, "grade('week99.other', double)"),
    "plot": job("import matplotlib.pyplot as plt\nplt.plot([1, 2]);", bounds=Bounds()),
}


def run_all(root, confined):
    course = read_course(root)

    async def go():
        seeds = {id: derive_seed_for(id) for id in ("week01.double", "week01.line")}
        async with Engine(course, seeds=seeds, predictable=True, secret_id="s", workers=2, confined=confined) as engine:
            runs = await asyncio.gather(*[engine.run(replace(job, id=name)) for name, job in JOBS.items()])
            # The engine outlives its fork server.
            server = await engine.server()
            os.kill(server.pid, signal.SIGKILL)
            while server.alive:
                await asyncio.sleep(0.05)
            again = await engine.run(JOBS["wrong"])
            return {run.job_id: run for run in runs} | {"after a dead server": again}

    return asyncio.run(go())


def derive_seed_for(check_id):
    from tfcourse.examiner.secret import PUBLIC_SECRET

    return derive_seed(PUBLIC_SECRET, "grade", check_id, 0)


@pytest.fixture(scope="module")
def runs(shared_root):
    """Every job, run once, in the sandbox where there is one."""
    os.environ["TFCOURSE_ROOT"] = str(shared_root)
    try:
        return run_all(shared_root, CONFINED)
    finally:
        del os.environ["TFCOURSE_ROOT"]


def first(run):
    (notebook,) = run.notebooks
    return notebook


def outputs(run, index):
    return nbformat.reads(first(run).content.decode(), as_version=4).cells[index].outputs


def text(run, index):
    return "".join(output.get("text", "") for output in outputs(run, index))


def points(run):
    return {id: receipt.points for id, receipt in first(run).receipts.items()}


def test_an_honest_submission_gets_its_points(runs):
    run = runs["honest"]
    assert first(run).ending is Ending.COMPLETE
    assert points(run) == {"week01.double": 2.0, "week01.line": 5.0}
    assert first(run).finished == 5
    receipt = first(run).receipts["week01.line"]
    assert (receipt.sandboxed, receipt.purpose, receipt.secret_id) == (CONFINED, "grade", "s")
    assert receipt.response_digest == first(run).responses["week01.line"].digest()
    assert not first(run).unanswered
    assert not first(run).broken


def test_a_wrong_submission_gets_what_is_right_of_it(runs):
    assert points(runs["wrong"]) == {"week01.double": 0.5}


def test_a_cell_that_raises_does_not_end_the_notebook(runs):
    assert points(runs["raises"]) == {"week01.double": 2.0}
    assert outputs(runs["raises"], 2)[-1].ename == "ZeroDivisionError"


def test_a_slow_cell_is_interrupted_and_the_rest_is_run(runs):
    assert first(runs["slow cell"]).ending is Ending.COMPLETE
    assert outputs(runs["slow cell"], 2)[-1].ename in {"CellTimeoutError", "KeyboardInterrupt"}
    assert points(runs["slow cell"]) == {"week01.double": 2.0}


def test_a_cell_that_cannot_be_interrupted_ends_the_notebook_and_keeps_what_was_answered(runs):
    notebook = first(runs["stubborn cell"])
    assert notebook.ending is Ending.UNRESPONSIVE
    assert notebook.finished == 3
    assert points(runs["stubborn cell"]) == {"week01.double": 2.0}
    assert outputs(runs["stubborn cell"], 4) == []


def test_a_notebook_has_a_bound_of_its_own(runs):
    assert first(runs["slow notebook"]).ending is Ending.OUT_OF_TIME
    assert "3 s" in first(runs["slow notebook"]).reason


def test_a_check_has_a_bound_of_its_own(runs):
    notebook = first(runs["slow check"])
    assert notebook.ending is Ending.OUT_OF_TIME
    assert "week01.double" in notebook.reason
    assert "week01.double" in notebook.unanswered


def test_a_kernel_that_ends_says_how(runs):
    assert first(runs["exits"]).ending is Ending.KERNEL_DIED
    assert "exit code 3" in first(runs["exits"]).reason
    assert points(runs["exits"]) == {"week01.double": 2.0}
    assert first(runs["segfault"]).ending is Ending.KERNEL_DIED
    assert "SIGSEGV" in first(runs["segfault"]).reason


def test_memory_is_bounded(runs):
    assert first(runs["memory"]).ending is Ending.OUT_OF_MEMORY
    assert "700 MB" in first(runs["memory"]).reason
    assert points(runs["memory"]) == {"week01.double": 2.0}


def test_output_is_cut_as_it_arrives(runs):
    assert len(text(runs["prints"], 1)) < 25_000
    assert "Cut here" in text(runs["prints"], 1)
    assert text(runs["prints"], 2) == "short\n"


def test_a_flood_is_stopped(runs):
    run = runs["never stops printing"]
    # What we have not read yet waits in the kernel, and counts as its memory: that may be full first.
    assert first(run).ending in {Ending.COMPLETE, Ending.TOO_MUCH_OUTPUT, Ending.OUT_OF_MEMORY}
    assert len(first(run).content) < 100_000


def test_one_output_that_is_too_large_ends_the_kernel(runs):
    assert first(runs["one huge output"]).ending is Ending.TOO_MUCH_OUTPUT
    assert len(first(runs["one huge output"]).content) < 100_000


def test_files_go_in_and_come_out(runs):
    assert text(runs["files"], 1) == "found __main__\n"
    assert dict(runs["files"].files) == {"data/in.txt": b"found", "out.txt": b"left"}


def test_the_first_answer_counts_also_in_another_notebook(runs):
    one, two = runs["answers in two notebooks"].notebooks
    assert one.receipts["week01.double"].points == two.receipts["week01.double"].points == 0.5
    assert two.responses["week01.double"].digest() == two.receipts["week01.double"].response_digest


def test_an_unknown_check_is_no_violation(runs):
    assert first(runs["unknown check"]).ending is Ending.COMPLETE
    assert outputs(runs["unknown check"], 2)[-1].ename == "GraderBroken"


def test_a_plot_is_a_picture(runs):
    assert "image/png" in outputs(runs["plot"], 1)[-1].data


def test_a_dead_fork_server_is_replaced(runs):
    assert points(runs["after a dead server"]) == {"week01.double": 0.5}


@pytest.mark.skipif(not CONFINED, reason="bubblewrap is not installed: the engine's tests ran without a sandbox")
def test_without_a_sandbox_the_points_are_the_same_and_the_receipt_says_so(shared_root, monkeypatch):
    monkeypatch.setenv("TFCOURSE_ROOT", str(shared_root))
    monkeypatch.setitem(globals(), "JOBS", {name: JOBS[name] for name in ("honest", "wrong", "memory", "files")})
    runs = run_all(shared_root, confined=False)
    assert points(runs["honest"]) == {"week01.double": 2.0, "week01.line": 5.0}
    assert not first(runs["honest"]).receipts["week01.double"].sandboxed
    assert not runs["honest"].sandboxed
    assert first(runs["memory"]).ending is Ending.OUT_OF_MEMORY
    assert dict(runs["files"].files) == {"data/in.txt": b"found", "out.txt": b"left"}


def test_no_sandbox_means_no_run(monkeypatch):
    monkeypatch.setattr("tfcourse.kernels.sandbox.probe", lambda: "Expected bubblewrap; found none. Install it.")

    async def go():
        async with Engine(None):
            pytest.fail("it started")

    with pytest.raises(SandboxUnavailable, match="Install it"):
        asyncio.run(go())


def test_several_run_at_a_time(shared_root, monkeypatch):
    monkeypatch.setenv("TFCOURSE_ROOT", str(shared_root))

    async def go():
        async with Engine(None, workers=4, confined=CONFINED, preload=()) as engine:
            await engine.run(job("pass"))
            waiting = "import time; began = time.monotonic(); time.sleep(2); print(began, time.monotonic())"
            return await asyncio.gather(*[engine.run(job(waiting)) for _ in range(4)])

    spans = sorted([float(each) for each in text(run, 1).split()] for run in asyncio.run(go()))
    assert spans[1][0] < spans[0][1], "the second began before the first had ended"
