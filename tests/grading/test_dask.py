"""Submissions on Dask workers: a real scheduler and real workers, each a process of its own, on loopback."""

import asyncio
import json
import os
import pickle
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
import psutil
import pytest
from mini_course import write_mini_course
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader.converters import GenerateAssignment
from plain_course import directory
from traitlets.config import Config

from tfcourse.errors import CourseError, GraderBroken, UnusableNotebook
from tfcourse.examiner import Secret, derive_seed
from tfcourse.examiner.fingerprint import differences, fingerprint
from tfcourse.grading import dask
from tfcourse.grading.batch import Fatal, Observer, Status
from tfcourse.grading.dask import DaskEngine
from tfcourse.grading.jobs import Bounds, Ending, Job
from tfcourse.grading.nbgrader import Autograde
from tfcourse.grading.store import Store
from tfcourse.grading.submissions import make_submission

pytest.importorskip("distributed", reason="Dask is not installed: pip install 'tfcourse[cluster]'")
pytestmark = pytest.mark.slow

CONFINED = shutil.which("bwrap") is not None
SECRET = "only the submitting machine has this secret"
CHECKS = ("week01.double", "week01.line")
SEEDS = {id: derive_seed(Secret(SECRET.encode(), "the tests"), "grade", id, 0) for id in CHECKS}
BOUNDS = Bounds(cell_seconds=60, notebook_seconds=120)


def job(*cells, id="x", **more):
    notebook = new_notebook(cells=[new_code_cell(textwrap.dedent(cell)) for cell in cells])
    return Job(id, {"assignment": nbformat.writes(notebook).encode()}, bounds=BOUNDS, **more)


@dataclass
class Cluster:
    """A scheduler and its workers. What they are given is what a machine of the staff's has: no secret, no course.

    Args:
        folder: Where their logs and files go.
        environment: Of all of them.
        protocol: ``tcp`` or ``tls``.
    """

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    protocol: str = "tcp"
    processes: list[subprocess.Popen] = field(default_factory=list)
    address: str = ""

    def __enter__(self):
        file = self.folder / "scheduler.json"
        options = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(file)]
        self.scheduler = self._start("scheduler", "dask_scheduler", *options, "--protocol", self.protocol)
        self.address = wait_for(lambda: file.is_file() and file.read_text() and json.loads(file.read_text())["address"])
        return self

    def __exit__(self, *exception):
        # Workers before their scheduler: one that loses it while it stops may wait for ever.
        workers = [process for process in self.processes if process is not self.scheduler]
        for processes in (workers, [self.scheduler]):
            for process in processes:
                process.terminate()
            for process in processes:
                try:
                    process.wait(10)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()

    def worker(self, name, root, *options, threads=1, bare=False):
        """Start a worker process with its own clone of a course; a bare one has no tfcourse."""
        given = ["--nthreads", str(threads), "--no-dashboard", "--no-nanny", "--name", name, "--host", "127.0.0.1"]
        own = {"TFCOURSE_ROOT": str(root), "HOME": str(self.folder)}
        given += ["--local-directory", str(self.folder / name), "--death-timeout", "30", *options]
        process = self._start(name, "dask_worker", self.address, *given, environment=own, bare=bare)
        wait_for(lambda: "Registered to" in self.log(name))
        return process

    def log(self, name):
        return (self.folder / f"{name}.log").read_text()

    def _start(self, name, module, *options, environment=None, bare=False):
        program = ["-m", f"distributed.cli.{module}"]
        if bare:
            program = ["-c", f"import sys; sys.modules['tfcourse'] = None; import {program[1]} as one; one.main()"]
        kept = {key: os.environ[key] for key in ("PATH", "LANG") if key in os.environ}
        with (self.folder / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, *program, *options],
                env={**kept, **self.environment, **(environment or {})},
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self.processes.append(process)
        return process


