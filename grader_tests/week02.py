"""The checks of week 2: a loss by hand, two kinds of mistakes, two ways to stop in time, a classifier of wells."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from tfcourse.checks import (
    Advice,
    Baseline,
    FixedBudget,
    FunctionCheck,
    Ladder,
    Metric,
    ModelCheck,
    Output,
    OwnTraining,
    Split,
    baselines,
    mistake,
    ordinary,
    solution_of,
)
from tfcourse.checks.diagnosis import (
    Diagnosis,
    both,
    no_hidden_layer,
    not_learning,
    overfits,
    past_its_best,
    still_learning,
    unscaled,
)
from tfcourse.checks.panel import fitted, stopped_early
from tfcourse.datasets.wells import SOURCES, make_wells

WEEK = "week02"
TRAIN_WELLS = 2_000
TEST_WELLS = 5_000

Array = np.ndarray[Any, Any]
Cases = Sequence[tuple[str, tuple[Any, ...]]]


# --- Task 1: the loss by hand ---


def _answers(random: np.random.Generator, wells: int) -> tuple[Array, Array]:
    """Draw labels, both kinds among them, and probabilities that lean towards them."""
    labels = (np.arange(wells) % 4 == 0).astype(np.int64)
    random.shuffle(labels)
    probabilities = 1 / (1 + np.exp(-random.normal(2.5 * labels - 1.5, 1.2)))
    return labels, probabilities


def _cross_entropy_cases(seed: int) -> Cases:
    random = np.random.default_rng(seed)
    row, column, both, few = (_answers(random, n) for n in (40, 30, 25, 12))
    sure = (few[0], few[0].astype(np.float64))
    wrong = few[1].copy()
    wrong[np.flatnonzero(few[0] == 1)[0]] = 0.0
    wrong[np.flatnonzero(few[0] == 0)[0]] = 1.0
    return [
        ("labels and probabilities in rows", row),
        ("a column of probabilities", (column[0], column[1][:, None])),
        ("two columns", (both[0][:, None], both[1][:, None])),
        ("a single well", (row[0][:1], row[1][:1, None])),
        ("labels of floats, and a column of probabilities", (few[0].astype(np.float32), few[1][:, None])),
        ("every answer sure and right", sure),
        ("answers that are sure and wrong, in a column", (few[0], wrong[:, None])),
    ]


CROSS_ENTROPY = FunctionCheck(
    id="week02.cross_entropy",
    title="The loss by hand",
    points=2,
    skills=("B6",),
    cases=_cross_entropy_cases,
    reference=solution_of(WEEK, "cross_entropy"),
    hints=(
        "Make rows of both first: `np.reshape(labels, -1)`. "
        "A row of shape (n,) minus or times a column of shape (n, 1) is a table of shape (n, n), without any error.",
        "Where the label is 1, the cost is `-np.log(p)`; where it is 0, `-np.log(1 - p)`. "
        "Multiplied by y and by 1 − y and added, that is one formula for all wells; then the mean.",
        "Before the logarithm: `p = np.clip(p, 1e-7, 1 - 1e-7)`, with p as float64.",
    ),
)


# --- Task 2: misses and false alarms ---


def _count_outcomes_cases(seed: int) -> Cases:
    random = np.random.default_rng(seed)
    row, column, low, high, safe = (_answers(random, n) for n in (60, 50, 40, 40, 20))
    grid = random.integers(0, 9, size=32) / 8  # eighths are exact
    grid[:4] = 0.5
    labels = _answers(random, 32)[0]
    labels[:4] = (1, 1, 0, 0)
    return [
        ("a threshold of 0.5", (*row, 0.5)),
        ("a column of probabilities", (column[0], column[1][:, None], 0.4)),
        ("a low threshold", (low[0], low[1], 0.1)),
        ("a high threshold and labels in a column", (high[0][:, None], high[1], 0.85)),
        ("probabilities that lie on the threshold", (labels, grid, 0.5)),
        ("no unsafe well", (np.zeros_like(safe[0]), safe[1], 0.3)),
        ("a threshold of 0: every well is warned of", (safe[0], safe[1], 0.0)),
    ]


COUNT_OUTCOMES = FunctionCheck(
    id="week02.count_outcomes",
    title="Misses and false alarms",
    points=2,
    skills=("B6",),
    cases=_count_outcomes_cases,
    reference=solution_of(WEEK, "count_outcomes"),
    hints=(
        "Make two rows of True and False: `unsafe = np.reshape(labels, -1) == 1`, and which wells are warned of. "
        "Every outcome combines the two.",
        "`a & b` is true where both are, `~a` turns a row around, and `.sum()` counts. "
        "A well whose probability equals the threshold is warned of.",
        "`warned = np.reshape(probabilities, -1) >= threshold`; found is `int((unsafe & warned).sum())`, "
        "missed is `int((unsafe & ~warned).sum())`, and so on.",
    ),
)


# --- Task 3: when does it stop? ---


def _early_stopping_cases(seed: int) -> Cases:
    random = np.random.default_rng(seed)

    def turns(falling: int, rising: int) -> list[float]:
        """Draw a curve that falls with every epoch, then rises with every one."""
        down = 1.4 - np.cumsum(random.uniform(0.05, 0.12, size=falling))
        up = down[-1] + np.cumsum(random.uniform(0.02, 0.08, size=rising))
        return [float(loss) for loss in np.concatenate([down, up]).round(4)]

    start = round(float(random.uniform(0.8, 0.9)), 3)

    def after_a_fall(losses: list[float]) -> list[float]:
        """Put some epochs before a curve in which the loss falls to its first value, by more than any min_delta."""
        steps = np.cumsum(random.uniform(0.05, 0.1, size=int(random.integers(1, 7))))
        return [*(round(float(losses[0] + step), 4) for step in steps[::-1]), *losses]

    falling = int(random.integers(5, 9))
    turning = turns(falling, 8)
    second = [start, start - 0.2, start - 0.1, start - 0.15, start - 0.3, start - 0.1, start, start + 0.1, start + 0.2]
    creeping = [float(value) for value in (start - 0.0078125 * np.arange(14))]
    trembling = [start, start - 0.3, start - 0.1, start - 0.15, start - 0.2, start - 0.25, start - 0.28, start - 0.29]
    plateau = [start, start - 0.25, start - 0.25, start - 0.25, start - 0.25, start - 0.5]
    return [
        ("a curve that turns", (turning, int(random.integers(2, 5)), 0.0)),
        ("a curve that falls to the end", (turns(int(random.integers(7, 14)), 1)[:-1], 2, 0.0)),
        ("losses that end before patience does", (turning[: falling + 2], 5, 0.0)),
        ("a second, lower valley that patience reaches", (after_a_fall(second), 3, 0.0)),
        ("the same valley, and less patience", (after_a_fall(second), 2, 0.0)),
        ("a loss that falls again, but not as low as before", (after_a_fall(trembling), 4, 0.0)),
        ("a loss that stays exactly the same", (after_a_fall(plateau), 3, 0.0)),
        ("a loss that creeps down by less than min_delta at a time", (after_a_fall(creeping), 4, 0.02)),
        ("a patience of 0", (turning, 0, 0.0)),
        ("a loss that rises from the beginning", (turns(1, 7), int(random.integers(2, 7)), 0.01)),
        ("a single epoch", ([start], 3, 0.0)),
    ]


EARLY_STOPPING = FunctionCheck(
    id="week02.early_stopping",
    title="When does it stop?",
    points=3,
    skills=("B8", "B16"),
    cases=_early_stopping_cases,
    reference=solution_of(WEEK, "early_stopping"),
    hints=(
        "Walk through the losses with three variables: the best loss so far, the epoch that it belongs to, "
        "and how many epochs have been waited since.",
        "An improvement is `loss < best - min_delta`, and nothing else: an equal loss is a wait. "
        "The best loss changes only with an improvement, so that many small steps may add up to one.",
        "After adding 1 to what was waited, compare: `if waited >= patience: return epoch, kept_epoch`. "
        "After the loop, `return len(val_losses), kept_epoch`.",
        "`for epoch, loss in enumerate(val_losses[1:], start=2)` begins with the second epoch, "
        "since the first one is the best by definition.",
    ),
)


# --- Task 4: mend a callback ---


def _stop_at_cases(seed: int) -> Cases:
    random = np.random.default_rng(seed)
    epochs = int(random.integers(9, 13))
    rising = (0.5 + 0.4 * np.arange(1, epochs + 1) / epochs).round(4)
    falling = (0.9 - 0.7 * np.arange(1, epochs + 1) / epochs).round(4)
    middle = int(random.integers(3, epochs - 2))

    def logs(*, every: int = 1) -> list[dict[str, float]]:
        """Write the logs of a fit; the validation is run in every `every`-th epoch."""
        found = []
        for epoch, (up, down) in enumerate(zip(rising, falling, strict=True), start=1):
            entry = {"loss": float(down - 0.1), "accuracy": float(up + 0.05)}
            if epoch % every == 0:
                entry |= {"val_loss": float(down), "val_accuracy": float(up)}
            found.append(entry)
        return found

    exact = [{"accuracy": value / 16, "loss": 1 - value / 16} for value in range(1, 15)]
    at, other = (int(random.integers(4, 13)) / 16 for _ in range(2))
    above, below = float(rising[middle] - 0.001), float(falling[middle] + 0.001)
    return [
        ("an accuracy that reaches the target", ("accuracy", above, logs())),
        ("a validation accuracy, while the training accuracy is ahead", ("val_accuracy", above, logs())),
        ("a loss that falls to the target", ("val_loss", below, logs())),
        ("an accuracy of exactly the target", ("accuracy", at, exact)),
        ("a loss of exactly the target", ("loss", other, exact)),
        ("a target that is never reached", ("val_accuracy", 0.99, logs())),
        ("logs that hold the metric in every second epoch only", ("val_accuracy", above, logs(every=2))),
        ("no validation at all", ("val_loss", below, logs(every=100))),
    ]


def _rehearsed(*case: Any) -> Any:
    """Play a case's logs to the reference's callback."""
    return solution_of(WEEK, "rehearse")(solution_of(WEEK, "stop_at"))(*case)


STOP_AT = FunctionCheck(
    id="week02.stop_at",
    title="Mend a callback",
    points=2,
    skills=("T3", "B16"),
    cases=_stop_at_cases,
    reference=_rehearsed,
    hints=(
        "The noise is a KeyError: the name was asked for in an epoch whose logs do not hold it. "
        "`logs.get(monitor)` gives None instead, and then there is nothing to decide.",
        "`self` is the callback, and nobody asks a callback whether to stop. `fit` looks at the model: "
        "`self.model.stop_training = True`.",
        "Reached means `value >= target`, equal included. For a loss, lower is better: `value <= target`; "
        '`monitor.endswith("loss")` tells the two apart, "val_loss" included.',
    ),
)


# --- Task 5: the model ---


def _sources_data(seed: int) -> Split:
    x, _, source = make_wells(TRAIN_WELLS + TEST_WELLS, seed=seed)
    return Split(x[:TRAIN_WELLS], source[:TRAIN_WELLS], x[TRAIN_WELLS:], source[TRAIN_WELLS:])


def _mean_cross_entropy(y_true: Array, y_pred: Array) -> float:
    given = y_pred.astype(np.float64)[np.arange(len(y_true)), y_true.reshape(-1)]
    return float(-np.log(np.clip(given, 1e-7, 1)).mean())


CROSS_ENTROPY_METRIC = Metric("cross-entropy", higher_is_better=False, compute=_mean_cross_entropy)
"""Minus the logarithm of the probability that the true class was given, the mean over all examples.

