"""The checks of week 4: a file's size, dropout by hand, inputs as a model wants them, saved models, few examples."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from tfcourse.checks import (
    Advice,
    FixedBudget,
    Folder,
    FunctionCheck,
    Ladder,
    ModelCheck,
    Output,
    Split,
    accuracy,
    baselines,
    solution_of,
)
from tfcourse.checks.records import Array, Task
from tfcourse.datasets.gearboxes import STATES, make_gearboxes

WEEK = "week04"
TRAIN_GEARBOXES = 500
TEST_GEARBOXES = 2_000

Cases = Sequence[tuple[str, tuple[Any, ...]]]


# --- Task 1: how large is the file? ---


def _model_bytes_cases(seed: int) -> Cases:
    random = np.random.default_rng(seed)

    def some(low: int, high: int) -> int:
        return int(random.integers(low, high + 1))

    return [
        ("one dense layer", ([some(10, 90), some(3, 9)], False, "float32", None)),
        ("two hidden layers", ([some(50, 200), some(32, 128), some(16, 64), 6], False, "float32", None)),
        ("numbers of 16 bits", ([some(50, 200), some(32, 128), 10], False, "float16", None)),
        ("numbers of 64 bits, and plain SGD", ([some(50, 200), some(32, 128), 10], False, "float64", "sgd")),
        ("SGD with momentum", ([some(50, 200), some(32, 128), 5], False, "float32", "momentum")),
        ("Adam", ([some(50, 200), some(32, 128), some(32, 64), 5], False, "float32", "adam")),
        ("Normalization first", ([some(50, 200), some(32, 128), 5], True, "float32", None)),
        ("Normalization first, and Adam", ([some(50, 200), some(32, 128), 5], True, "float32", "adam")),
    ]


MODEL_BYTES = FunctionCheck(
    id="week04.model_bytes",
    title="How large is the file?",
    points=2,
    skills=("T5", "T6"),
    cases=_model_bytes_cases,
    reference=solution_of(WEEK, "model_bytes"),
    tolerance=1e-9,
    hints=(
        "Count first, multiply last. How many numbers are trained? How many are not? "
        "And how many does the optimizer remember?",
        "A dense layer has (inputs + 1) · units numbers that are trained; `zip(units[:-1], units[1:])` "
        "pairs each layer's inputs with its units. Normalization has 2 · inputs that are not.",
        "The optimizer remembers numbers only for what is trained: Adam two for each. "
        "A byte has 8 bits, so float32 takes 4.",
    ),
)


# --- Task 2: dropout by hand ---


def _dropout_cases(seed: int) -> Cases:
    random = np.random.default_rng(seed)

    def numbers(*shape: int) -> tuple[Array, Array]:
        return random.normal(1.0, 2.0, size=shape), random.random(shape)

    row, table, block, none = numbers(12), numbers(6, 10), numbers(4, 5, 3), numbers(7)
    predicting, other = numbers(5, 8), numbers(5, 8)
    whole = random.integers(1, 9, size=(6, 5))
    eighths = random.integers(0, 8, size=(5, 8)) / 8  # exact, so that some lie on the rate
    eighths[0, :4] = 0.25
    return [
        ("half of a row", (row[0], 0.5, row[1], True)),
        ("a fifth of a table", (table[0], 0.2, table[1], True)),
        ("an array of three dimensions", (block[0], 0.4, block[1], True)),
        ("chances that lie on the rate", (other[0], 0.25, eighths, True)),
        ("whole numbers", (whole, 0.3, random.random((6, 5)), True)),
        ("a rate of 0", (none[0], 0.0, none[1], True)),
        ("a network that predicts", (predicting[0], 0.5, predicting[1], False)),
    ]


DROPOUT = FunctionCheck(
    id="week04.dropout",
    title="Dropout by hand",
    points=2,
    skills=("B9",),
    cases=_dropout_cases,
    reference=solution_of(WEEK, "dropout"),
    hints=(
        "Two questions for each number: is it switched off, that is, is its chance below the rate? "
        "And if it stays, by how much is it made larger?",
        "At a rate of 0.2, four fifths stay, so each is divided by 0.8: by `1 - rate`, not by `rate`. "
        "A chance equal to the rate is not below it.",
        "`np.where(chance < rate, 0.0, x / (1 - rate))`, and before it: `if not training:` return x as it is.",
    ),
)


# --- Task 3: what the model asks for ---


def _fit_input_cases(seed: int) -> Cases:
    random = np.random.default_rng(seed)
    bins, few = int(random.integers(12, 20)), int(random.integers(3, 9))
    spectra = random.normal(0, 8, size=(few, bins)).round(2)
    plain, channel = (None, bins), (None, bins, 1)
    return [
        ("gearboxes in rows", (spectra, plain)),
        ("a channel that is missing", (spectra, channel)),
        ("a channel too many", (spectra[:, :, None], plain)),
        ("a single gearbox", (spectra[0], plain)),
        ("a single gearbox for a model with a channel", (spectra[1], channel)),
        ("gearboxes in columns", (spectra.T, plain)),
        ("gearboxes in columns for a model with a channel", (spectra.T, channel)),
        ("hundredths of a decibel", ((100 * spectra).round().astype(np.int32), plain)),
        ("as many gearboxes as bins", (random.normal(0, 8, size=(bins, bins)), plain)),
    ]


FIT_INPUT = FunctionCheck(
    id="week04.fit_input",
    title="What the model asks for",
    points=2,
    skills=("B13",),
    cases=_fit_input_cases,
    reference=solution_of(WEEK, "fit_input"),
    hints=(
        "Bring everything to (n, bins) first, whatever it was. Only then give it the shape that the model wants.",
        "`x.ndim` tells what you have: one dimension is a single gearbox, `x[None, :]`; three are `x[:, :, 0]`. "
        "If the second dimension is not bins, the gearboxes stand in columns.",
        "Columns become rows by `x.T`. `reshape` would also give the right shape, and mix the gearboxes up. "
        "`np.issubdtype(x.dtype, np.integer)` tells hundredths from decibels.",
    ),
)


# --- Task 4: predict from a folder ---


@cache
def _keras() -> Any:
    import keras

    return keras


def _model_file(random: np.random.Generator, inputs: int, units: int, suffix: str, loss: str = "") -> bytes:
    """Return the bytes of a saved model with random weights: always the same ones for the same weights."""
    keras = _keras()
    model = keras.Sequential(
        [
            keras.Input(shape=(inputs,), name="spectrum"),
            keras.layers.Dense(5, activation="relu", name="hidden"),
            keras.layers.Dense(units, activation="softmax" if units > 1 else "sigmoid", name="state"),
        ],
        name="gearbox",
    )
    model.set_weights([random.normal(0, 1.2, size=array.shape) for array in model.get_weights()])
    if loss:
        model.compile(optimizer=keras.optimizers.SGD(name="sgd"), loss=loss)
    with tempfile.TemporaryDirectory(prefix="tfcourse-") as folder:
        path = Path(folder) / f"model{suffix}"
        model.save(path)
        content = path.read_bytes()
    return _without_dates(content) if suffix == ".keras" else content


def _without_dates(archive: bytes) -> bytes:
    """Return a .keras file without the date on which it was saved."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(out, "w") as new:
        for name in sorted(old.namelist()):
            content = old.read(name)
            if name == "metadata.json":
                content = (
                    b'{"keras_version": "%s", "date_saved": "2026-01-01@00:00:00"}' % _keras().__version__.encode()
                )
            new.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), content)
    return out.getvalue()


