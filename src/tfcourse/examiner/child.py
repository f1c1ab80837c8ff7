"""The process in which a paper is drawn: ``python -m tfcourse.examiner.child``.

Reads a pickled dict of check id to seed from stdin; writes a pickled dict of check id to task and key, or a
`Failure`, to stdout. Both ends are ours, and no learner's code ever runs here.
"""

from __future__ import annotations

import gc
import os
import pickle
import sys
from dataclasses import dataclass

from tfcourse import errors
from tfcourse.errors import CourseError, GraderBroken, InvalidCurriculum


@dataclass(frozen=True)
class Failure:
    """An exception, in a form that survives a pickle.

    Args:
        name: Of a class in `tfcourse.errors`.
        messages: What it was made of; several for `InvalidCurriculum`.
    """

    name: str
    messages: tuple[str, ...]

    def error(self) -> CourseError:
        """Return the exception again."""
        if self.name == InvalidCurriculum.__name__:
            return InvalidCurriculum(list(self.messages))
        cls = getattr(errors, self.name, GraderBroken)
        found = cls(*self.messages)
        return found if isinstance(found, CourseError) else GraderBroken(*self.messages)


def main() -> None:
    """Draw what is asked for on stdin."""
    # What the checks' code prints must not get between the bytes of the answer.
    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    seeds = pickle.load(sys.stdin.buffer)
    # TensorFlow's import makes a million objects that all stay; looking through them takes a fifth of its time.
    gc.disable()
    with answer:
        pickle.dump(_drawn(seeds), answer)
    # Taking TensorFlow apart takes a second, and somebody is waiting.
    sys.stderr.flush()
    os._exit(0)


def _drawn(seeds: dict[str, int]) -> object:
    from tfcourse.course import find_course
    from tfcourse.examiner.paper import Paper

    try:
        paper = Paper.draw(find_course(), seeds)
    except InvalidCurriculum as error:
        return Failure(type(error).__name__, tuple(error.problems))
    except CourseError as error:
        return Failure(type(error).__name__, (str(error),))
    return {id: (question.task, question.key) for id, question in paper.questions.items()}


if __name__ == "__main__":
    # Under this name, and not under __main__, so that the parent can unpickle a Failure.
    from tfcourse.examiner import child

    child.main()
