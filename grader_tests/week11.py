"""The checks of week 11: a recurrent layer, an LSTM's step, the last state, counting weights, a model of messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from tfcourse.checks import (
    Advice,
    FixedBudget,
    FunctionCheck,
    Ladder,
    ModelCheck,
    Output,
    Split,
    accuracy,
    baselines,
    mistake,
    ordinary,
    rival,
    solution_of,
)
from tfcourse.checks.diagnosis import has, not_learning, still_learning
from tfcourse.checks.records import Array, Case
from tfcourse.datasets.bookings import MOST_WORDS, WISHES, make_bookings

WEEK = "week11"
TRAINING_MESSAGES = 6_000
HIDDEN_MESSAGES = 3_000

Cases = Sequence[tuple[str, Case]]


def _normal(random: np.random.Generator, *shape: int, scale: float = 1.0) -> Array:
    return (scale * random.normal(size=shape)).astype(np.float32)


# --- Task 1: a recurrent layer ---


def _rnn_cases(seed: int) -> Cases:
    random = np.random.default_rng(seed)

    def case(batch: int, steps: int, features: int, units: int, scale: float = 0.5) -> Case:
        return (
            _normal(random, batch, steps, features),
            _normal(random, features, units, scale=scale),
            _normal(random, units, units, scale=scale),
            _normal(random, units, scale=scale),
        )

    steps = int(random.integers(6, 12))
    x, w, u, b = case(3, steps, 4, 5)
    x[:, 1:] = 0
    return [
        ("a few steps", case(3, steps, 4, 6)),
        ("a single step", case(4, 1, 3, 5)),
        ("a single sequence", case(1, steps, 3, 4)),
        ("a single unit", case(3, steps, 4, 1)),
        ("as many units as features", case(2, steps, 4, 4)),
        ("inputs that are 0 after the first step", (x, w, u, b)),
        ("a batch, many steps", case(8, 30, 6, 10, 0.3)),
    ]


RNN = FunctionCheck(
    id="week11.rnn",
    title="A recurrent layer by hand",
    points=2,
    skills=("N7",),
    cases=_rnn_cases,
    reference=solution_of(WEEK, "rnn"),
    hints=(
        "A recurrent layer is a loop over the steps. Before it stands a state of zeros, one row for each sequence; "
        "inside it, the old state and the step's input make the new state.",
        "`h = np.zeros((len(x), len(b)))`, and for each step t: `h = np.tanh(x[:, t] @ w + h @ u + b)`. "
        "Look at the shapes: (batch, features) @ (features, units), and (batch, units) @ (units, units).",
        "Collect the states in a list, and join them along a new axis 1: `np.stack(states, axis=1)` "
        "has shape (batch, steps, units).",
    ),
)


# --- Task 2: an LSTM's step ---


def _lstm_cases(seed: int) -> Cases:
    random = np.random.default_rng(seed)

    def case(batch: int, features: int, units: int, *, state: float = 1.0) -> Case:
        return (
            _normal(random, batch, features),
            _normal(random, batch, units, scale=0.5 * state),
            _normal(random, batch, units, scale=state),
            _normal(random, features, 4 * units, scale=0.6),
            _normal(random, units, 4 * units, scale=0.6),
            _normal(random, 4 * units, scale=0.6),
        )

    x, h, c, w, u, b = case(3, 4, 5)
    b[5:10] += 30  # a forget gate that is wide open
    keeping = (x, h, c, w, u, b)
    x, h, c, w, u, b = case(3, 4, 5)
    b[5:10] -= 30  # and one that is shut
    return [
        ("a batch", case(3, 4, 5)),
        ("a state of zeros, as at the first step", case(3, 4, 5, state=0.0)),
        ("a single unit", case(4, 3, 1)),
        ("a single sequence", case(1, 6, 4)),
        ("a forget gate that is wide open", keeping),
        ("a forget gate that is shut", (x, h, c, w, u, b)),
        ("a cell with large values", case(4, 3, 6, state=4.0)),
    ]


LSTM_STEP = FunctionCheck(
    id="week11.lstm_step",
    title="One step of an LSTM",
    points=2,
    skills=("N6", "N7"),
    cases=_lstm_cases,
    reference=solution_of(WEEK, "lstm_step"),
    hints=(
        "All four parts come from one sum: `z = x @ w + h @ u + b`, of shape (batch, 4 · units). "
        "`np.split(z, 4, axis=1)` cuts it into input gate, forget gate, candidate and output gate, in this order.",
        "The three gates go through a sigmoid, `1 / (1 + np.exp(-z))`; the candidate goes through `np.tanh`.",
        "`c_new = forget * c + input * candidate`: keep a share of the old cell, and add a share of the new.",
        "`h_new = output * np.tanh(c_new)`, of the new cell. Return `h_new, c_new`.",
    ),
)


# --- Task 3: the state at the last word ---


def _last_states_cases(seed: int) -> Cases:
    random = np.random.default_rng(seed)

    def case(lengths: Sequence[int], steps: int, units: int) -> Case:
        ids = random.integers(1, 500, size=(len(lengths), steps))
        ids = np.where(np.arange(steps) < np.array(lengths)[:, None], ids, 0)
        return _normal(random, len(lengths), steps, units), ids

    states, ids = case([3, 5, 2], 7, 4)
    holes = case([6, 7, 5], 8, 3)
    holes[1][:, 2] = 0
    return [
        ("messages of different lengths", case([3, 6, 1, 5], 8, 4)),
        ("messages that fill every place", case([6, 6, 6], 6, 4)),
        ("one full message among short ones", case([2, 9, 4], 9, 5)),
        ("padding in front", (states, ids[:, ::-1].copy())),
        ("a 0 between two words", holes),
        ("a message without any word", case([4, 0, 2], 6, 3)),
        ("a single message", case([3], 5, 8)),
    ]


LAST_STATES = FunctionCheck(
    id="week11.last_states",
    title="The state at the last word",
    points=2,
    skills=("N7",),
    cases=_last_states_cases,
    reference=solution_of(WEEK, "last_states"),
    hints=(
        "`states[:, -1]` is the state after the padding. For each row, find the last place whose id is not 0.",
        "`place = np.where(ids != 0, np.arange(steps), -1).max(axis=1)` is that place, and -1 where there is no word. "
        "Counting the words is not enough: 0 may stand in front or between.",
        "`states[np.arange(len(ids)), place]` takes one state from each row. "
        "Then set the rows without words to 0: in NumPy, place -1 is the last one.",
    ),
)


# --- Task 4: counting weights ---


def _count_cases(seed: int) -> Cases:
    random = np.random.default_rng(seed)

    def sizes() -> tuple[int, int]:
        return int(random.integers(3, 60)), int(random.integers(3, 60))

    return [
        ("SimpleRNN", ("SimpleRNN", *sizes(), False)),
        ("LSTM", ("LSTM", *sizes(), False)),
        ("GRU", ("GRU", *sizes(), False)),
        ("a single feature, a single unit", ("LSTM", 1, 1, False)),
        ("LSTM in both directions", ("LSTM", *sizes(), True)),
        ("GRU in both directions", ("GRU", *sizes(), True)),
    ]


COUNT_WEIGHTS = FunctionCheck(
    id="week11.count_weights",
    title="How many weights",
    points=1,
    skills=("N6", "N7", "N8"),
    cases=_count_cases,
    reference=solution_of(WEEK, "count_weights"),
    hints=(
        "A SimpleRNN has a matrix for the inputs, a matrix for the state, and one bias a unit. "
        "An LSTM has four such sets, a GRU three. The number of steps does not occur.",
        "A set has `units * (features + units + 1)` weights. Keras's GRU, by default, has a second bias: "
        "one for the inputs, one for the state, so its sets have `units * (features + units + 2)`.",
        "Both directions have weights of their own: twice as many. Compare with a layer: "
        "`layer.build((None, None, features))`, then `layer.count_params()`.",
    ),
)


# --- Task 5: the model ---


def _bookings(seed: int) -> Split:
    x, y = make_bookings(TRAINING_MESSAGES + HIDDEN_MESSAGES, seed=seed)
    return Split(x[:TRAINING_MESSAGES], y[:TRAINING_MESSAGES], x[TRAINING_MESSAGES:], y[TRAINING_MESSAGES:])


def _reader(
    x_train: Array, *middle: Any, mask: bool = True, width: int = 32, length: int = MOST_WORDS, optimizer: Any = "adam"
) -> Any:
    """Build a model of text with the given layers behind the embedding."""
    import keras
    from keras import layers

    vectorizer = layers.TextVectorization(max_tokens=1_000, output_sequence_length=length)
    vectorizer.adapt(x_train)
    embedding = layers.Embedding(1_000, width, mask_zero=mask)
    first = [keras.Input(shape=(), dtype="string"), vectorizer, embedding]
    model = keras.Sequential([*first, *middle, layers.Dense(len(WISHES), activation="softmax")])
    model.compile(optimizer=optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def _mean_of_embeddings(x_train: Array) -> Any:
    import keras
    from keras import layers

    return _reader(x_train, layers.GlobalAveragePooling1D(), mask=False, optimizer=keras.optimizers.Adam(0.005))


def _windows_of_five(x_train: Array) -> Any:
    """Build week 9's model: the strongest find of each filter, wherever it was."""
    import keras
    from keras import layers

    windows = [layers.Conv1D(64, 5, activation="relu"), layers.GlobalMaxPooling1D()]
    return _reader(x_train, *windows, mask=False, optimizer=keras.optimizers.Adam(0.005))