Labels are integers of shape (n,), predictions probabilities of shape (n, k). A probability below 1e-7 counts as 1e-7.
"""


def _shares(split: Split) -> Array:
    """Answer every well with the shares of the classes."""
    shares = np.bincount(split.y_train, minlength=len(SOURCES)) / len(split.y_train)
    return np.tile(shares, (len(split.x_test), 1))


def _logistic_on_logarithms() -> Baseline:
    """Fit a logistic regression to the logarithms of all columns: it sees every ratio, one at a time."""
    fit = baselines.logistic()

    def predict(split: Split) -> Array:
        logged = replace(split, x_train=np.log(split.x_train + 0.1), x_test=np.log(split.x_test + 0.1))
        return fit.predict(logged)

    return Baseline("logistic regression on logarithms", "simple", predict)


def _network(*units: int, optimizer: Any = "adam", scaled: bool = True, dropout: float = 0.0) -> Callable[[Array], Any]:
    """Return a builder of a dense network; optimizers that are named have Keras's own rates."""

    def build(x_train: Array) -> Any:
        import keras
        from keras import layers

        model = keras.Sequential([keras.Input(shape=x_train.shape[1:])])
        if scaled:
            normalize = layers.Normalization()
            normalize.adapt(x_train)
            model.add(normalize)
        for count in units:
            model.add(layers.Dense(count, activation="relu"))
            if dropout:
                model.add(layers.Dropout(dropout))
        model.add(layers.Dense(len(SOURCES), activation="softmax"))
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


