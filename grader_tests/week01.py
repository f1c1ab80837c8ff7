"""The checks of week 1: a table from disk, its preparation, a network by hand, a shape error, a model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from tfcourse.checks import (
    Advice,
    Baseline,
    FixedBudget,
    FunctionCheck,
    Ladder,
    ModelCheck,
    Output,
    Split,
    Task,
    baselines,
    mean_absolute_error,
    mistake,
    ordinary,
    rival,
    solution_of,
)
from tfcourse.checks.diagnosis import (
    Diagnosis,
    both,
    has,
    lacks,
    no_hidden_layer,
    not_learning,
    range_within,
    still_learning,
    unscaled,
)
from tfcourse.datasets.household_energy import (
    COLUMNS,
    FEATURES,
    TARGET,
    household_energy_csv,
    make_household_energy,
)

WEEK = "week01"
TRAIN_HOUSES = 2_000
TEST_HOUSES = 4_000
HOURS = 24

Array = np.ndarray[Any, Any]
Cases = Sequence[tuple[str, tuple[Any, ...]]]


# --- Task 1: read a table ---


def _read_table_cases(seed: int) -> Cases:
    random = np.random.default_rng(seed)
    seeds = [int(s) for s in random.integers(2**60, size=6)]
    shuffled = [COLUMNS[i] for i in random.permutation(len(COLUMNS))]
    return [
        ("a file without gaps", (household_energy_csv(12, seed=seeds[0], gaps=0),)),
        ("gaps among the features", (_csv_with_gaps(25, seeds[1], FEATURES),)),
        ("gaps in the electricity column", (_csv_with_gaps(25, seeds[2], (TARGET,)),)),
        ("columns in another order", (_csv_with_gaps(20, seeds[3], COLUMNS[1:], columns=shuffled),)),
        ("gaps that hold spaces", (_csv_with_gaps(20, seeds[4], COLUMNS[1:], blank="  "),)),
        ("a single row", (household_energy_csv(1, seed=seeds[5], gaps=0),)),
    ]


def _csv_with_gaps(n: int, seed: int, gaps_in: Sequence[str], **more: Any) -> str:
    """Return a table in which every column of `gaps_in` has a gap, and not every row has one."""
    for attempt in range(1_000):
        text = household_energy_csv(n, seed=seed + attempt, gaps=0.2, gaps_in=gaps_in, **more)
        x, y = solution_of(WEEK, "read_table")(text)
        wanted = [column in gaps_in for column in FEATURES]
        if len(y) >= 2 and (len(y) < n) == (TARGET in gaps_in) and list(np.isnan(x).any(axis=0)) == wanted:
            return text
    raise AssertionError("no table with gaps in every column")


READ_TABLE = FunctionCheck(
    id="week01.read_table",
    title="Read a table",
    points=2,
    skills=("T1", "B18"),
    cases=_read_table_cases,
    reference=solution_of(WEEK, "read_table"),
    hints=(
        "`csv.DictReader(io.StringIO(text))` gives one dictionary for each row, with the header's names as keys. "
        "It also knows that a comma between quotation marks separates nothing.",
        "Write a helper `number(cell)` that returns `float(cell)`, or `np.nan` where the cell holds nothing. "
        '`cell.strip()` is "", and so false, for an empty cell and for one that holds only spaces.',
        "Collect first the rows whose electricity is there: "
        "`rows = [row for row in csv.DictReader(io.StringIO(text)) if row[TARGET].strip()]`. "
        "Then `x = np.array([[number(row[name]) for name in FEATURES] for row in rows])`, and `y` in the same way.",
    ),
)


# --- Task 2: fill gaps and standardise ---


def _prepare_cases(seed: int) -> Cases:
    random = np.random.default_rng(seed)
    houses = make_household_energy(700, seed=seed)[0].astype(np.float64)
    train, test, other = houses[:60], houses[60:90], houses[90:]
    frost = other[other[:, 0] < 4][:25]
    in_four = train[:40].copy()
    in_four[:, 4] = 4
    whole = houses[200:240].astype(int)
    return [
        ("no gaps, a test set from colder days", (train, frost)),
        ("gaps in both tables", (_with_gaps(train, random), _with_gaps(test, random))),
        ("the training set itself as the test set", (train, train)),
        ("a test set of a single house", (_with_gaps(train, random), test[:1])),
        ("a column that is the same in every training house", (in_four, test)),
        ("tables of whole numbers", (whole[:30], whole[30:])),
    ]


def _with_gaps(x: Array, random: np.random.Generator) -> Array:
    """Return a copy with gaps in every column, away from the first row."""
    x = x.copy()
    for column in range(x.shape[1]):
        x[random.choice(np.arange(1, len(x)), size=len(x) // 8, replace=False), column] = np.nan
    return x


PREPARE = FunctionCheck(
    id="week01.prepare",
    title="Fill gaps and standardise",
    points=3,
    skills=("B3",),
    cases=_prepare_cases,
    reference=solution_of(WEEK, "prepare"),
    hints=(
        "Everything that you measure (median, mean, standard deviation) is measured on the training table, "
        "and the same numbers are used on both tables. The test table might be a single house.",
        "`np.nanmedian(x_train, axis=0)` skips gaps; `np.where(np.isnan(x), median, x)` fills them in a new array. "
        "Take mean and standard deviation from the filled training table.",
        "A column that never changes has a standard deviation of 0. "
        "Before you divide: `sd = np.where(sd == 0, 1, sd)`.",
    ),
)


# --- Task 3: a network by hand ---


def _predict_by_hand_cases(seed: int) -> Cases:
    random = np.random.default_rng(seed)

    def case(houses: int, sizes: Sequence[int], *, positive: bool = False) -> tuple[Array, list[Array]]:
        """Draw inputs and weights; predictions lie on both sides of 0, or all above it."""
        x = random.normal(size=(houses, sizes[0]))
        weights: list[Array] = []
        for before, after in pairwise(sizes):
            weights += [random.normal(0, 1 / np.sqrt(before), size=(before, after)), random.normal(0, 0.3, size=after)]
        z = solution_of(WEEK, "predict_by_hand")(x, weights)
        weights[-1] = weights[-1] + (1 - z.min(axis=0) if positive else -np.median(z, axis=0))
        return x, weights

    below_zero, weights = case(2, (5, 6, 1))
    low = int(np.argmin(solution_of(WEEK, "predict_by_hand")(below_zero, weights)))
    return [
        ("one neuron", case(8, (5, 1), positive=True)),
        ("one neuron whose predictions are partly below 0", case(8, (3, 1))),
        ("one hidden layer", case(10, (5, 8, 1), positive=True)),
        ("two hidden layers", case(10, (5, 8, 4, 1))),
        ("four hidden layers and three outputs", case(12, (4, 8, 8, 8, 8, 3))),
        ("a single house of shape (5,)", (below_zero[low], weights)),
    ]


PREDICT_BY_HAND = FunctionCheck(
    id="week01.predict_by_hand",
    title="A network by hand",
    points=2,
    skills=("B4", "B5", "B12"),
    cases=_predict_by_hand_cases,
    reference=solution_of(WEEK, "predict_by_hand"),
    hints=(
        "One layer is `x @ w + b`. "
        "Its result is the input of the next layer, so one variable can walk through the network.",
        "`weights[0::2]` are the matrices and `weights[1::2]` the biases; `zip` pairs them up. "
        "`np.maximum(x, 0)` is ReLU, and the last layer has none.",
        "Begin with `x = np.atleast_2d(x)`: a single house of shape (5,) becomes a batch of one, shape (1, 5). "
        "In the loop, apply ReLU only `if layer < last`, with `last = len(weights) // 2 - 1`.",
    ),
)


# --- Task 4: a shape error ---


def _shape_error_cases(seed: int) -> Cases:
    random = np.random.default_rng(seed)

    def table(houses: int, features: int, *outputs: int) -> tuple[Array, Array]:
        x, y = random.normal(size=(houses, features)), random.normal(size=(houses, *outputs))
        return x.astype(np.float32), y.astype(np.float32)

    def between(low: int, high: int) -> int:
        return int(random.integers(low, high + 1))

    return [
        ("several features, y of shape (n,)", table(between(33, 60), between(5, 30))),
        ("y of shape (n, 1)", table(between(33, 60), between(5, 30), 1)),
        ("several outputs for each house", table(between(33, 60), between(5, 30), between(2, 9))),
        ("a single feature and fewer houses than hidden units", table(between(2, 3), 1)),
    ]


SHAPE_ERROR = FunctionCheck(
    id="week01.shape_error",
    title="Mend a shape error",
    points=2,
    skills=("T3", "B12", "B2"),
    cases=_shape_error_cases,
    reference=solution_of(WEEK, "mended"),
    hints=(
        "Three places are wrong, and each shows itself only when the one before is mended. "
        "Compare what the message expected with what it found: in both, the first number counts houses.",
        "`keras.Input(shape=…)` describes one house, without the batch: `x.shape[1:]`. "
        "The last layer needs as many units as one house has targets, however many houses there are.",
        "`x[0]` has shape (features,), but a model wants a batch: `x[:1]` has shape (1, features). "
        "The last layer's units: `1 if y.ndim == 1 else y.shape[1]`.",
    ),
)


# --- Task 5: the model ---


def _energy_data(seed: int) -> Split:
    x, kilowatt_hours = make_household_energy(TRAIN_HOUSES + TEST_HOUSES, seed=seed)
    y = kilowatt_hours / HOURS  # mean power in kW
    return Split(x[:TRAIN_HOUSES], y[:TRAIN_HOUSES], x[TRAIN_HOUSES:], y[TRAIN_HOUSES:])


def _line_on_temperature() -> Baseline:
    def predict(split: Split) -> Array:
        line = np.polyfit(split.x_train[:, 0], split.y_train, deg=1)
        return np.asarray(np.polyval(line, split.x_test[:, :1]))

    return Baseline("line on temperature", "simple", predict)


def _network(
    *units: int,
    loss: str = "mse",
    optimizer: Any = "adam",
    scaled_by: str = "Normalization",
    activation: str | None = "relu",
    dropout: float = 0.0,
) -> Callable[[Array], Any]:
    """Return a builder of a dense network; optimizers that are named have Keras's own rates."""

    def build_model(x_train: Array) -> Any:
        import keras
        from keras import layers

        model = keras.Sequential([keras.Input(shape=x_train.shape[1:])])
        if scaled_by == "Normalization":
            normalize = layers.Normalization()
            normalize.adapt(x_train)
            model.add(normalize)
        elif scaled_by == "BatchNormalization":
            model.add(layers.BatchNormalization())
        for count in units:
            model.add(layers.Dense(count, activation=activation))
            if dropout:
                model.add(layers.Dropout(dropout))
        model.add(layers.Dense(1))
        model.compile(optimizer=optimizer() if callable(optimizer) else optimizer, loss=loss)
        return model

    return build_model