def _lstm(x_train: Array) -> Any:
    from keras import layers

    return _reader(x_train, layers.LSTM(64))


def _gru(x_train: Array) -> Any:
    from keras import layers

    return _reader(x_train, layers.GRU(64), width=16)


def _both_directions(x_train: Array) -> Any:
    from keras import layers

    return _reader(x_train, layers.Bidirectional(layers.LSTM(32)), mask=False)


def _stacked(x_train: Array) -> Any:
    from keras import layers

    two = [layers.Bidirectional(layers.GRU(24, return_sequences=True)), layers.GRU(24)]
    return _reader(x_train, *two, layers.Dropout(0.2))


def _dilated(x_train: Array) -> Any:
    """Build a network without recurrence that sees a whole message: four convolutions, each with wider gaps."""
    import keras
    from keras import layers

    convolutions = [layers.Conv1D(64, 3, padding="same", dilation_rate=2**i, activation="relu") for i in range(4)]
    pooled = [*convolutions, layers.GlobalMaxPooling1D()]
    return _reader(x_train, *pooled, mask=False, optimizer=keras.optimizers.Adam(0.003))


def _first_half(x_train: Array) -> Any:
    from keras import layers

    return _reader(x_train, layers.LSTM(48), length=16)


def _filters_of_three(x_train: Array) -> Any:
    from keras import layers

    windows = [layers.Conv1D(128, 3, activation="relu"), layers.GlobalMaxPooling1D(), layers.Dropout(0.3)]
    return _reader(x_train, *windows, mask=False)


