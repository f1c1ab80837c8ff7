"""The checks of week 3: a table of three formats, splits by name, batches from a folder, a model of raw rows."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tfcourse.checks import (
    Advice,
    Baseline,
    FixedBudget,
    Folder,
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
from tfcourse.checks.diagnosis import Diagnosis, not_learning, overfits, still_learning, unscaled
from tfcourse.datasets.bakery import (
    BRANCHES,
    branch_rows,
    json_lines,
    make_rolls,
    make_sales,
    make_trays,
    semicolon_csv,
    text_report,
)

WEEK = "week03"
TRAIN_ROWS = 4_000
TEST_ROWS = 2_000

Array = np.ndarray[Any, Any]
Cases = Sequence[tuple[str, tuple[Any, ...]]]
Rows = list[dict[str, Any]]


# --- Task 1: one table of three formats ---


def _branches(days: int, seed: int) -> tuple[Rows, Rows, Rows]:
    """Return the days of three branches without gaps."""
    first = datetime.date(2023, 1, 1) + datetime.timedelta(seed % 600)
    sales = make_sales(days, seed=seed, first=first)
    station, market, harbour = (
        branch_rows(sales, name, seed=seed, gaps=0) for name in ("Central Station", "Market Square", "Harbour")
    )
    return station, market, harbour


def _folder(station: Rows, market: Rows, harbour: Rows) -> Folder:
    reports = {f"harbour/{n:03}.txt": text_report(row).encode() for n, row in enumerate(harbour, start=1)}
    texts = {"station.csv": semicolon_csv(station).encode(), "market.jsonl": json_lines(market).encode()}
    return Folder(texts | reports)


def _scaled(rows: Rows, factor: float) -> Rows:
    return [{**row, "takings": round(row["takings"] * factor, 2)} for row in rows]


def _read_takings_cases(seed: int) -> Cases:
    random = np.random.default_rng(seed)
    seeds = [int(s) for s in random.integers(2**40, size=9)]

    def between(rows: Rows, how_many: int) -> list[int]:
        """Choose days that are neither the first nor the last."""
        return sorted(int(i) for i in random.choice(np.arange(1, len(rows) - 1), size=how_many, replace=False))

    def no_takings(rows: Rows) -> Rows:
        chosen = between(rows, 3)
        return [{**row, "rolls": None, "takings": None} if i in chosen else row for i, row in enumerate(rows)]

    def without_days(rows: Rows) -> Rows:
        chosen = between(rows, 3)
        return [row for i, row in enumerate(rows) if i not in chosen]

    def shuffled(rows: Rows) -> Rows:
        return [rows[i] for i in random.permutation(len(rows))]

    def corrected(rows: Rows) -> Rows:
        return rows + [{**rows[i], "takings": round(rows[i]["takings"] + 111.11, 2)} for i in between(rows, 2)]

    def each(change: Callable[[Rows], Rows], days: int, seed: int) -> Folder:
        station, market, harbour = _branches(days, seed)
        return _folder(change(station), change(market), change(harbour))

    early, late, longest = (_branches(16, seeds[5])[branch] for branch in range(3))
    return [
        ("two weeks, small amounts", (each(lambda rows: _scaled(rows, 0.2), 14, seeds[0]),)),
        ("amounts above a thousand", (each(lambda rows: _scaled(rows, 5), 12, seeds[1]),)),
        ("tills that were out of order", (each(no_takings, 14, seeds[2]),)),
        ("days that a branch did not report", (each(without_days, 15, seeds[3]),)),
        ("days in any order", (each(shuffled, 12, seeds[4]),)),
        ("branches that report different weeks", (_folder(early[:9], late[4:], longest[6:12]),)),
        ("days that were sent twice", (each(corrected, 12, seeds[6]),)),
        ("a day that nobody reported", (each(lambda rows: rows[:5] + rows[6:], 11, seeds[7]),)),
    ]


READ_TAKINGS = FunctionCheck(
    id="week03.read_takings",
    title="One table of three formats",
    points=3,
    skills=("B17", "B18"),
    cases=_read_takings_cases,
    reference=solution_of(WEEK, "read_takings"),
    hints=(
        "Read each branch into a dictionary from day to takings. A day that comes twice then overwrites itself, "
        "and the order of lines no longer matters. Only at the end make an array.",
        '`csv.DictReader(file, delimiter=";")` reads the station, `json.loads(line)` each line of the market. '
        "For the amount `1.087,40`, take the points away first, then make the comma a point.",
        '`datetime.datetime.strptime("04.03.2024", "%d.%m.%Y").date()` reads a date; for the reports it is "%d %B %Y". '
        'Where the text has no "took … euros", the takings are `np.nan`. Sort the reports by name.',
        "With `first` and `last` from all three dictionaries: `np.full(((last - first).days + 1, 3), np.nan)`, "
        "then `takings[(day - first).days, column] = amount`.",
    ),
)


# --- Task 2: splits by name ---


def _take_split_cases(seed: int) -> Cases:
    random = np.random.default_rng(seed)

    def arrays(train: int, test: int, *shape: int) -> dict[str, Array]:
        return {"train": random.normal(size=(train, *shape)), "test": random.normal(size=(test, *shape))}

    def some(*choices: int) -> int:
        return int(random.choice(choices))

    return [
        ("a whole split", ("test", arrays(20, some(7, 8, 9)))),
        ("examples by number", (f"train[{some(3, 5)}:{some(11, 14)}]", arrays(20, 5, 3))),
        ("the last examples by number", (f"train[-{some(3, 6)}:]", arrays(20, 5))),
        ("all but the last examples", (f"test[:-{some(2, 4)}]", arrays(20, 12, 2))),
        ("per cent that come out even", (f"train[:{some(20, 40, 60)}%]", arrays(50, 10))),
        # 27.75; further down, edges that int() would cut off as well
        ("per cent that are rounded up", ("train[:75%]", arrays(37, 10, 2))),
        ("per cent that are rounded, at both ends", ("train[35%:85%]", arrays(some(33, 53, 73), 10))),
        ("the last per cent", ("train[-10%:]", arrays(some(37, 47, 57), 10, 4))),
        ("two slices that leave a validation part out", ("train[:20%]+train[40%:]", arrays(some(42, 47, 52), 10))),
        ("slices of two splits, spaces around the +", ("test[2:] + train[-4:] + test[:2]", arrays(19, 11, 2))),
    ]


TAKE_SPLIT = FunctionCheck(
    id="week03.take_split",
    title="Splits by name",
    points=2,
    skills=("B19",),
    cases=_take_split_cases,
    reference=solution_of(WEEK, "take_split"),
    hints=(
        '`split.split("+")` gives the parts; `.strip()` takes spaces away. Work out each part by itself, '
        "collect the arrays in a list, and join them with `np.concatenate`.",
        'A part is a name, or a name with brackets: `name, _, inside = part.rstrip("]").partition("[")`. '
        'What is inside is two edges around a colon, and either may be empty: "[:75%]".',
        "Write a helper for one edge: None where the text is empty, `round(size * int(text[:-1]) / 100)` where it ends "
        "with %, otherwise `int(text)`. Python's own slices do the rest, negative numbers included.",
    ),
)


# --- Task 3: batches from a folder ---

_HEADER = "weekday,temperature,rain,takings_last_week,rolls\n"


def _lines(n: int, seed: int, *, gaps: float = 0.0, no_rolls: Sequence[int] = ()) -> str:
    """Return a CSV file of `n` rows; those whose numbers are in `no_rolls` lack their target."""
    x, y = make_rolls(max(n, 1), seed=seed, gaps=gaps)
    lines = [
        ",".join("" if np.isnan(value) else f"{value:g}" for value in (row[1], *row[3:]))
        + ","
        + ("" if number in no_rolls else f"{rolls:.0f}")
        for number, (row, rolls) in enumerate(zip(x[:n], y[:n], strict=True))
    ]
    return _HEADER + "".join(line + "\n" for line in lines)


def _batches_from_cases(seed: int) -> Cases:
    random = np.random.default_rng(seed)
    seeds = [int(s) for s in random.integers(2**40, size=16)]

    def folder(**texts: str) -> Folder:
        return Folder({name.replace("_csv", ".csv").replace("_txt", ".txt"): t.encode() for name, t in texts.items()})

    letters = [str(letter) for letter in random.permutation(list("abcdefgh"))]
    several = {f"{letter}_csv": _lines(3, seed) for letter, seed in zip(letters, seeds[8:], strict=True)}
    return [
        ("one file that fills its batches", (folder(harbour_csv=_lines(12, seeds[0])), 4)),
        ("a last batch that is smaller", (folder(harbour_csv=_lines(11, seeds[1])), 4)),
        ("empty cells among the features", (folder(zoo_csv=_lines(15, seeds[2], gaps=0.5)), 5)),
        ("two files, a batch across both", (folder(a_csv=_lines(7, seeds[3]), b_csv=_lines(6, seeds[4])), 5)),
        ("eight files, to be read in the order of their names", (folder(**several), 6)),
        ("rows without rolls", (folder(mall_csv=_lines(14, seeds[5], no_rolls=(0, 3, 4, 9))), 4)),
        (
            "a file that is no table, beside one that is",
            (folder(notes_txt="weekday,what\n1,2\n", zoo_csv=_lines(5, seeds[6])), 3),
        ),
        (
            "a file with a header and nothing else",
            (folder(a_csv=_lines(3, seeds[7]), b_csv=_HEADER, c_csv=_lines(4, seeds[5])), 8),
        ),
    ]


BATCHES_FROM = FunctionCheck(
    id="week03.batches_from",
    title="Batches from a folder",
    points=3,
    skills=("B15", "B18", "B19"),
    cases=_batches_from_cases,
    reference=solution_of(WEEK, "batches_from"),
    hints=(
        "Four steps in this order: lines of all files without their headers, `map` to turn a line into (x, y), "
        "`filter` for rows with rolls, `batch` last. Print a few elements after each step.",
        "The paths: `sorted(str(path) for path in folder.glob('*.csv'))`. "
        "(`tf.data.Dataset.list_files` shuffles them unless told `shuffle=False`.) Every file has a header, so "
        "`skip(1)` belongs to the single file: `.flat_map(lambda path: tf.data.TextLineDataset(path).skip(1))`.",
        "`*features, rolls = tf.io.decode_csv(line, record_defaults=[float('nan')] * 5)` gives five float32 scalars, "
        "nan for what is empty. `tf.stack(features)` makes one x of them.",
        "`.filter(lambda x, rolls: ~tf.math.is_nan(rolls))` keeps the rows with a target; "
        "then `.batch(batch_size)`, without `drop_remainder`.",
    ),
)


# --- Task 4: the model ---


def _rolls_data(seed: int) -> Split:
    x, y = make_trays(TRAIN_ROWS + TEST_ROWS, seed=seed)
    return Split(x[:TRAIN_ROWS], y[:TRAIN_ROWS], x[TRAIN_ROWS:], y[TRAIN_ROWS:])


def _share_of_takings() -> Baseline:
    """Answer last week's takings times the usual share, and the mean where there are none."""

    def predict(split: Split) -> Array:
        x, y, x_test = split.x_train, split.y_train, split.x_test
        known = ~np.isnan(x[:, 5])
        share = y[known].sum() / x[known, 5].sum()
        return np.where(np.isnan(x_test[:, 5]), y.mean(), share * x_test[:, 5])[:, None]

    return Baseline("share of last week's takings", "simple", predict)


