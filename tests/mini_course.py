# ruff: noqa: E501
"""A course of one small week, written into a folder: what tests build, edit and grade."""

from pathlib import Path
from textwrap import dedent

SYLLABUS = """
[course]
title = "Mini"
solutions = "after-practice"

[[week]]
id = "week01"
folder = "week01_mini"
part = "basics"
title = "Mini week"
minutes = 10
skills = ["B1"]
checks = ["week01.double", "week01.line"]
"""

HANDBOOK = """
[[section]]
letter = "B"
title = "basics"

[section.skills]
B1 = "use TensorFlow 2.x"
"""

HEADER = """\
# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
#   tfcourse:
#     title: "Mini week"
#     description: A week for tests.
#     prerequisites: []
#     minutes: 10
#     objectives:
#       - text: double a number
#         skills: [B1]
# ---
"""

LESSON = (
    HEADER
    + """
# %% [markdown] skills=["B1"]
# ## A section
# Some words.

# %%
import tfcourse
"""
    + "\n".join(f"\n# %% [markdown]\n# Cell {number}.\n" for number in range(25))
)

ASSIGNMENT = (
    HEADER
    + '''
# %% tags=["setup"]
from tfcourse import grade, hint, practice, solution

import numpy as np

# %% [markdown] skills=["B1"]
# ## Task 1

# %% nbgrader={"grade": false, "grade_id": "double_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def double(x):
    """Return twice `x`."""
    ### BEGIN SOLUTION
    return 2 * np.asarray(x)
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "double", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
practice("week01.double", double)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week01.double", double)
### END HIDDEN TESTS

# %% [markdown]
# ## Task 2
#
# {{ladder:week01.line}}

# %% nbgrader={"grade": false, "grade_id": "line_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def build_model():
    """Return a compiled model."""
    ### BEGIN SOLUTION
    import keras

    model = keras.Sequential([keras.Input(shape=(3,)), keras.layers.Dense(1)])
    model.compile(optimizer=keras.optimizers.Adam(0.05), loss="mae")
    return model
    ### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "line", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
practice("week01.line", build_model)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week01.line", build_model)
### END HIDDEN TESTS
'''
)

CHECKS = '''
"""Checks of the mini week."""

import numpy as np

from tfcourse.checks import (
    Advice, FunctionCheck, Ladder, ModelCheck, Output, Split, FixedBudget, baselines, mean_absolute_error, solution_of,
)


def cases(seed):
    rng = np.random.default_rng(seed)
    return [(about, (rng.normal(size=shape),)) for about, shape in
            [("a vector", (3,)), ("a matrix", (2, 3)), ("an empty array", (0,)), ("a long vector", (50,))]]


def data(seed):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(400, 3)).astype("float32")
    y = (x @ np.array([1.0, 2.0, -1.0]) + 0.1 * rng.normal(size=400)).astype("float32")
    return Split(x[:200], y[:200], x[200:], y[200:])


TRAINING = FixedBudget(output=Output("value"), epochs=30, max_parameters=100)

CHECKS = (
    FunctionCheck(
        id="week01.double", title="Double", points=2, skills=("B1",), hints=("Think.", "Use 2 * x."),
        reference=solution_of("week01", "double"), cases=cases,
    ),
    ModelCheck(
        id="week01.line", title="A line", skills=("B1",), hints=("One layer.", "Dense(1)."),
        reference=solution_of("week01", "build_model"), data=data, training=TRAINING,
        ladder=Ladder(mean_absolute_error, (1.8, 1.2, 0.8, 0.4, 0.2)),
        baselines=(baselines.mean(), baselines.moving_average(2)),
        advice=tuple(Advice(f"a{rung}", rungs=(rung,)) for rung in range(6)),
    ),
)
'''

WRONG = '''"""Forgets to double."""

# %% double_solution
def double(x):
    return x
'''


def write_mini_course(root: Path) -> Path:
    """Write the course below `root`, unbuilt."""
    files = {
        "curriculum/syllabus.toml": SYLLABUS,
        "curriculum/handbook.toml": HANDBOOK,
        "curriculum/week01_mini/lesson.py": LESSON,
        "curriculum/week01_mini/assignment.py": ASSIGNMENT,
        "grader_tests/week01.py": CHECKS,
        "grader_tests/submissions/week01/not_doubled.py": WRONG,
        "grader_tests/submissions/week01/expected.toml": '[not_doubled]\n"week01.double" = 0.5\n',
    }
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text).lstrip("\n"))
    return root
