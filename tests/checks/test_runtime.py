"""One thread, all seeds."""

import os
import random
import subprocess
import sys

import numpy as np
import pytest

from tfcourse.checks.runtime import (
    ENVIRONMENT,
    QUIET,
    fix_environment,
    fix_seeds,
    in_notebook,
    is_graded,
    versions,
    weights_seed,
)


@pytest.mark.parametrize(
    ("execution", "expected"), [(None, QUIET), ("autograde", ENVIRONMENT), ("validate", ENVIRONMENT)]
)
def test_importing_the_package_asks_for_one_thread_where_a_notebook_is_graded_and_nowhere_else(execution, expected):
    environment = {
        name: value for name, value in os.environ.items() if name not in {*ENVIRONMENT, "NBGRADER_EXECUTION"}
    }
    environment |= {"NBGRADER_EXECUTION": execution} if execution else {}
    program = f"import os, tfcourse; print({{name: os.environ.get(name) for name in {list(ENVIRONMENT)!r}}})"
    run = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == str({name: expected.get(name) for name in ENVIRONMENT})


def test_a_process_knows_whether_it_was_started_for_graded_work(monkeypatch):
    monkeypatch.delenv("TFCOURSE_GRADED", raising=False)
    assert not is_graded()
    monkeypatch.setenv("TFCOURSE_GRADED", "1")
    assert is_graded()


def test_what_somebody_has_set_is_left(monkeypatch):
    for name in ENVIRONMENT:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "0")
    fix_environment()
    assert {name: os.environ[name] for name in ENVIRONMENT} == {**ENVIRONMENT, "TF_CPP_MIN_LOG_LEVEL": "0"}


def test_the_seed_of_weights_is_of_32_bits_and_no_part_of_the_datas():
    seeds = [2**255 + index for index in range(1000)]
    derived = [weights_seed(seed) for seed in seeds]
    assert all(0 <= seed < 2**32 for seed in derived)
    assert len(set(derived)) == len(seeds)
    assert all(f"{found:08x}" not in f"{seed:064x}" for seed, found in zip(seeds, derived, strict=True))
    assert weights_seed(seeds[0]) == derived[0]


def test_receipts_name_what_a_score_depends_on():
    assert {"python", "tensorflow", "keras", "numpy", "machine"} <= set(versions())


def test_a_test_is_no_notebook():
    assert not in_notebook()


@pytest.mark.slow
def test_in_a_notebook_tensorflow_is_imported_without_a_word():
    """IPython runs the program, so that the package takes the process for a notebook's kernel."""
    program = "import sys, tfcourse; print('tensorflow' in sys.modules)"
    command = [sys.executable, "-m", "IPython", "--no-banner", "--quick", "--colors=nocolor", "-c", program]
    run = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    assert (run.stdout, run.stderr) == ("True\n", "")


@pytest.mark.slow
def test_everything_random_is_seeded():
    import keras
    import tensorflow as tf

    def draw():
        layer = keras.layers.Dense(2)
        layer.build((None, 3))
        return [
            random.random(),
            np.random.random(),
            float(tf.random.normal(())),
            *np.ravel(layer.kernel),
            float(keras.random.normal(())),
        ]

    fix_seeds(5)
    first = draw()
    draw()
    fix_seeds(5)
    assert draw() == first
    fix_seeds(6)
    assert draw() != first
    fix_seeds(5, deterministic=False)
    assert draw() == first


@pytest.mark.slow
def test_operations_are_made_deterministic_where_that_is_asked_for(monkeypatch):
    import tensorflow as tf

    asked = []
    monkeypatch.setattr(tf.config.experimental, "enable_op_determinism", lambda: asked.append(True))
    fix_seeds(5, deterministic=False)
    assert not asked
    fix_seeds(5)
    assert asked