def wait_for(condition, seconds=40):
    """Wait until a condition holds, and return what it found."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, "It did not come about in time."
        time.sleep(0.1)
    return found


@pytest.fixture
def cluster(tmp_path):
    with Cluster(tmp_path) as cluster:
        yield cluster


@pytest.fixture
def plain(cluster):
    """An engine for notebooks without checks, whose workers have nothing to import first."""

    def make(**options):
        return DaskEngine(None, confined=CONFINED, preload=(), scheduler=cluster.address, **options)

    return make


# ---------------------------------------------------------------------------- the same points, somewhere else


FACTORS = {
    "ann": "2",
    "bob": "1",
    "cyd": "0",
    "dan": "3",
    "eva": "2.0",
    "fay": "-2",
}


def write_class(folder, course, students):
    """Write a class with submissions of the mini week, each with its own factor; nbgrader knows the assignment."""
    (folder / "source" / "week01").mkdir(parents=True)
    shutil.copy(course.source(course.weeks[0], "assignment"), folder / "source" / "week01")
    coursedir = directory(folder, assignment_id="week01")
    GenerateAssignment(coursedir=coursedir, parent=coursedir, config=Config()).start()
    for student in students:
        notebook = make_submission(course, course.weeks[0], "reference")
        solution = next(cell for cell in notebook.cells if "def double" in cell.source)
        solution.source = f"def double(x):\n    return {FACTORS[student]} * np.asarray(x)"
        target = folder / "submitted" / student / "week01"
        target.mkdir(parents=True)
        nbformat.write(notebook, target / "assignment.ipynb")


def grade_class(folder, **traits):
    """Grade a class as `tfcourse autograde week01` does, and return our converter."""
    config = Config()
    config.Execute.timeout = 60
    for name, value in {"sandbox": CONFINED, **traits}.items():
        config.Autograde[name] = value
    coursedir = directory(folder, assignment_id="week01")
    converter = Autograde(coursedir=coursedir, config=config, parent=coursedir, observer=traits["observer"])
    converter.start()
    return converter


class Killer(Observer):
    """Kills a worker as soon as two submissions are graded."""

    def __init__(self, victim=None):
        self.victim = victim
        self.ends = []
        self.children = []

    def ended(self, result):
        self.ends.append(result.student)
        if self.victim is not None and len(self.ends) == 2:
            self.children = psutil.Process(self.victim.pid).children(recursive=True)
            self.victim.kill()


def answers(store, student):
    """Return everything of a student's receipts that must not depend on where they were made."""
    return {
        id: (one.points, one.value, one.key_digest, one.task_digest, one.response_digest, one.submission, one.secret_id)
        for id, one in store.receipts(student, "week01").items()
    }


