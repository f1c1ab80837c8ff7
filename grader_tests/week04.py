"""The checks of week 4: a file's size, dropout by hand, inputs as a model wants them, saved models, few examples."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Callable, Sequence
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
    OwnTraining,
    Split,
    accuracy,
    baselines,
    mistake,
    ordinary,
    rival,
    solution_of,
)
from tfcourse.checks.diagnosis import Diagnosis, no_hidden_layer, not_learning, still_learning, unscaled
from tfcourse.checks.panel import best_kept, fitted, stopped_early
from tfcourse.checks.records import Array
from tfcourse.datasets.gearboxes import ARCHIVE_WRONG, STATES, make_archive

WEEK = "week04"
TRAIN_GEARBOXES = 4_000
TEST_GEARBOXES = 3_000

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


# --- Task 5: learn from wrong notes ---


def _gearbox_data(seed: int) -> Split:
    x, noted, true = make_archive(TRAIN_GEARBOXES + TEST_GEARBOXES, seed=seed)
    return Split(x[:TRAIN_GEARBOXES], noted[:TRAIN_GEARBOXES], x[TRAIN_GEARBOXES:], true[TRAIN_GEARBOXES:])


def _nearest_average(split: Split) -> Array:
    """Average the spectra of each noted state, and answer with the state whose average is nearest."""
    x, y, x_test = split.x_train, split.y_train, split.x_test
    averages = np.stack([x[y == label].mean(axis=0) for label in range(len(STATES))])
    distances = ((x_test[:, None, :] - averages) ** 2).sum(axis=2)
    return np.asarray(np.eye(len(STATES))[distances.argmin(axis=1)])


def _network(
    *units: int, dropout: float = 0.0, first: float = 0.0, l2: float = 0.0, noise: float = 0.0, optimizer: Any = "adam"
) -> Callable[[Array], Any]:
    """Return a builder of a dense network on scaled inputs; optimizers that are named have Keras's own rates.

    Args:
        units: Of the hidden layers.
        dropout: After each hidden layer.
        first: Dropout before the first one.
        l2: Factor of the price of weights in the hidden layers.
        noise: Standard deviation of what is added to scaled inputs in training.
        optimizer: A name, or a function that makes one.
    """

    def build(x_train: Array) -> Any:
        import keras
        from keras import layers, regularizers

        normalize = layers.Normalization()
        normalize.adapt(x_train)
        model = keras.Sequential([keras.Input(shape=x_train.shape[1:]), normalize])
        if noise:
            model.add(layers.GaussianNoise(noise))
        if first:
            model.add(layers.Dropout(first))
        for count in units:
            price = regularizers.L2(l2) if l2 else None
            model.add(layers.Dense(count, activation="relu", kernel_regularizer=price))
            if dropout:
                model.add(layers.Dropout(dropout))
        model.add(layers.Dense(len(STATES), activation="softmax"))
        model.compile(
            optimizer=optimizer() if callable(optimizer) else optimizer,
            loss="sparse_categorical_crossentropy",
            metrics=["accuracy"],
            steps_per_execution=32,  # changes no digit, and a calibration takes half as long
        )
        return model

    return build


def _adam() -> Any:
    import keras

    return keras.optimizers.Adam(0.01)


def _knows_wrong_notes(found: Diagnosis) -> bool:
    """Tell whether the model repeats more of the notes than are right."""
    return found.training is not None and found.training > 1 - ARCHIVE_WRONG + 0.1


_DENSE = FixedBudget(Output("probabilities", (len(STATES),)), epochs=40, batch_size=32, builder_sees="train inputs")

GEARBOX_MODEL = ModelCheck(
    id="week04.gearbox_model",
    title="Learn from wrong notes",
    skills=("B9",),
    data=_gearbox_data,
    training=OwnTraining(Output("probabilities", (len(STATES),)), budget=120, max_parameters=100_000),
    labels=STATES,
    ladder=Ladder(accuracy, (0.30, 0.45, 0.54, 0.785, 0.90)),
    baselines=(
        baselines.majority(),
        baselines.untrained(_DENSE, _network(128, 64)),
        baselines.Baseline("nearest average spectrum", "simple", _nearest_average),
        baselines.logistic(),
        baselines.network("large network, nothing against overfitting", _DENSE, _network(256, 128)),
    ),
    panel=(
        ordinary("two layers of 64, dropout 0.5, 60 epochs", fitted(_network(64, 64, dropout=0.5), 60)),
        ordinary("128 and 128, dropout 0.5, early stopping", stopped_early(_network(128, 128, dropout=0.5))),
        ordinary("256 and 128, dropout 0.5, 60 epochs", fitted(_network(256, 128, dropout=0.5), 60)),
        ordinary("two layers of 64, L2(0.002), early stopping", stopped_early(_network(64, 64, l2=0.002), 5)),
        ordinary("two layers of 64, early stopping alone", stopped_early(_network(64, 64))),
        ordinary("128 and 64, the best of 40 epochs kept", best_kept(_network(128, 64), "val_loss", 40)),
        ordinary(
            "128, noise added, RMSprop, early stopping", stopped_early(_network(128, noise=0.5, optimizer="rmsprop"))
        ),
        rival("256 and 128, no cure, 60 epochs", fitted(_network(256, 128), 60), "B9"),
        rival("two layers of 64, no cure, 60 epochs", fitted(_network(64, 64), 60), "B9"),
        rival("128 and 64, no cure, 30 epochs", fitted(_network(128, 64), 30), "B9"),
        mistake(
            "two layers of 64, the best of 60 epochs by training accuracy", best_kept(_network(64, 64), "accuracy", 60)
        ),
        mistake(
            "128 and 64, patience 30, last weights kept",
            stopped_early(_network(128, 64), 30, restore_best_weights=False),
        ),
        mistake("two hidden units", stopped_early(_network(2))),
        mistake("no hidden layer", stopped_early(_network(optimizer=_adam))),
    ),
    reference=solution_of(WEEK, "train_model"),
    hints=(
        "Four labels in ten are wrong: a network that gets them all right has learned the mistakes as well. "
        "What makes learning by heart harder, or dearer, or ends training before it begins?",
        "Hold a part of the notes back. They are as often wrong as the others, so an accuracy of 0.6 is all that can "
        "be had there; but the validation loss turns where learning by heart begins, and it is the one to watch.",
        "`layers.Normalization()` first, adapted to x_train, then hidden layers with `Dropout` after each. "
        "Dropout can stand before the first one, too: a spectrum with gaps is still a spectrum.",
        "`EarlyStopping` with `restore_best_weights=True` keeps the best epoch in memory, `ModelCheckpoint` with "
        "`save_best_only=True` on disk. With dropout, the best epoch comes later than without, and is better.",
    ),
    advice=(
        Advice(
            "Raw decibels reach the first Dense layer. Put a `layers.Normalization()` before it, adapted to x_train.",
            rungs=(0, 1, 2, 3, 4),
            when=unscaled,
        ),
        Advice(
            "Your network repeats more of the notes than are right, so it has learned wrong ones by heart. Stop where "
            "the validation loss turns and keep that epoch, or make learning by heart harder: dropout, a price on the "
            "weights, fewer units.",
            rungs=(0, 1, 2, 3, 4),
            when=_knows_wrong_notes,
        ),
        Advice(
            "Your network has no hidden layer. The same hump means one fault in the one make and another in the other: "
            "that takes units which see two humps together.",
            rungs=(0, 1, 2, 3),
            when=no_hidden_layer,
        ),
        Advice(
            "The loss hardly moved. Is the learning rate far too small, or so large that all ReLUs died? "
            'Try "adam" as it comes.',
            rungs=(0, 1, 2),
            when=not_learning,
        ),
        Advice(
            "It was still learning when you stopped, and knows no more of the wrong notes than it should: allow it "
            "more epochs.",
            rungs=(0, 1, 2, 3, 4),
            when=still_learning,
        ),
        Advice(
            "This is hardly better than always naming the most frequent state. Is the loss "
            "sparse_categorical_crossentropy, has the last layer six units with softmax, and is the learning rate near "
            "0.001?",
            rungs=(0, 1),
        ),
        Advice(
            "Your network is too small, or was hardly trained. Give it a hidden layer of 16 units or more, and as many "
            "epochs as the validation loss falls.",
            rungs=(2,),
        ),
        Advice(
            "About what an average spectrum of each state can do. A hidden layer of 16 units or more sees two humps "
            "together; draw the validation loss, and see whether it was still falling when training ended.",
            rungs=(3,),
        ),
        Advice(
            "Very good: the notes are not believed blindly. Early stopping alone gets about this far; with dropout "
            "after the hidden layers, and before them, the best epoch comes later and is better.",
            rungs=(4,),
        ),
        Advice(
            "Far more right than the notes that it learned from. How few parameters reach this rung? "
            "And what does GaussianNoise(0.5) after the normalization do in place of dropout?",
            rungs=(5,),
        ),
    ),
)

CHECKS = (MODEL_BYTES, DROPOUT, FIT_INPUT, PREDICT_FROM, GEARBOX_MODEL)