def _one_hot_line() -> Baseline:
    """Least squares on one column for each branch, weekday and kind of day, gaps filled by the mean and flagged."""

    def columns(x: Array, mean: Array) -> Array:
        one_hot = [np.eye(size)[x[:, column].astype(int)] for column, size in enumerate((16, 7, 4))]
        gaps = np.isnan(x[:, 3:])
        return np.concatenate([*one_hot, np.where(gaps, mean, x[:, 3:]), gaps], axis=1)

    def predict(split: Split) -> Array:
        x, y, x_test = split.x_train, split.y_train, split.x_test
        mean = np.nanmean(x[:, 3:], axis=0)
        weights, *_ = np.linalg.lstsq(columns(x, mean), y, rcond=None)
        return np.asarray(columns(x_test, mean) @ weights)[:, None]

    return Baseline("linear regression on one-hot columns", "simple", predict)


def _network(
    *units: int,
    loss: str = "mse",
    optimizer: Any = "adam",
    names: str = "one-hot",
    gaps: str = "filled and flagged",
    scaled: bool = True,
    dropout: float = 0.0,
) -> Callable[[Array], Any]:
    """Return a builder of a dense network; optimizers that are named have Keras's own rates.

    Args:
        units: Of the hidden layers.
        loss: As in `compile`.
        optimizer: A name, or a function that makes one.
        names: ``one-hot``, ``embedded`` (the branch; the others one-hot), ``amounts`` (scaled like numbers),
            ``branch an amount`` (the others one-hot), ``left out``.
        gaps: ``filled and flagged``, ``median`` (and no flags).
        scaled: Whether the numbers are.
        dropout: After each hidden layer.
    """

    def build_model(x_train: Array) -> Any:
        import keras
        from keras import layers, ops

        inputs = keras.Input(shape=(6,))
        low = 0 if names == "amounts" else 3
        known = x_train[:, low:]
        middle = np.nanmedian(known, axis=0) if gaps == "median" else np.nanmean(known, axis=0)
        mean, sd = (np.nanmean(known, axis=0), np.nanstd(known, axis=0)) if scaled else (0.0, 1.0)
        missing = ops.isnan(inputs[:, low:])
        parts = [(ops.where(missing, middle, inputs[:, low:]) - mean) / sd]
        if gaps == "filled and flagged":
            parts.append(ops.cast(missing, "float32"))
        for column, size in enumerate((16, 7, 4)):
            category = inputs[:, column]
            if column == 0 and names == "embedded":
                parts.append(layers.Embedding(size, 8)(category))
            elif column == 0 and names == "branch an amount":
                parts.append((category[:, None] - 7.5) / 4.6)
            elif names not in ("amounts", "left out"):
                parts.append(layers.CategoryEncoding(size, output_mode="one_hot")(category))
        x = layers.Concatenate()(parts)
        for count in units:
            x = layers.Dense(count, activation="relu")(x)
            if dropout:
                x = layers.Dropout(dropout)(x)
        model = keras.Model(inputs, layers.Dense(1)(x))
        model.compile(optimizer=optimizer() if callable(optimizer) else optimizer, loss=loss)
        return model

    return build_model


