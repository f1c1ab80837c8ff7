"""The bounds of a graded run, as nbgrader's configuration knows them: ``c.GradingBounds.notebook_seconds = 900``."""

from __future__ import annotations

import math
from collections.abc import Collection

from traitlets import Float, Integer
from traitlets.config import LoggingConfigurable

from tfcourse.checks.check import Check, ModelCheck
from tfcourse.grading.jobs import Bounds
from tfcourse.kernels.limits import Limits

TIMES_REFERENCE = 20.0
"""A notebook may take this many times what the references of its models take, beside one check's whole time."""
CHECK_SECONDS = 60.0
"""Wall clock for what a cell does beside its check."""
_BOUNDS, _LIMITS = Bounds(), Limits()


class GradingBounds(LoggingConfigurable):  # type: ignore[misc]  # traitlets is not typed for mypy here
    """What one submission may use. The wall clock of a cell is nbgrader's own `Execute.timeout`."""

    check_seconds = Float(
        _BOUNDS.check_seconds, allow_none=True, help="Wall clock of one check; None for the check's own."
    ).tag(config=True)
    notebook_seconds = Float(
        None,
        allow_none=True,
        help="Wall clock of one notebook; None follows what the week's references were measured to need.",
    ).tag(config=True)
    output_cell_bytes = Integer(_BOUNDS.output_cell_bytes, help="What one cell may put out; the rest is cut.").tag(
        config=True
    )
    output_notebook_bytes = Integer(_BOUNDS.output_notebook_bytes, help="The same for one notebook.").tag(config=True)
    message_bytes = Integer(_BOUNDS.message_bytes, help="Largest answer to a check.").tag(config=True)
    kept_bytes = Integer(_BOUNDS.kept_bytes, help="Files that a run leaves behind, all together.").tag(config=True)
    memory_megabytes = Integer(_LIMITS.memory_megabytes, help="Memory of one submission.").tag(config=True)
    processes = Integer(_LIMITS.processes, help="Processes and threads of one submission.").tag(config=True)
    disk_megabytes = Integer(_LIMITS.disk_megabytes, help="Files that one submission writes.").tag(config=True)
    files = Integer(_LIMITS.files, help="Number of files and folders of one submission.").tag(config=True)
    open_files = Integer(_LIMITS.open_files, help="File descriptors of one process.").tag(config=True)
    notebook_megabytes = Integer(50, help="Largest submitted notebook.").tag(config=True)
    submitted_megabytes = Integer(100, help="Files submitted beside the notebooks, all together.").tag(config=True)

    def bounds(self, cell_seconds: float | None, checks: Collection[Check] = ()) -> Bounds:
        """Return them as the engine takes them.

        Args:
            cell_seconds: Wall clock of one cell; None or a negative number for no bound.
            checks: Of the week; a submission that hangs then costs minutes, and not half an hour.
        """
        cell = cell_seconds if cell_seconds is not None and cell_seconds >= 0 else None
        models = [check for check in checks if isinstance(check, ModelCheck)]
        needed = sum(check.reference_seconds or 0.0 for check in models)
        notebook = _BOUNDS.notebook_seconds
        if needed:
            longest = max(check.training.seconds + getattr(check.training, "training_seconds", 0.0) for check in models)
            cell = min(cell or math.inf, longest + CHECK_SECONDS)
            notebook = min(notebook, longest + CHECK_SECONDS + TIMES_REFERENCE * needed)
        return Bounds(
            cell_seconds=cell,
            check_seconds=self.check_seconds,
            notebook_seconds=notebook if self.notebook_seconds is None else self.notebook_seconds,
            output_cell_bytes=self.output_cell_bytes,
            output_notebook_bytes=self.output_notebook_bytes,
            message_bytes=self.message_bytes,
            kept_bytes=self.kept_bytes,
            limits=Limits(
                memory_megabytes=self.memory_megabytes,
                processes=self.processes,
                disk_megabytes=self.disk_megabytes,
                files=self.files,
                open_files=self.open_files,
            ),
        )
