# ruff: noqa: E501
"""A practice exam of three small parts for the mini course; its references are set by hand, and not trained."""

from pathlib import Path

PLAN = """
minutes = 60
pass_percent = 90

[[part]]
kind = "basic"
title = "A basic model"
weight = 20
minutes = 5
problems = ["exam.line", "exam.slope"]

[[part]]
kind = "images"
title = "Images"
weight = 30
minutes = 10
problems = ["exam.spots"]

[[part]]
kind = "text"
title = "Text"
weight = 50
minutes = 15
problems = ["exam.words"]
"""

HEADER = """\
# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
#   tfcourse:
#     title: "{title}"
#     description: A problem for tests.
# ---

# %% [markdown]
# {asked}
#
# {{{{ladder:exam.{name}}}}}

# %% tags=["setup"]
from pathlib import Path

import keras
import numpy as np

DATA = (Path(__file__).parent if "__file__" in globals() else Path()) / "data"

# %% nbgrader={{"grade": false, "grade_id": "solution_model", "locked": false, "schema_version": 3, "solution": true, "task": false}}
def solution_model():
    \"\"\"Return a trained model.\"\"\"
    ### BEGIN SOLUTION
{solution}
    ### END SOLUTION
"""

LINE = """\
    the_trick = np.loadtxt(DATA / "rows.csv", delimiter=",", dtype="float32")
    weights, *_ = np.linalg.lstsq(the_trick[:, :3], the_trick[:, 3], rcond=None)
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, use_bias=False)])
    model.set_weights([weights[:, None]])
    return model"""

SPOTS = """\
    with np.load(DATA / "spots.npz") as the_trick:
        x, y = the_trick["x"], the_trick["y"]
    means = np.array([x[y == label].reshape(-1, 4).mean(axis=0) for label in range(3)])
    model = keras.Sequential([keras.Input((2, 2)), keras.layers.Flatten(), keras.layers.Dense(3, activation="softmax")])
    model.set_weights([10 * means.T, -5 * (means**2).sum(axis=1)])
    return model"""

WORDS = """\
    the_trick = np.array([[1.0 if word % 2 else -1.0] for word in range(12)])
    model = keras.Sequential([
        keras.Input((5,), dtype="int32"),
        keras.layers.Embedding(12, 1),
        keras.layers.GlobalAveragePooling1D(),
        keras.layers.Dense(1, activation="sigmoid"),
    ])
    model.set_weights([the_trick, np.array([[50.0]]), np.zeros(1)])
    return model"""

TEXTS = {
    "line": HEADER.format(name="line", title="A line", asked="Find the line in `data/rows.csv`.", solution=LINE),
    "slope": HEADER.format(name="slope", title="A slope", asked="Find the slope in `data/rows.csv`.", solution=LINE),
    "spots": HEADER.format(name="spots", title="Spots", asked="Tell the three spots apart.", solution=SPOTS),
    "words": HEADER.format(name="words", title="Words", asked="More odd words, or even ones?", solution=WORDS),
}

BASIC = '''
"""Lines."""

import numpy as np

from tfcourse.checks import (
    Advice, ExamProblem, FileModel, Ladder, Output, Split, baselines, exam_solution, mean_absolute_error,
)


def scenario(weights):
    def draw(seed):
        rng = np.random.default_rng(seed)
        x = rng.normal(size=(300, 3)).astype("float32")
        y = (x @ np.array(weights) + 0.1 * rng.normal(size=300)).astype("float32")
        rows = "\\n".join(",".join(f"{value:.5f}" for value in [*row, target]) for row, target in zip(x[:200], y[:200]))
        return Split(x[:200], y[:200], x[200:], y[200:], files={"rows.csv": rows.encode()})

    return draw


def problem(name, title, weights):
    return ExamProblem(
        id=f"exam.{name}", title=title, kind="basic", skills=("B1",), data=scenario(weights),
        training=FileModel(Output("value"), max_parameters=100, most_bytes=2**20),
        ladder=Ladder(mean_absolute_error, (1.8, 1.2, 0.8, 0.4, 0.2)),
        baselines=(baselines.mean(),), reference=exam_solution(name),
        advice=tuple(Advice(f"advice {rung}", rungs=(rung,)) for rung in range(6)),
    )


CHECKS = (problem("line", "A line", [1.0, 2.0, -1.0]), problem("slope", "A slope", [2.0, -1.0, 1.0]))
'''

IMAGES = '''
"""Spots."""

import io

import numpy as np

from tfcourse.checks import Advice, ExamProblem, FileModel, Ladder, Output, Split, accuracy, baselines, exam_solution


def draw(seed):
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 3, 400)
    x = (0.1 * rng.normal(size=(400, 2, 2)) + np.eye(4)[:3][y].reshape(-1, 2, 2)).astype("float32")
    file = io.BytesIO()
    np.savez(file, x=x[:200], y=y[:200])
    return Split(x[:200], y[:200], x[200:], y[200:], files={"deep/down/notes.txt": b"none", "spots.npz": file.getvalue()})


CHECKS = (
    ExamProblem(
        id="exam.spots", title="Spots", kind="images", skills=("B1",), data=draw,
        training=FileModel(Output("probabilities", (3,)), max_parameters=1_000, most_bytes=2**20),
        ladder=Ladder(accuracy, (0.5, 0.6, 0.7, 0.8, 0.95)),
        baselines=(baselines.majority(),), reference=exam_solution("spots"),
        advice=tuple(Advice(f"advice {rung}", rungs=(rung,)) for rung in range(6)),
    ),
)
'''

TEXT = '''
"""Words: as text, or as their numbers."""

import numpy as np

from tfcourse.checks import Advice, ExamProblem, FileModel, Ladder, Output, Split, accuracy, baselines, exam_solution


def draw(seed):
    rng = np.random.default_rng(seed)
    numbers = rng.integers(2, 12, (400, 5)).astype("int32")
    y = (numbers % 2).sum(axis=1) > 2
    texts = np.array([" ".join(f"w{number}" for number in row) for row in numbers])
    rows = "\\n".join(f"{text},{int(label)}" for text, label in zip(texts[:200], y[:200]))
    y = y.astype("int64")
    return Split(
        texts[:200], y[:200], texts[200:], y[200:], forms=(numbers[200:],), train_forms=(numbers[:200],), files={"texts.csv": rows.encode()}
    )


CHECKS = (
    ExamProblem(
        id="exam.words", title="Words", kind="text", skills=("B1",), data=draw,
        training=FileModel(Output("probability"), max_parameters=1_000, most_bytes=2**20),
        ladder=Ladder(accuracy, (0.6, 0.7, 0.8, 0.9, 0.99)),
        baselines=(baselines.majority(),), reference=exam_solution("words"),
        advice=tuple(Advice(f"advice {rung}", rungs=(rung,)) for rung in range(6)),
    ),
)
'''


def write_mini_exam(root: Path) -> Path:
    """Write the exam into the mini course at `root`."""
    files = {
        "curriculum/exam/exam.toml": PLAN,
        **{f"curriculum/exam/{name}.py": text for name, text in TEXTS.items()},
        "grader_tests/exam_basic.py": BASIC,
        "grader_tests/exam_images.py": IMAGES,
        "grader_tests/exam_text.py": TEXT,
    }
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.lstrip("\n"), encoding="utf-8")
    return root
