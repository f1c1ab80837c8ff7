"""What a check is: tasks and keys, metrics, ladders, baselines, and the measuring of ladders."""

from tfcourse.checks import baselines
from tfcourse.checks.baselines import Baseline
from tfcourse.checks.calling import CallFunction
from tfcourse.checks.check import Check, FunctionCheck, ModelCheck, Split
from tfcourse.checks.diagnosis import Advice
from tfcourse.checks.fixed_budget import FixedBudget
from tfcourse.checks.ladder import Ladder
from tfcourse.checks.metrics import Metric, accuracy, balanced_accuracy, mean_absolute_error
from tfcourse.checks.model_files import FileModel
from tfcourse.checks.own_training import OwnTraining
from tfcourse.checks.panel import Solution, mistake, ordinary, rival
from tfcourse.checks.predictions import Output
from tfcourse.checks.problems import ExamProblem
from tfcourse.checks.records import Folder, Key, Outcome, Receipt, Response, Score, Task
from tfcourse.checks.solutions import exam_solution, solution_of

__all__ = [
    "Advice",
    "Baseline",
    "CallFunction",
    "Check",
    "ExamProblem",
    "FileModel",
    "FixedBudget",
    "Folder",
    "FunctionCheck",
    "Key",
    "Ladder",
    "Metric",
    "ModelCheck",
    "Outcome",
    "Output",
    "OwnTraining",
    "Receipt",
    "Response",
    "Score",
    "Solution",
    "Split",
    "Task",
    "accuracy",
    "balanced_accuracy",
    "baselines",
    "exam_solution",
    "mean_absolute_error",
    "mistake",
    "ordinary",
    "rival",
    "solution_of",
]
