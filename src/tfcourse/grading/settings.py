"""The bounds of a graded run, as nbgrader's configuration knows them: ``c.GradingBounds.notebook_seconds = 900``."""

from __future__ import annotations

from traitlets import Float, Integer
from traitlets.config import LoggingConfigurable

from tfcourse.grading.jobs import Bounds
from tfcourse.kernels.limits import Limits

_BOUNDS, _LIMITS = Bounds(), Limits()


class GradingBounds(LoggingConfigurable):  # type: ignore[misc]  # traitlets is not typed for mypy here
    """What one submission may use. The wall clock of a cell is nbgrader's own `Execute.timeout`."""

    check_seconds = Float(
        _BOUNDS.check_seconds, allow_none=True, help="Wall clock of one check; None for the check's own."
    ).tag(config=True)
    notebook_seconds = Float(_BOUNDS.notebook_seconds, help="Wall clock of one notebook.").tag(config=True)
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

    def bounds(self, cell_seconds: float | None) -> Bounds:
        """Return them as the engine takes them.

        Args:
            cell_seconds: Wall clock of one cell; None or a negative number for no bound.
        """
        return Bounds(
            cell_seconds=cell_seconds if cell_seconds is not None and cell_seconds >= 0 else None,
            check_seconds=self.check_seconds,
            notebook_seconds=self.notebook_seconds,
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
