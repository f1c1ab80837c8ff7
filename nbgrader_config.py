"""Makes nbgrader's stock commands work from the course's folder. See README.md, "For course staff"."""

import os
import sys
import warnings
from pathlib import Path

from sqlalchemy.exc import SAWarning

from tfcourse.kernels.kernelspec import NAME, jupyter_path

ROOT = Path(__file__).resolve().parent
c = get_config()  # type: ignore[name-defined]  # noqa: F821

os.environ.setdefault("TFCOURSE_ROOT", str(ROOT))
# nbgrader looks for alembic on the PATH, where it is not unless the environment was activated.
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])

# nbgrader 0.9.6 draws a page of these from SQLAlchemy 2.1 for every submission; they change nothing.
warnings.filterwarnings("ignore", category=SAWarning, module=r"nbgrader\.api")

c.CourseDirectory.course_id = "tfcourse"
c.CourseDirectory.root = str(ROOT)
c.CourseDirectory.ignore = [".ipynb_checkpoints", "*.pyc*", "__pycache__", "feedback", "README.md"]
# The default exchange, /usr/local/share, cannot be made by an ordinary user.
c.Exchange.root = str(ROOT / "exchange")

# `nbgrader zip_collect week05` finds these in downloaded/week05/archive/, named for the student and zipped or not, as
# `tfcourse collect` does. An archive is one student's: see tfcourse.grading.handed_in.
c.ZipCollectApp.extractor_plugin = "tfcourse.grading.zip_collect.Extractor"
c.ZipCollectApp.collector_plugin = "tfcourse.grading.zip_collect.Collector"

# A graded model may train for some seconds; nbgrader's default of 30 s a cell is too short.
c.Execute.timeout = 600
# A kernel in which TensorFlow is imported already; an ordinary one where that cannot be, and where TFCOURSE_WARM=0.
os.environ["JUPYTER_PATH"] = jupyter_path()
c.Execute.kernel_name = NAME
# As nbclient does for kernels that are named python3: no history on disk.
c.Execute.extra_arguments = ["--HistoryManager.hist_file=:memory:"]
# A cell that was copied, deleted or changed is no reason to refuse a submission: the assignment's own come back.
c.Autograde.sanitize_preprocessors = [
    "nbgrader.preprocessors.ClearOutput",
    "tfcourse.grading.nbgrader.RestoreCells",
    "nbgrader.preprocessors.OverwriteKernelspec",
    "nbgrader.preprocessors.CheckCellMetadata",
]
# nbgrader's own lists, with Execute and SaveAutoGrades replaced by ours: lessons are not run, stderr costs
# no points, and a defect of the grader goes to staff instead of giving 0.
c.Autograde.autograde_preprocessors = [
    "tfcourse.grading.nbgrader.Execute",
    "nbgrader.preprocessors.IgnorePattern",
    "nbconvert.preprocessors.ClearMetadataPreprocessor",
    "nbgrader.preprocessors.LimitOutput",
    "tfcourse.grading.nbgrader.SaveAutoGrades",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]
# The formgrader's pages and feedback: what a learner handed in must not act in the browser of whoever looks at it.
# Of nbconvert's own list, these are what makes a difference to a page; ours comes first, for it also mends.
c.HTMLExporter.default_preprocessors = [
    "tfcourse.grading.nbgrader.Clean",
    "nbconvert.preprocessors.CoalesceStreamsPreprocessor",
    "nbconvert.preprocessors.HighlightMagicsPreprocessor",
]
c.GenerateFeedback.preprocessors = [
    "nbgrader.preprocessors.GetGrades",
    "tfcourse.grading.nbgrader.HideTests",
    "nbconvert.preprocessors.CSSHTMLHeaderPreprocessor",
]