def _simple(x_train: Array) -> Any:
    from keras import layers

    return _reader(x_train, layers.SimpleRNN(64))


_ANY_MODEL = FixedBudget(
    Output("probabilities", (len(WISHES),)),
    epochs=8,
    batch_size=64,
    max_parameters=200_000,
    builder_sees="train inputs",
)
"""In which the baselines are measured, which have no recurrent layer."""
_TRAINING = replace(_ANY_MODEL, one_of=("LSTM", "GRU", "SimpleRNN", "RNN"))

BOOKINGS_MODEL = ModelCheck(
    id="week11.bookings_model",
    title="What the guest wants",
    skills=("N6", "N7", "N8"),
    data=_bookings,
    training=_TRAINING,
    labels=WISHES,
    ladder=Ladder(accuracy, (0.34, 0.45, 0.75, 0.92, 0.96)),
    baselines=(
        baselines.majority(),
        baselines.untrained(_TRAINING, solution_of(WEEK, "build_model")),
        baselines.bag_of_words(),
        baselines.network("mean of embeddings", _ANY_MODEL, _mean_of_embeddings),
        baselines.network("windows of five words", _ANY_MODEL, _windows_of_five),
    ),
    panel=(
        ordinary("LSTM of 64 units, Adam", _lstm),
        ordinary("GRU of 64 units, 16 numbers a word, Adam", _gru),
        ordinary("LSTM of 32 units in both directions, no mask", _both_directions),
        ordinary("two GRUs, the first in both directions", _stacked),
        rival("four dilated convolutions, Adam(0.003)", _dilated, "N6", "N7"),
        rival("128 windows of three", _filters_of_three, "N6", "N7"),
        mistake("SimpleRNN of 64 units", _simple),
        mistake("the first sixteen words", _first_half),
    ),
    reference=solution_of(WEEK, "build_model"),
    hints=(
        "Which wishes a message mentions does not decide, and neither does any five words of it; "
        "which wish was the last one does. Which layers carry what they have read along from word to word?",
        "After the vectorizer: `layers.Embedding(words, width, mask_zero=True)`, then one recurrent layer, "
        "`layers.LSTM(units)` or `layers.GRU(units)`, then four units with softmax. "
        "The mask tells the recurrent layer where the message ends.",
        "Room for all words and whole messages: 1,000 words in the vocabulary, and the 40 words of the longest "
        "message. A state of 32 to 64 numbers is enough; a learning rate above 0.001 gets further in eight epochs.",
    ),
    advice=(
        Advice(
            "The loss did not fall. Print `vectorizer(x_train[:2])`: are there words at all? "
            "Integer labels go with 'sparse_categorical_crossentropy', and a learning rate near 0.001 or 0.005.",
            rungs=(0, 1, 2),
            when=not_learning,
        ),
        Advice(
            "A SimpleRNN writes its whole state anew at every word, and an aside of ten words lies between two wishes: "
            "LSTM or GRU keep what they need.",
            rungs=(0, 1, 2, 3),
            when=has("SimpleRNN"),
        ),
        Advice(
            "The network is still learning when the eight epochs end: a larger learning rate, as Adam(0.005), "
            "gets further. `mask_zero=True` spares the layer the padding.",
            rungs=(0, 1, 2, 3, 4),
            when=still_learning,
        ),
        Advice(
            "This is guessing among four. Print `vectorizer(x_train[:2])`: was `adapt` called, and are there words?",
            rungs=(0,),
        ),
        Advice(
            "Your model sees a little. Usual causes: a learning rate far too high or too low, "
            "or an `output_sequence_length` that keeps only the beginning of each message.",
            rungs=(1, 2),
        ),
        Advice(
            "Does your network read all 40 words of a message? What stands in the end often comes last.",
            rungs=(3,),
        ),
        Advice(
            "Nearly. Messages that take a wish back need the one before it as well: a state of 48 units or more has "
            "room for both, and a larger learning rate gets further in eight epochs.",
            rungs=(4,),
        ),
        Advice(
            "Very good. See how few units still reach this rung, or read the messages that your model still gets "
            "wrong.",
            rungs=(5,),
        ),
    ),
)

CHECKS = (RNN, LSTM_STEP, LAST_STATES, COUNT_WEIGHTS, BOOKINGS_MODEL)
