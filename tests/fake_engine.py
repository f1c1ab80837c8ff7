"""Engines for tests: one that runs notebooks in ordinary, cold kernels, and one that needs no kernel at all."""

import ast
import asyncio
import contextlib
import io
import json
import os
import tempfile
import time
import traceback
from pathlib import Path

import nbformat
from nbclient.client import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError

from tfcourse.checks.records import Outcome, Receipt
from tfcourse.grading.cells import receipts
from tfcourse.grading.jobs import Ending, NotebookRun, Run

COUNT_VARIABLE = "TFCOURSE_TEST_COUNT"
"""Names a file to which every run is noted: `began NAME`, `ended NAME`."""
SECONDS_VARIABLE = "TFCOURSE_TEST_SECONDS"


class FakeEngine:
    """Runs notebooks as stock nbgrader does: a kernel from the notebook's kernelspec, unprotected."""

    def __init__(self, **options):
        self.options = options

    async def __aenter__(self):
        return self

    async def __aexit__(self, *error):
        return None

    async def run(self, job):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            for path, content in job.files.items():
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                (folder / path).write_bytes(content)
            runs = [await self._run(job, name, content, folder) for name, content in job.notebooks.items()]
            left = {
                str(path.relative_to(folder)): path.read_bytes()
                for path in folder.rglob("*")
                if path.is_file() and not path.is_symlink()
            }
        return Run(job.id, tuple(runs), left, sandboxed=False, worker="fake")

    async def _run(self, job, name, content, folder):
        notebook = nbformat.reads(content.decode(), as_version=4)
        client = NotebookClient(
            notebook,
            timeout=job.bounds.cell_seconds,
            allow_errors=job.allow_errors,
            interrupt_on_timeout=job.interrupt_on_timeout,
            error_on_timeout=dict(job.error_on_timeout) or None,
            resources={"metadata": {"path": str(folder)}},
            extra_arguments=["--HistoryManager.hist_file=:memory:", "--IPKernelApp.log_level=ERROR"],
            on_cell_executed=_note_error,
        )
        ending, reason = Ending.COMPLETE, ""
        began = time.perf_counter()
        try:
            await client.async_execute(env={**os.environ, **job.environment})
        except DeadKernelError:
            ending, reason = Ending.KERNEL_DIED, "The kernel ended: the code left it."
        except CellExecutionError:
            pass
        found = {row["check_id"]: _receipt(row) for row in receipts(notebook)}
        return NotebookRun(
            name,
            nbformat.writes(notebook).encode(),
            ending,
            reason,
            receipts=found,
            seconds=time.perf_counter() - began,
        )


class InstantEngine:
    """Executes cells in this process: for tests of everything around a run."""

    def __init__(self, **options):
        self.options = options

    async def __aenter__(self):
        return self

    async def __aexit__(self, *error):
        return None

    async def run(self, job):
        _note("began", job)
        await asyncio.sleep(float(os.environ.get(SECONDS_VARIABLE, "0")))
        runs = [NotebookRun(name, execute(content), Ending.COMPLETE) for name, content in job.notebooks.items()]
        _note("ended", job)
        return Run(job.id, tuple(runs), dict(job.files))


def execute(content):
    notebook = json.loads(content)
    namespace = {}
    for number, cell in enumerate(notebook["cells"], start=1):
        if cell["cell_type"] != "code":
            continue
        printed = io.StringIO()
        cell["outputs"], cell["execution_count"] = [], number
        tree = ast.parse("".join(cell["source"]))
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        try:
            with contextlib.redirect_stdout(printed):
                exec(compile(tree, "cell", "exec"), namespace)
                value = eval(compile(ast.Expression(last.value), "cell", "eval"), namespace) if last else None
            if value is not None:
                data = {"text/plain": repr(value)}
                cell["outputs"].append(
                    {"output_type": "execute_result", "data": data, "metadata": {}, "execution_count": number}
                )
        except Exception as error:
            lines = traceback.format_exc().splitlines()
            cell["outputs"].append(
                {"output_type": "error", "ename": type(error).__name__, "evalue": str(error), "traceback": lines}
            )
        if printed.getvalue():
            cell["outputs"].insert(0, {"output_type": "stream", "name": "stdout", "text": printed.getvalue()})
    return json.dumps(notebook).encode()


def _note(event, job):
    path = os.environ.get(COUNT_VARIABLE)
    if path:
        student = job.files.get("student.txt", b"?").decode()
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(descriptor, f"{event} {student}\n".encode())
        os.close(descriptor)


def _note_error(cell, cell_index, execute_reply):
    """Put an error that the kernel only told the client of into the cell, as nbgrader's `Execute` does."""
    content = execute_reply["content"]
    if content["status"] != "error":
        return
    if not any(out.output_type == "error" and out.ename == content["ename"] for out in cell.outputs):
        lines = content["traceback"] or ["ERROR: An error occurred while showtraceback was disabled"]
        cell.outputs.append(
            nbformat.v4.new_output("error", ename=content["ename"], evalue=content["evalue"], traceback=lines)
        )


def _receipt(row):
    return Receipt(**{**row, "outcome": Outcome(row["outcome"]), "thresholds": tuple(row["thresholds"])})