_DENSE = FixedBudget(Output("probabilities", (len(SOURCES),)), epochs=30, builder_sees="train inputs")

SOURCES_MODEL = ModelCheck(
    id="week02.sources_model",
    title="Where does the trouble come from?",
    skills=("B7",),
    data=_sources_data,
    training=OwnTraining(Output("probabilities", (len(SOURCES),)), budget=100, max_parameters=50_000),
    labels=SOURCES,
    ladder=Ladder(CROSS_ENTROPY_METRIC, (1.4, 1.0, 0.72, 0.325, 0.27)),
    baselines=(
        Baseline("shares of the classes", "does not learn", _shares),
        baselines.untrained(_DENSE, _network(64, 64)),
        baselines.logistic(),
        _logistic_on_logarithms(),
        baselines.network("network on raw inputs, 30 epochs", _DENSE, _network(64, 64, scaled=False)),
    ),
    panel=(
        ordinary("two layers of 32, Adam, early stopping with patience 5", stopped_early(_network(32, 32), 5, 300)),
        ordinary("128 and 64, RMSprop, early stopping", stopped_early(_network(128, 64, optimizer="rmsprop"), 5, 300)),
        ordinary("one layer of 64, Adam, early stopping", stopped_early(_network(64), epochs=300)),
        ordinary("two layers of 64, SGD, early stopping", stopped_early(_network(64, 64, optimizer="sgd"), epochs=300)),
        ordinary("two layers of 64, Adam, 40 epochs", fitted(_network(64, 64), 40)),
        ordinary(
            "two layers of 64, dropout 0.3, early stopping", stopped_early(_network(64, 64, dropout=0.3), epochs=300)
        ),
        mistake("no hidden layer, early stopping", stopped_early(_network(optimizer=_adam), epochs=300)),
        mistake(
            "raw inputs, two layers of 64, early stopping", stopped_early(_network(64, 64, scaled=False), epochs=300)
        ),
        mistake("two layers of 64, Adam, 5 epochs", fitted(_network(64, 64), 5)),
        mistake("two layers of 64, Adam, 250 epochs and nothing watched", fitted(_network(64, 64), 250)),
        mistake(
            "128 and 64, Adam, stopped by the training loss",
            stopped_early(_network(128, 64), 10, 300, monitor="loss"),
        ),
        mistake(
            "128 and 64, Adam, patience 200, last weights kept",
            stopped_early(_network(128, 64), 200, 300, restore_best_weights=False),
        ),
    ),
    reference=solution_of(WEEK, "train_model"),
    hints=(
        "Five classes: five units with softmax at the end, and, since the labels are integers, "
        "`sparse_categorical_crossentropy`. Conductivity is near 500 and iron near 0.1, so scaling comes first.",
        "What counts here are honest probabilities. A network that is trained for too long grows surer of its "
        "mistakes: the validation loss shows when that begins, and `validation_split` gives you one.",
        "A source shows in how columns go together, and a layer of softmax alone draws straight borders: put a hidden "
        'layer or two with `activation="relu"` before it.',
        "`EarlyStopping` watches `val_loss` unless told otherwise. Give it some patience, enough epochs to find the "
        "valley, and have it put the best weights back.",
    ),
    advice=(
        Advice(
            "Values in the hundreds reach the first Dense layer and drown the small columns. Put a "
            "`layers.Normalization()` before it, adapted to x_train.",
            rungs=(0, 1, 2, 3, 4),
            when=unscaled,
        ),
        Advice(
            "Your network has no hidden layer, and so its borders are straight; a source shows in how columns go "
            'together. Put a Dense layer with activation="relu" before the last one.',
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
            "Your model is far better on the wells that it learned from: it has grown sure of them, and of its "
            "mistakes as well. Its validation loss had turned before training ended: were the best weights put back?",
            rungs=(0, 1, 2, 3, 4),
            when=both(overfits, past_its_best),
        ),
        Advice(
            "Your model is far better on the wells that it learned from: it has grown sure of them, and of its "
            "mistakes as well. Hold some wells back, draw the loss on them, and stop where it turns.",
            rungs=(0, 1, 2, 3, 4),
            when=overfits,
        ),
        Advice(
            "It was still learning when you stopped: the loss falls to the last epoch. Allow it more of them, and let "
            "the validation loss say when it is enough.",
            rungs=(0, 1, 2, 3, 4),
            when=still_learning,
        ),
        Advice(
            "This is hardly better than answering every well with the shares of the classes. Is the loss "
            "sparse_categorical_crossentropy, has the last layer five units with softmax, and is the learning rate "
            "near 0.001?",
            rungs=(0, 1),
        ),
        Advice(
            "Less than what one straight border for each class can do. Was it trained for long enough? Draw the loss "
            "on wells that you hold back, and see whether it is still falling at the end.",
            rungs=(2,),
        ),
        Advice(
            "About what straight borders can do, or a network that stopped too soon or too late. Two curves tell "
            "which: the loss on the wells that it learns from, and on those that you hold back.",
            rungs=(3,),
        ),
        Advice(
            "Very good. What is left to gain: another size, some more patience, or training once more on all wells for "
            "as many epochs as proved best.",
            rungs=(4,),
        ),
        Advice(
            "What is left are mostly faint troubles that look like none, to a chemist as well. "
            "How few units reach this rung? And what do logarithms of the inputs change?",
            rungs=(5,),
        ),
    ),
)

CHECKS = (CROSS_ENTROPY, COUNT_OUTCOMES, EARLY_STOPPING, STOP_AT, SOURCES_MODEL)
