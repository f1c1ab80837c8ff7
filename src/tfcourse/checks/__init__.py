"""What a check is: tasks and keys, metrics, ladders, baselines, and the measuring of ladders."""

from tfcourse.checks import baselines
from tfcourse.checks.baselines import Baseline
from tfcourse.checks.calling import CallFunction
from tfcourse.checks.check import Check, FunctionCheck, ModelCheck, Split
from tfcourse.checks.ladder import Ladder
from tfcourse.checks.metrics import Metric, accuracy, balanced_accuracy, mean_absolute_error
from tfcourse.checks.model_files import FileModel
from tfcourse.checks.predictions import Output
from tfcourse.checks.problems import Drawn, ExamProblem
from tfcourse.checks.records import Folder, Key, Outcome, Receipt, Response, Score, Task
from tfcourse.checks.solutions import exam_solution, solution_of
from tfcourse.checks.training import TrainModel

__all__ = [
    "Baseline",
    "CallFunction",
    "Check",
    "Drawn",
    "ExamProblem",
    "FileModel",
    "Folder",
    "FunctionCheck",
    "Key",
    "Ladder",
    "Metric",
    "ModelCheck",
    "Outcome",
    "Output",
    "Receipt",
    "Response",
    "Score",
    "Split",
    "Task",
    "TrainModel",
    "accuracy",
    "balanced_accuracy",
    "baselines",
    "exam_solution",
    "mean_absolute_error",
    "solution_of",
]