def test_a_batch_on_workers_of_which_one_is_killed_half_way_is_recorded_as_a_local_one_is(
    cluster, tmp_path, course, monkeypatch, caplog
):
    monkeypatch.setenv("TFCOURSE_SECRET", SECRET)
    # nbgrader looks for alembic there.
    monkeypatch.setenv("PATH", os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    far, near = tmp_path / "far", tmp_path / "near"
    write_class(far, course, FACTORS)
    write_class(near, course, ["ann", "bob"])
    clones = {name: write_mini_course(tmp_path / "clones" / name) for name in ("one", "two")}
    first, _ = [cluster.worker(name, clone) for name, clone in clones.items()]
    killer = Killer(first)
    done = grade_class(far, scheduler=cluster.address, observer=killer)

    # Everybody is graded, once, and the worker died with submissions still to come.
    assert {result.status for result in done.results} == {Status.GRADED}
    assert sorted(killer.ends) == sorted(FACTORS)
    events = [json.loads(line) for line in (far / "receipts" / "log.jsonl").read_text().splitlines()]
    graded = [event for event in events if event["event"] == "recorded"]
    assert sorted(event["student"] for event in graded) == sorted(FACTORS)
    assert first.poll() == -signal.SIGKILL
    assert caplog.text.count("it is run again") == 1
    store = Store(far / "receipts")
    for student in FACTORS:
        assert len(list((far / "receipts" / student / "week01").glob("run-*"))) == 1
        assert set(answers(store, student)) == {"week01.double", "week01.line"}
        assert all(one.sandboxed is CONFINED for one in store.receipts(student, "week01").values())
    # The dead worker's sandbox has gone with it.
    assert killer.children
    assert not psutil.wait_procs(killer.children, timeout=10)[1]
    # The secret stayed here, and no log shows a seed.
    seeds = [derive_seed(Secret(SECRET.encode(), ""), "grade", id, 0) for id in answers(store, "ann")]
    for name in ("scheduler", *clones):
        assert not [text for text in (SECRET, *map(str, seeds)) if text in cluster.log(name)]

    # Again: nothing is left to be run, so that no scheduler is needed.
    cluster.scheduler.kill()
    again = grade_class(far, scheduler=cluster.address, observer=Observer())
    assert {result.status for result in again.results} == {Status.SKIPPED}
    assert {one.student: one.total for one in again.results} == {one.student: one.total for one in done.results}

    # Here: the same points, from the same data, for the same answers.
    locally = grade_class(near, workers=1, observer=Observer())
    totals = {result.student: result.total for result in done.results}
    assert {result.student: result.total for result in locally.results} == {
        name: totals[name] for name in ("ann", "bob")
    }
    assert totals["ann"] == 7
    assert totals["bob"] == 5.5
    for student in ("ann", "bob"):
        assert answers(Store(near / "receipts"), student) == answers(store, student)


def test_files_travel_both_ways_and_a_worker_runs_as_many_as_it_has_threads(cluster, plain, tmp_path):
    cluster.worker("pair", tmp_path, threads=2)
    beside = {"data/in.txt": b"found", "big.bin": bytes(12 * 2**20)}
    reading = """
    import time
    began = time.monotonic()
    time.sleep(2)
    open("out.txt", "w").write(open("data/in.txt").read() + f" {began} {time.monotonic()}")
    """

    async def go():
        async with plain() as engine:
            await engine.run(job("1"))
            return await asyncio.gather(*[engine.run(job(reading, id=id, files=beside)) for id in "ab"])

    left = [run.files["out.txt"].decode().split() for run in asyncio.run(go())]
    assert [words[0] for words in left] == ["found"] * 2
    (_, first_end), (second_began, _) = sorted(tuple(map(float, words[1:])) for words in left)
    assert second_began < first_end, "both ran at once"
    assert "Sending large graph" not in cluster.log("scheduler")


def test_workers_that_join_later_are_used(cluster, plain, tmp_path, caplog):
    async def go():
        async with plain() as engine:
            runs = [asyncio.create_task(engine.run(job("import time; time.sleep(1)", id=str(n)))) for n in range(4)]
            while "No workers at" not in caplog.text:
                await asyncio.sleep(0.1)
            for name in ("early", "late"):
                await asyncio.to_thread(cluster.worker, name, tmp_path)
            return await asyncio.gather(*runs)

    runs = asyncio.run(go())
    assert {run.worker.split("(")[-1] for run in runs} == {"early)", "late)"}


# ---------------------------------------------------------------------------- who must not, and who cannot


def test_a_worker_with_another_course_refuses_and_another_one_takes_its_place(
    cluster, tmp_path, own_course, caplog, monkeypatch
):
    other = write_mini_course(tmp_path / "clones" / "other")
    checks = other / "grader_tests" / "week01.py"
    checks.write_text(checks.read_text().replace("(0.4, 0.2)", "(0.3, 0.1)").replace("2 * x", "x + x"))
    same = write_mini_course(tmp_path / "clones" / "same")
    strangers = [cluster.worker("other", other), cluster.worker("bare", other, bare=True)]
    easy = job("1 + 1", environment={"NBGRADER_EXECUTION": "autograde"})

    async def go():
        seeds = {"week01.double": SEEDS["week01.double"]}
        options = {"seeds": seeds, "confined": CONFINED, "preload": (), "scheduler": cluster.address}
        async with DaskEngine(own_course, **options) as engine:
            waiting = asyncio.create_task(engine.run(easy))
            while caplog.text.count("is not used") < 2:
                await asyncio.sleep(0.1)
            refusal = caplog.text
            await asyncio.to_thread(cluster.worker, "same", same)
            found = await waiting
            monkeypatch.setattr(dask, "REFUSED_SECONDS", 1.0)
            # It is asked each time: a clone that changes under a running worker is a different one from then on.
            changed = same / "curriculum" / "week01_mini" / "assignment.py"
            changed.write_text(changed.read_text() + "\n# changed\n")
            with pytest.raises(Fatal) as caught:
                await engine.run(easy)
            return refusal, found, caught.value

    refusal, found, error = asyncio.run(go())
    assert "checks of week01: expected " in refusal
    assert "No module named 'tfcourse" in refusal
    assert all(process.poll() is None for process in strangers)
    assert found.worker.endswith("(same)")
    assert found.notebooks[0].ending is Ending.COMPLETE
    assert isinstance(error.__cause__, CourseError)
    assert str(error).count("checks of week01: expected ") == 2


def test_versions_and_code_are_part_of_the_fingerprint(own_course, edit):
    found = fingerprint(own_course, CHECKS)
    assert not differences(found, fingerprint(own_course, CHECKS))
    assert {"Python", "tfcourse", "tensorflow", "keras", "numpy", "checks of week01"} <= set(found)
    newer = {**found, "keras": "99.0"}
    assert differences(found, newer) == f"keras: expected {found['keras']}, found 99.0"
    changed = fingerprint(edit("grader_tests/week01.py", "epochs=30", "epochs=31"), CHECKS)
    assert differences(found, changed).startswith("checks of week01: ")
    assert "checks of week01" not in fingerprint(None, ())


def test_a_submission_that_kills_its_workers_fails_alone(cluster, plain, tmp_path):
    """The sandbox keeps submissions from doing so; here their workers' owner does it for one of them."""
    root = tmp_path
    workers = {name: cluster.worker(name, root, threads=2) for name in ("a", "b", "c", "d")}
    bad = job("import time; time.sleep(60)", id="bad")
    good = [job("import time; time.sleep(1)", id=str(n)) for n in range(8)]

    async def go():
        async with plain() as engine:
            asked = engine._ask

            async def ask(worker, parcel):
                if parcel.job == pickle.dumps(bad):
                    name = next(n for n in workers if worker.address in cluster.log(n))
                    asyncio.get_running_loop().call_later(2, workers[name].kill)
                return await asked(worker, parcel)

            engine._ask = ask
            return await asyncio.gather(*[engine.run(one) for one in [bad, *good]], return_exceptions=True)

    failed, *rest = asyncio.run(go())
    assert isinstance(failed, UnusableNotebook)
    assert "3 ended" in str(failed)
    assert [run.notebooks[0].ending for run in rest] == [Ending.COMPLETE] * 8
    assert sum(process.poll() is None for process in workers.values()) == 1


def test_a_scheduler_that_is_lost_ends_the_batch_as_our_defect(cluster, plain, tmp_path):
    cluster.worker("w", tmp_path)

    async def go():
        async with plain() as engine:
            done = await engine.run(job("1"))
            asyncio.get_running_loop().call_later(1, cluster.scheduler.kill)
            with pytest.raises(Fatal) as caught:
                await engine.run(job("import time; time.sleep(60)"))
            return done, caught.value

    done, error = asyncio.run(go())
    assert done.notebooks[0].ending is Ending.COMPLETE
    assert isinstance(error.__cause__, GraderBroken)
    assert "is lost" in str(error)
    assert "run this command again" in str(error)


def test_nobody_at_the_address_and_no_workers_are_said(cluster, plain, monkeypatch):
    monkeypatch.setattr(dask, "CONNECT_SECONDS", 1.0)

    async def nobody():
        async with DaskEngine(None, scheduler="tcp://127.0.0.1:9"):
            pass

    async def alone():
        async with plain(patience=1) as engine:
            await engine.run(job("1"))

    with pytest.raises(CourseError, match=r"Expected a Dask scheduler at tcp://127\.0\.0\.1:9"):
        asyncio.run(nobody())
    with pytest.raises(Fatal, match="found none for 1 s") as caught:
        asyncio.run(alone())
    assert isinstance(caught.value.__cause__, CourseError)


def test_without_dask_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)

    async def go():
        async with DaskEngine(None, scheduler="tcp://127.0.0.1:9"):
            pass

    with pytest.raises(CourseError, match=r"pip install \"tfcourse\[cluster\]\""):
        asyncio.run(go())


