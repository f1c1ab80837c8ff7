"""Every exception of the package.

Three branches that never mix::

    TfcourseError
    ├── LearnerMistake        the learner handed over something that cannot be scored
    │   ├── NotAttempted      nothing has been written yet
    │   ├── NotFinite         a model that predicts NaN or infinity
    │   └── WrongKind         a model without the kind of layer that its task asks for
    ├── LearnerCrash          the learner's own code raised an exception
    └── CourseError           the course, its files or its set-up are wrong: not the learner's fault
        ├── CourseNotFound    no course at or above this folder
        ├── UnknownName       no such week, check, skill or command argument
        ├── InvalidCurriculum a lesson, an assignment or a check breaks a rule for authors
        ├── UnusableNotebook  a submitted file that cannot be graded at all
        ├── DataUnavailable   a public data set that could not be downloaded or verified
        └── GraderBroken      a defect of ours met while grading

A message says what was expected, what was found and what to do next, in that order.
"""


class TfcourseError(Exception):
    """The root of all exceptions of this package."""


class LearnerMistake(TfcourseError):
    """What was handed over cannot be scored, and the message says why."""


class NotAttempted(LearnerMistake):
    """The task has not been begun: the cell is still as it was released."""


class NotFinite(LearnerMistake):
    """A model predicts NaN or infinity: its training has diverged."""


class WrongKind(LearnerMistake):
    """A model has none of the layers of which its task asks for one."""


class LearnerCrash(TfcourseError):
    """The learner's code raised.

    Attributes:
        lines: The learner's own lines of the traceback, without ours and without a library's.
    """

    def __init__(self, message: str, lines: str = "") -> None:
        super().__init__(message)
        self.lines = lines


class CourseError(TfcourseError):
    """Something about the course itself is wrong."""


class CourseNotFound(CourseError):
    """No course was found where one was looked for."""


class UnknownName(CourseError):
    """A name that the course does not have."""


class InvalidCurriculum(CourseError):
    """The curriculum breaks one or more of the rules for authors.

    Attributes:
        problems: One line each, naming the file and the cell.
    """

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class UnusableNotebook(CourseError):
    """A submitted notebook that cannot be graded: missing, unreadable, or not a notebook."""


class DataUnavailable(CourseError):
    """A public data set could not be had, or is not the one that was expected."""


class GraderBroken(CourseError):
    """A defect of ours met while grading. It must never cost a learner a point."""
