"""While a learner's code answers a check, the course's generators give nothing."""

import threading
from functools import partial

import numpy as np
import pytest

from tfcourse.checks import CallFunction, Task
from tfcourse.checks.guard import attempt
from tfcourse.checks.records import ProblemKind, Response
from tfcourse.datasets import generator, refused
from tfcourse.datasets.heat_pumps import make_heat_pumps
from tfcourse.errors import LearnerMistake


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