def _predict_from_cases(seed: int) -> Cases:
    random = np.random.default_rng(seed)

    def model(units: int = 4, suffix: str = ".keras", loss: str = "") -> bytes:
        return _model_file(random, 6, units, suffix, loss)

    def batch(n: int = 30) -> Array:
        return random.normal(0, 2, size=(n, 6)).astype(np.float32)

    several = {f"epoch-{7 + k:02d}-val-{loss}.keras": model() for k, loss in enumerate(("1.204", "0.861", "0.993"))}
    above_ten = {f"epoch-{1 + k:02d}-val-{loss}.keras": model() for k, loss in enumerate(("10.211", "9.876", "10.034"))}
    littered = {
        "epoch-04-val-0.702.keras": model(),
        "epoch-05-val-0.655.keras": model(),
        "epoch-06-val-0.601.keras.part": b"PK cut off",
        "history.csv": b"epoch,loss\n4,0.7\n",
    }
    old = {"epoch-03-val-0.210.h5": model(suffix=".h5", loss="mse"), "epoch-02-val-0.350.keras": model()}
    return [
        ("a single .keras file", (Folder({"epoch-05-val-0.512.keras": model()}), batch())),
        ("several epochs, of which the last is not the best", (Folder(several), batch())),
        ("losses above 10", (Folder(above_ten), batch())),
        ("other files in the folder", (Folder(littered), batch())),
        ("a file of the older format", (Folder({"epoch-12-val-0.300.h5": model(suffix=".h5")}), batch())),
        ('a file of the older format, compiled with the loss "mse"', (Folder(old), batch())),
        ("one unit with sigmoid", (Folder({"epoch-02-val-0.440.keras": model(units=1)}), batch())),
        ("a single gearbox", (Folder({"epoch-01-val-0.900.keras": model()}), batch(1))),
    ]