def _adam(rate: float) -> Callable[[], Any]:
    def make() -> Any:
        import keras

        return keras.optimizers.Adam(rate)

    return make


def _falling_rate() -> Any:
    """Return the optimizer that does best on raw inputs: Nadam whose rate falls to nothing in the end."""
    import keras

    steps = _TRAINING.epochs * -(-TRAIN_HOUSES // _TRAINING.batch_size)
    return keras.optimizers.Nadam(keras.optimizers.schedules.CosineDecay(0.005, steps))


_TRAINING = FixedBudget(
    Output("value", (1,)), epochs=100, batch_size=32, max_parameters=20_000, builder_sees="train inputs"
)

ENERGY_MODEL = ModelCheck(
    id="week01.energy_model",
    title="Predict a day's electricity",
    skills=("B1", "B2", "B3", "B5", "B12"),
    data=_energy_data,
    training=_TRAINING,
    ladder=Ladder(mean_absolute_error, (0.58, 0.48, 0.36, 0.165, 0.105)),
    baselines=(
        baselines.mean(),
        baselines.untrained(_TRAINING, solution_of(WEEK, "build_model")),
        _line_on_temperature(),
        baselines.linear(),
        baselines.network("network on raw inputs", _TRAINING, _network(64, 64, loss="mae", scaled_by="nothing")),
    ),
    panel=(
        ordinary("two layers of 64, mse, Adam", _network(64, 64)),
        ordinary("two layers of 16, mae, Adam: the lesson's network", _network(16, 16, loss="mae")),
        ordinary("one layer of 64, mse, RMSprop", _network(64, optimizer="rmsprop")),
        ordinary("one layer of 32, mse, SGD", _network(32, optimizer="sgd")),
        ordinary("64, 64 and 32, Huber, Adam, dropout 0.2", _network(64, 64, 32, loss="huber", dropout=0.2)),
        ordinary(
            "BatchNormalization first, two layers of 64, SGD",
            _network(64, 64, optimizer="sgd", scaled_by="BatchNormalization"),
        ),
        rival("raw inputs, two layers of 64, mse, Adam", _network(64, 64, scaled_by="nothing"), "B3"),
        rival(
            "raw inputs, three layers of 64 with ELU, Huber, Nadam and a falling rate",
            _network(64, 64, 64, loss="huber", optimizer=_falling_rate, scaled_by="nothing", activation="elu"),
            "B3",
        ),
        rival("no hidden layer, mae, Adam(0.01)", _network(loss="mae", optimizer=_adam(0.01)), "B5"),
        mistake("hidden layers without activation", _network(64, 64, activation=None)),
    ),
    reference=solution_of(WEEK, "build_model"),
    hints=(
        "Two things decide here: the model scales its inputs, and it has at least one hidden layer with ReLU.",
        "After `keras.Input(shape=x_train.shape[1:])` comes a `layers.Normalization()` "
        "that has seen the training inputs: `normalize.adapt(x_train)`. "
        "Then hidden layers, then `Dense(1)` without an activation.",
        "Cold costs more in a large old house: that is a product of columns, and a second hidden layer makes it easier "
        'to build. `"adam"` as it comes is a fair choice, and so is `"mae"`, which you are judged by.',
    ),
    advice=(
        Advice(
            "Values far from 1 reach the first layer that learns, and the largest of them, the years, drown the other "
            "columns. Put a `layers.Normalization()` before it, adapted to x_train.",
            rungs=(0, 1, 2, 3, 4),
            when=unscaled,
        ),
        Advice(
            "Your network has no hidden layer, and so it is a plane: electricity falls, lies flat and rises again, and "
            'no plane does that. Put a Dense layer with activation="relu" before the last one.',
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
            "Does every column vary by about as much as the others? One factor for all of them leaves people and "
            "degrees small beside years; `layers.Normalization()`, adapted to x_train, scales each by itself.",
            rungs=(0, 1, 2, 3),
            when=both(lacks("Normalization", "BatchNormalization"), range_within(-0.5, 20.0)),
        ),
        Advice(
            "The loss was still falling after 100 epochs: your steps are small for what is to be learned. "
            "Adam in place of SGD, or a learning rate a few times as large, gets there sooner.",
            rungs=(0, 1, 2, 3, 4),
            when=still_learning,
        ),
        Advice(
            "Two thousand houses leave a network of this size little to learn by heart, and dropout costs more here "
            "than it saves: try it without.",
            rungs=(3, 4),
            when=has("Dropout"),
        ),
        Advice(
            "This is no better than always answering the mean. Has the last layer one unit and no activation, are the "
            "inputs scaled only once, and is the learning rate near 0.001?",
            rungs=(0,),
        ),
        Advice(
            "You have about what a line through temperature alone can do. Does the model see all five columns, and has "
            'each hidden layer activation="relu"?',
            rungs=(1,),
        ),
        Advice(
            "You have about what a plane can do: electricity falls, lies flat and rises again, and no plane does that. "
            'Dense layers without an activation add up to a plane: give the hidden ones activation="relu".',
            rungs=(2,),
        ),
        Advice(
            "Your model bends, and it has few hinges to bend with, or a rate that makes it tremble. "
            "Two hidden layers of 16 units or more, and Adam as it comes, get further.",
            rungs=(3,),
        ),
        Advice(
            "Very good. What may still gain something: more units, a second hidden layer, or the loss "
            '"mae", which is what you are judged by. Try one of them at a time.',
            rungs=(4,),
        ),
        Advice(
            "About 0.055 kW of what is left is noise that no model can predict. How few units reach this rung?",
            rungs=(5,),
        ),
    ),
)

CHECKS = (READ_TABLE, PREPARE, PREDICT_BY_HAND, SHAPE_ERROR, ENERGY_MODEL)
