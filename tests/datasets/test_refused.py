"""While a learner's code answers a check, the course's generators give nothing."""

import importlib
import pkgutil
import threading
from functools import partial

import numpy as np
import pytest

from tfcourse import datasets
from tfcourse.checks import CallFunction, Task
from tfcourse.checks.guard import attempt
from tfcourse.checks.records import ProblemKind, Response
from tfcourse.datasets import generator, refused
from tfcourse.datasets.heat_pumps import make_heat_pumps
from tfcourse.errors import LearnerMistake


def generators():
    """Return every function of the package that draws a data set."""
    found = {}
    for module in pkgutil.iter_modules(datasets.__path__):
        if not module.ispkg:
            names = vars(importlib.import_module(f"tfcourse.datasets.{module.name}"))
            found |= {name: value for name, value in names.items() if name.startswith("make_") and callable(value)}
    return found


GENERATORS = generators()


def test_there_are_many():
    assert len(GENERATORS) > 25


@pytest.mark.parametrize("make", GENERATORS.values(), ids=GENERATORS)
def test_each_refuses_and_says_why(make):
    with refused(), pytest.raises(LearnerMistake) as told:
        make(2, seed=0)
    message = str(told.value)
    assert message.startswith("Expected your function to make do with the data that it is given;")
    assert f"it calls {make.__name__}()." in message
    assert "take the call out of your function" in message


def test_they_keep_their_names_and_their_words():
    assert make_heat_pumps.__name__ == "make_heat_pumps"
    assert make_heat_pumps.__doc__
    assert make_heat_pumps.__module__ == "tfcourse.datasets.heat_pumps"


def test_afterwards_they_draw_again_whatever_happened():
    with pytest.raises(ZeroDivisionError), refused():
        raise ZeroDivisionError
    make_heat_pumps(2, seed=0)
    with refused():
        with refused():
            pass
        with pytest.raises(LearnerMistake):
            make_heat_pumps(2, seed=0)
    make_heat_pumps(2, seed=0)


def test_a_thread_of_the_learners_gets_nothing_either():
    told = []

    def draw():
        try:
            make_heat_pumps(2, seed=0)
        except LearnerMistake as error:
            told.append(error)

    with refused():
        thread = threading.Thread(target=draw)
        thread.start()
        thread.join()
    assert len(told) == 1


@pytest.mark.slow
def test_a_function_that_draws_data_is_told_so_and_gets_no_points():
    def answer(x):
        return make_heat_pumps(2, seed=0)[0]

    calling = CallFunction()
    task = Task("week01.double", calling, ((np.zeros(2),),))
    problem = attempt(partial(calling.respond, answer, task), seconds=60).problem
    assert problem.kind is ProblemKind.MISTAKE
    assert "it calls make_heat_pumps()" in problem.message
    make_heat_pumps(2, seed=0)


def test_they_refuse_while_anything_answers():
    @generator
    def make_rain(n, *, seed):
        raise AssertionError("not to be called")

    def respond():
        make_rain(1, seed=0)
        return Response()

    assert "it calls make_rain()" in attempt(respond, seconds=60).problem.message