def test_a_run_that_nobody_waits_for_any_more_is_ended(cluster, plain, tmp_path):
    worker = cluster.worker("w", tmp_path)

    def children():
        return set(psutil.Process(worker.pid).children(recursive=True))

    async def go():
        async with plain() as engine:
            await engine.run(job("1"))
            before = children()
            waiting = asyncio.create_task(engine.run(job("import time; time.sleep(50)")))
            begun = await asyncio.to_thread(wait_for, lambda: children() - before)
            waiting.cancel()
            next_one = await engine.run(job("1"))
            return begun, next_one

    begun, next_one = asyncio.run(go())
    assert next_one.notebooks[0].ending is Ending.COMPLETE
    assert not psutil.wait_procs(begun, timeout=10)[1]


# ---------------------------------------------------------------------------- TLS


def certificates(folder):
    """Make an authority, and a certificate of it."""

    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True, timeout=60)

    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    openssl("req", "-x509", *curve, "-keyout", "ca-key.pem", "-out", "ca.pem", "-days", "2", "-subj", "/CN=tests")
    openssl("req", *curve, "-keyout", "key.pem", "-out", "request.pem", "-subj", "/CN=grading")
    openssl(
        "x509", "-req", "-in", "request.pem", "-CA", "ca.pem", "-CAkey", "ca-key.pem", "-CAcreateserial",
        "-out", "certificate.pem", "-days", "2",
    )  # fmt: skip
    settings = {"DASK_DISTRIBUTED__COMM__TLS__CA_FILE": str(folder / "ca.pem")}
    for role in ("SCHEDULER", "WORKER", "CLIENT"):
        settings[f"DASK_DISTRIBUTED__COMM__TLS__{role}__CERT"] = str(folder / "certificate.pem")
        settings[f"DASK_DISTRIBUTED__COMM__TLS__{role}__KEY"] = str(folder / "key.pem")
    return {**settings, "DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION": "true"}


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl, which makes the certificates, is not installed")
def test_with_tls_only_who_has_a_certificate_is_let_in(tmp_path):
    """The submitting side is a process of its own: Dask reads its configuration when it is imported."""
    for name in ("ours", "theirs"):
        (tmp_path / name).mkdir()
    ours, theirs = certificates(tmp_path / "ours"), certificates(tmp_path / "theirs")
    program = f"""
    import asyncio, nbformat, sys
    from nbformat.v4 import new_code_cell, new_notebook
    from tfcourse.errors import CourseError
    from tfcourse.grading import dask
    from tfcourse.grading.jobs import Job

    dask.CONNECT_SECONDS = 3.0
    notebook = nbformat.writes(new_notebook(cells=[new_code_cell("6 * 7")])).encode()

    async def go():
        engine = dask.DaskEngine(None, confined={CONFINED}, preload=(), scheduler=sys.argv[1])
        async with engine:
            run = await engine.run(Job("x", {{"assignment": notebook}}))
            print(run.notebooks[0].ending, "'42'" in run.notebooks[0].content.decode().replace('"', "'"))

    try:
        asyncio.run(go())
    except CourseError as error:
        print("refused", error)
    """

    def submit(environment, address):
        kept = {key: value for key, value in os.environ.items() if not key.startswith("DASK_")}
        return subprocess.run(
            [sys.executable, "-c", textwrap.dedent(program), address],
            env={**kept, **environment},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        ).stdout

    with Cluster(tmp_path, environment=ours, protocol="tls") as cluster:
        assert cluster.address.startswith("tls://")
        cluster.worker("secure", tmp_path, "--protocol", "tls")
        assert submit(ours, cluster.address) == "complete True\n"
        for other in (theirs, {}):
            assert submit(other, cluster.address).startswith("refused Expected a Dask scheduler at tls://")
        assert submit({}, cluster.address.replace("tls", "tcp")).startswith("refused ")