def _adam() -> Any:
    import keras

    return keras.optimizers.Adam(0.003)


def _no_columns_of_names(found: Diagnosis) -> bool:
    """Tell whether no layer turns a number that is a name into columns. What keras.ops does is not seen."""
    makers = ("CategoryEncoding", "Embedding", "IntegerLookup", "StringLookup", "Hash", "Discretization")
    return not any(layer.startswith(makers) for layer in found.facts.layers)


_TRAINING = FixedBudget(
    Output("value", (1,)), epochs=80, batch_size=32, max_parameters=50_000, builder_sees="train inputs"
)

ROLLS_MODEL = ModelCheck(
    id="week03.rolls_model",
    title="How many trays tomorrow?",
    skills=("B3",),
    data=_rolls_data,
    training=_TRAINING,
    ladder=Ladder(mean_absolute_error, (1.5, 1.2, 0.95, 0.66, 0.56)),
    baselines=(
        baselines.mean(),
        baselines.untrained(_TRAINING, solution_of(WEEK, "build_model")),
        _share_of_takings(),
        _one_hot_line(),
        baselines.network("network on numbers as they are", _TRAINING, _network(64, 64, loss="mae", names="amounts")),
    ),
    panel=(
        ordinary("one-hot and flags, two layers of 64, mse, Adam", _network(64, 64)),
        ordinary("one layer of 32, mae, Adam", _network(32, loss="mae")),
        ordinary("one layer of 64, mse, SGD", _network(64, optimizer="sgd")),
        ordinary("branch embedded, 64 and 32, mse, RMSprop", _network(64, 32, optimizer="rmsprop", names="embedded")),
        ordinary(
            "gaps filled with the median, no flags, 64, mae, RMSprop",
            _network(64, loss="mae", optimizer="rmsprop", gaps="median"),
        ),
        ordinary("128 and 64, dropout 0.3, Huber, Adam", _network(128, 64, loss="huber", dropout=0.3)),
        rival(
            "names as amounts, 128, 128 and 64, mae, Adam(0.003)",
            _network(128, 128, 64, loss="mae", optimizer=_adam, names="amounts"),
            "B3",
        ),
        rival(
            "names as amounts, two layers of 64, mse, RMSprop",
            _network(64, 64, optimizer="rmsprop", names="amounts"),
            "B3",
        ),
        mistake("the branch as an amount, the others one-hot", _network(64, 64, names="branch an amount")),
        mistake("names left out", _network(64, 64, names="left out")),
        rival("one-hot and flags, numbers not scaled, mse, Adam", _network(64, 64, scaled=False), "B3"),
        rival(
            "one-hot and flags, numbers not scaled, mae, Adam(0.003)",
            _network(64, 64, loss="mae", optimizer=_adam, scaled=False),
            "B3",
        ),
        mistake("one-hot and flags, no hidden layer", _network(loss="mae", optimizer=_adam)),
    ),
    reference=solution_of(WEEK, "build_model"),
    hints=(
        "Two things decide here: no gap may reach a Dense layer, and branch, weekday and kind of day are names rather "
        "than amounts. A hidden layer then combines them.",
        "Measure mean and standard deviation of the three number columns without their gaps: "
        "`np.nanmean(x_train[:, 3:], axis=0)`, `np.nanstd(…)`. Inside the model, "
        "`gaps = keras.ops.isnan(inputs[:, 3:])` finds the gaps and "
        "`keras.ops.where(gaps, 0.0, (inputs[:, 3:] - mean) / sd)` fills them.",
        '`layers.CategoryEncoding(num_tokens=16, output_mode="one_hot")(inputs[:, 0])` makes sixteen columns of the '
        "branch; 7 and 4 do the same for weekday and kind of day. `layers.Concatenate()` joins all of them with the "
        "numbers and with `keras.ops.cast(gaps, 'float32')`.",
        "What a branch sells on a day of rain depends on the branch: that takes a hidden layer with ReLU behind the "
        "columns. `keras.Model(inputs, outputs)` makes the model, compiled like any other.",
    ),
    advice=(
        Advice(
            "Numbers far from 1 reach the first layer that learns, takings in cents above all: beside tens of "
            "thousands nothing else counts. Subtract the mean and divide by the standard deviation, both taken without "
            "the gaps.",
            rungs=(0, 1, 2, 3, 4),
            when=unscaled,
        ),
        Advice(
            "No layer of your model makes columns of a number that is a name. Unless keras.ops does, branch 7 counts "
            "as seven times branch 1: layers.CategoryEncoding makes one-hot columns of branch, weekday and kind of "
            "day.",
            rungs=(0, 1, 2, 3),
            when=_no_columns_of_names,
        ),
        Advice(
            "The loss hardly moved. Is the learning rate far too small, or so large that all ReLUs died? "
            'Try "adam" as it comes.',
            rungs=(0, 1, 2),
            when=not_learning,
        ),
        Advice(
            "The loss was still falling after 80 epochs: your steps are small for what is to be learned. Adam in place "
            "of SGD, or a learning rate a few times as large, gets there sooner.",
            rungs=(0, 1, 2, 3, 4),
            when=still_learning,
        ),
        Advice(
            "Your network knows its training rows better than later ones. Fewer units, or some dropout, would let it "
            "learn less of them by heart.",
            rungs=(3, 4),
            when=overfits,
        ),
        Advice(
            "This is no better than always answering the mean. Has the last layer one unit and no activation, and are "
            "gaps filled, and nothing else?",
            rungs=(0,),
        ),
        Advice(
            "Something has been learned, but less than last week's takings alone tell. Are the number columns scaled, "
            "and filled only where there is a gap?",
            rungs=(1,),
        ),
        Advice(
            "Better than the mean, and about what one column tells. Give the model all six: numbers filled and scaled, "
            "names as one-hot columns, and a hidden layer to combine them.",
            rungs=(2,),
        ),
        Advice(
            "You have what a plane gets, or a network for which some name is an amount: is each of branch, weekday and "
            "kind of day a set of columns, and is there a hidden layer with ReLU behind them?",
            rungs=(3,),
        ),
        Advice(
            "Very good: names and gaps are in order. What is left to gain: a second hidden layer, or some more units.",
            rungs=(4,),
        ),
        Advice(
            "Most of what is left is chance and drift that no column tells. What does an embedding of the branch "
            "change, in place of its one-hot columns?",
            rungs=(5,),
        ),
    ),
)

CHECKS = (READ_TAKINGS, TAKE_SPLIT, BATCHES_FROM, ROLLS_MODEL)