PREDICT_FROM = FunctionCheck(
    id="week04.predict_from",
    title="Predict from a folder",
    points=3,
    skills=("T6", "T7", "B14"),
    cases=_predict_from_cases,
    reference=solution_of(WEEK, "predict_from"),
    hints=(
        "Three steps: list the files that are models, take the one with the lowest loss, load it and predict. "
        "Print `[path.name for path in folder.iterdir()]` for the folder of the example.",
        "`path.suffix` is what follows the last point, `path.stem` what stands before it; "
        '`float(path.stem.split("-")[-1])` is the loss. `min(files, key=…)` takes a function that tells it.',
        "`keras.models.load_model(path, compile=False)` reads both formats. "
        "`model.predict(x)` has shape (n, units): the class is `argmax(axis=1)`, "
        "except where there is one unit: then compare with 0.5 and take column 0.",
    ),
)


# --- Task 5: learn from few ---


def _gearbox_data(seed: int) -> Split:
    x, noted, true = make_gearboxes(TRAIN_GEARBOXES + TEST_GEARBOXES, seed=seed)
    return Split(x[:TRAIN_GEARBOXES], noted[:TRAIN_GEARBOXES], x[TRAIN_GEARBOXES:], true[TRAIN_GEARBOXES:])


def _nearest_average(split: Split) -> Array:
    """Average the spectra of each noted state, and answer with the state whose average is nearest."""
    x, y, x_test = split.x_train, split.y_train, split.x_test
    averages = np.stack([x[y == label].mean(axis=0) for label in range(len(STATES))])
    distances = ((x_test[:, None, :] - averages) ** 2).sum(axis=2)
    return np.asarray(np.eye(len(STATES))[distances.argmin(axis=1)])


def _large_network(x_train: Array) -> Any:
    """Build a network with as many parameters as are allowed, and nothing against overfitting."""
    import keras

    normalize = keras.layers.Normalization()
    normalize.adapt(x_train)
    hidden = [keras.layers.Dense(units, activation="relu") for units in (256, 128)]
    last = keras.layers.Dense(len(STATES), activation="softmax")
    model = keras.Sequential([keras.Input(shape=x_train.shape[1:]), normalize, *hidden, last])
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
    return model


_TRAINING = FixedBudget(
    Output("probabilities", (len(STATES),)),
    epochs=60,
    batch_size=32,
    max_parameters=100_000,
    builder_sees="train inputs",
)

GEARBOX_MODEL = ModelCheck(
    id="week04.gearbox_model",
    title="Learn from few",
    skills=("B9", "T5"),
    data=_gearbox_data,
    training=_TRAINING,
    ladder=Ladder(accuracy, (0.30, 0.42, 0.64, 0.75, 0.80)),
    baselines=(
        baselines.majority(),
        baselines.untrained(_TRAINING, solution_of(WEEK, "build_model")),
        baselines.Baseline("nearest average spectrum", "simple", _nearest_average),
        baselines.logistic(),
        baselines.network("large network, nothing against overfitting", _TRAINING, _large_network),
    ),
    reference=solution_of(WEEK, "build_model"),
    hints=(
        "Five hundred examples, and one label in four is wrong: a network that gets all of them right "
        "has learned the mistakes as well. What makes learning by heart harder, or dearer?",
        "`layers.Normalization()` first, adapted to x_train. Then Dropout between the layers, and before the first "
        "hidden layer, too: a spectrum with gaps is still a spectrum.",
        "Dropout(0.4), Dense(128), Dropout(0.5), Dense(64), Dropout(0.5), and the last layer with softmax. "
        "Both hidden layers with ReLU.",
        "`kernel_regularizer=regularizers.L2(0.03)` in both hidden layers, and Adam with its default step.",
    ),
    advice=(
        Advice(
            "This is hardly better than always naming the most frequent state. Is the loss "
            "sparse_categorical_crossentropy, are the levels scaled, and is the learning rate not far too high?",
            rungs=(0,),
        ),
        Advice(
            "Your network is too small, or was hardly trained: sixty epochs are 960 steps. "
            "Scale by Normalization, give it a hidden layer of 64 or 128 units, and let Adam do the steps.",
            rungs=(1,),
        ),
        Advice(
            "You have what a logistic regression gets, which believes every wrong note, "
            "or what a handful of hidden units can hold. A hidden layer of 64 to 128 units comes first, then dropout.",
            rungs=(2,),
        ),
        Advice(
            "A network of a good size that learns the wrong notes by heart stands here. "
            "Put Dropout(0.3) or more before the first hidden layer, and Dropout(0.5) after it.",
            rungs=(3,),
        ),
        Advice(
            "Dropout has begun to pay. What lifts it from here: L2(0.03) on the hidden layer, "
            "or a second hidden layer with Dropout(0.5) after it as well.",
            rungs=(4,),
        ),
        Advice(
            "Very good: far more right than the notes that it learned from. How few parameters reach this rung? "
            "And what does GaussianNoise(1.0) after the normalization do in place of the first dropout?",
            rungs=(5,),
        ),
    ),
)

CHECKS = (MODEL_BYTES, DROPOUT, FIT_INPUT, PREDICT_FROM, GEARBOX_MODEL)
