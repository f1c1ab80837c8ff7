"""The checks of week 12: pieces of a text, temperature, drawing a token, perplexity, a language model."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
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
    accuracy,
    baselines,
    mistake,
    ordinary,
    rival,
    solution_of,
)
from tfcourse.checks.diagnosis import has, not_learning, still_learning
from tfcourse.checks.records import Array, Case, Task
from tfcourse.datasets.harbour_log import VOCABULARY, encode, make_harbour_log, tokens_of

WEEK = "week12"
CONTEXT = 24
"""Tokens in a piece, and in a hidden context: enough for a boat's name and what is said of her two sentences on."""
TRAINING_DAYS = 800
HIDDEN_DAYS = 3_000
"""Each gives a single context, so that no hidden question can hold another one's answer."""

Cases = Sequence[tuple[str, Case]]


# --- Task 1: pieces ---


def _pieces_cases(seed: int) -> Cases:
    random = np.random.default_rng(seed)

    def days(*lengths: int) -> list[Array]:
        return [random.integers(0, 500, size=length) for length in lengths]

    n = int(random.integers(4, 9))
    return [
        ("one day, a few tokens left over", (days(3 * n + 3), n)),
        ("several days", (days(2 * n + 2, 4 * n + 3, n + 2), n)),
        ("a day whose last piece just has its answers", (days(3 * n + 1, 2 * n + 1), n)),
        ("a day that lacks its very last answer", (days(3 * n, 2 * n), n)),
        ("a day that is too short for any piece", (days(2 * n + 2, n - 1, 2 * n + 3, n), n)),
        ("pieces of a single token", (days(5, 2, 7), 1)),
        ("a harbour's log", ([encode(tokens_of(day)) for day in make_harbour_log(6, seed=seed)], 16)),
    ]


PIECES_OF = FunctionCheck(
    id="week12.pieces_of",
    title="A text is its own label",
    points=2,
    skills=("N2", "N9"),
    cases=_pieces_cases,
    reference=solution_of(WEEK, "pieces_of"),
    hints=(
        "Two loops: over the days, and within a day over the places where a piece begins, which are `length` apart. "
        "A piece of `y` is the same slice, one token later.",
        "`x` takes `day[start : start + length]`, `y` takes `day[start + 1 : start + length + 1]`. "
        "So a piece needs `length + 1` tokens from its start; with fewer, the slice of `y` comes out too short.",
        "`for start in range(0, len(day) - length, length)` gives just the starts that have enough tokens behind them. "
        "Collect both slices in lists, and return `np.array(x), np.array(y)`.",
    ),
)


# --- Task 2: temperature ---


def _temperature_cases(seed: int) -> Cases:
    random = np.random.default_rng(seed)

    def logits(*shape: int, scale: float = 2.0) -> Array:
        return random.normal(scale=scale, size=shape)

    impossible = logits(4, 9)
    impossible[:, 2:5] = -np.inf
    large = logits(3, 8) + np.array([[4_000.0], [0.0], [-4_000.0]])
    return [
        ("temperature 1", (logits(3, 7), 1.0)),
        ("a low temperature", (logits(4, 6), round(float(random.uniform(0.2, 0.7)), 2))),
        ("a high temperature", (logits(4, 6), round(float(random.uniform(2.0, 6.0)), 2))),
        ("a single row, without an axis for rows", (logits(12), 0.8)),
        ("logits in the thousands, above and below 0", (large, 1.3)),
        ("a temperature close to 0", (logits(3, 7), 0.001)),
        ("temperature 0", (logits(3, 7), 0)),
        ("tokens that are impossible", (impossible, 0.6)),
    ]


WITH_TEMPERATURE = FunctionCheck(
    id="week12.with_temperature",
    title="Temperature",
    points=2,
    skills=("N9",),
    cases=_temperature_cases,
    reference=solution_of(WEEK, "with_temperature"),
    hints=(
        "Divide the logits by the temperature first, then take the softmax: e to the power of each, divided by the "
        "sum of its row. Rows lie along the last axis, so `axis=-1, keepdims=True` serves both shapes.",
        "Softmax does not change when the same number is subtracted from all logits of a row. Subtract the largest: "
        "then every exponent is 0 or less, and nothing overflows.",
        "For temperature 0 do not divide at all: `logits == logits.max(axis=-1, keepdims=True)` is True at the largest "
        "of each row, and `.astype(float)` makes 1 and 0 of it.",
    ),
)


# --- Task 3: drawing ---


def _draw_cases(seed: int) -> Cases:
    random = np.random.default_rng(seed)

    def rows(count: int, tokens: int) -> Array:
        weights = random.uniform(0.05, 1.0, size=(count, tokens))
        return weights / weights.sum(axis=1, keepdims=True)

    def chance(count: int) -> Array:
        return random.uniform(0.0, 0.99, size=count)

    eighths = np.tile([[0.0625, 0.1875, 0.25, 0.5]], (4, 1))
    never = rows(30, 6)
    never[:, [0, 3]] = 0
    never /= never.sum(axis=1, keepdims=True)
    k = int(random.integers(2, 5))
    return [
        ("among all tokens", (rows(50, 8), chance(50), 8)),
        (f"among the best {k}", (rows(50, 10), chance(50), k)),
        ("only the best one", (rows(20, 9), chance(20), 1)),
        ("u exactly where a stretch begins", (eighths, np.array([0.0, 0.0625, 0.25, 0.5]), 4)),
        ("tokens of probability 0, and u = 0", (never, np.where(np.arange(30) < 10, 0.0, chance(30)), 6)),
        ("many tokens", (rows(12, 200), chance(12), 40)),
    ]


DRAW = FunctionCheck(
    id="week12.draw",
    title="Drawing a token",
    points=2,
    skills=("N9",),
    cases=_draw_cases,
    reference=solution_of(WEEK, "draw"),
    hints=(
        "`np.cumsum(p, axis=1)` gives the end of each token's stretch. The token drawn is the first whose end lies "
        "beyond `u`. Where in a row it stands can be found by counting the ends that do not.",
        "`(ends <= u[:, None]).sum(axis=1)` counts them. With `<` in place of `<=`, `u` = 0 would draw a token of "
        "probability 0.",
        "For the best `k`: `np.sort(p, axis=1)[:, -k]` is the smallest probability that is kept in each row. "
        "`np.where(p >= smallest[:, None], p, 0)` keeps the order of the ids; then divide by the row's sum.",
    ),
)


# --- Task 4: perplexity ---


def _perplexity_cases(seed: int) -> Cases:
    random = np.random.default_rng(seed)

    def case(texts: int, steps: int, tokens: int, lengths: Sequence[int] | None = None) -> Case:
        weights = random.gamma(0.7, size=(texts, steps, tokens)) + 1e-3
        targets = random.integers(0, tokens, size=(texts, steps))
        if lengths is not None:
            targets = np.where(np.arange(steps) < np.array(lengths)[:, None], targets, -1)
        return weights / weights.sum(axis=-1, keepdims=True), targets

    sure = np.full((2, 4, 5), 1e-6)
    targets = random.integers(0, 5, size=(2, 4))
    np.put_along_axis(sure, targets[..., None], 1 - 4e-6, axis=-1)
    return [
        ("texts of the same length", case(3, 6, 8)),
        ("a single text", case(1, 9, 12)),
        ("texts of different lengths", case(4, 8, 7, [8, 3, 5, 1])),
        ("a text without any step that counts", case(3, 5, 6, [4, 0, 5])),
        ("a model that says the same of all tokens", (np.full((2, 5, 9), 1 / 9), case(2, 5, 9)[1])),
        ("a model that is always right", (sure, targets)),
    ]


PERPLEXITY = FunctionCheck(
    id="week12.perplexity",
    title="Perplexity",
    points=1,
    skills=("N1", "N9"),
    cases=_perplexity_cases,
    reference=solution_of(WEEK, "perplexity"),
    hints=(
        "Three steps: at every place take the probability that the target got; leave out the places whose target is "
        "-1; then e to the power of the mean of -log.",
        "`np.take_along_axis(probabilities, targets[..., None], axis=-1)[..., 0]` takes one at every place. "
        "A target of -1 would take the last token's, so pick `p[targets >= 0]` afterwards.",
        "The mean comes before the power: `np.exp(-np.log(p).mean())`, one mean over all steps of all texts. "
        "The mean of 1/p, or of each text's own perplexity, is another number.",
    ),
)


# --- Task 5: the model ---


def log_split(seed: int) -> Split:
    """Draw a harbour's log: the first days are cut into pieces, each later day gives one context.

    The harbour is the same, its boats and their masters can be learned; the days are others. Hidden contexts are
    shuffled, so that no date or tide can be told from the neighbours, and none occurs anywhere in the training days.
    """
    random = np.random.default_rng(seed)
    days = [encode(tokens_of(day)) for day in make_harbour_log(TRAINING_DAYS + HIDDEN_DAYS, seed=seed)]
    x_train, y_train = pieces(days[:TRAINING_DAYS])
    x_test, y_test = hidden_contexts(days[:TRAINING_DAYS], days[TRAINING_DAYS:], random)
    return Split(x_train, y_train, x_test, y_test)


def pieces(days: Sequence[Array]) -> tuple[Array, Array]:
    """Cut days into pieces of `CONTEXT` tokens, with the token that follows each: the shape that task 1 asks for."""
    starts = [(day, start) for day in days for start in range(0, len(day) - CONTEXT, CONTEXT)]
    x = np.stack([day[start : start + CONTEXT] for day, start in starts])
    y = np.stack([day[start + 1 : start + CONTEXT + 1] for day, start in starts])
    return x, y


def hidden_contexts(known: Sequence[Array], days: Sequence[Array], random: np.random.Generator) -> tuple[Array, Array]:
    """Cut one context from each of `days`, anywhere in it, and the token that follows; in random order.

    A context that occurs among the `known` days, or was cut already, is not used: another place is drawn.
    """
    seen = {window.tobytes() for day in known for window in np.lib.stride_tricks.sliding_window_view(day, CONTEXT)}
    x, y = [], []
    for day in (days[place] for place in random.permutation(len(days))):
        for start in random.permutation(len(day) - CONTEXT):
            context = np.ascontiguousarray(day[start : start + CONTEXT])
            if context.tobytes() not in seen:
                seen.add(context.tobytes())
                x.append(context)
                y.append(day[start + CONTEXT])
                break
    return np.stack(x), np.array(y)


def _follower() -> Baseline:
    """Answer the token that followed the last one most often in training: a table of pairs."""

    def predict(split: Split) -> Array:
        following: defaultdict[int, Counter[int]] = defaultdict(Counter)
        for now, after in zip(split.x_train.reshape(-1), split.y_train.reshape(-1), strict=True):
            following[int(now)][int(after)] += 1
        best = [following[int(last)].most_common(1) for last in split.x_test[:, -1]]
        return np.eye(len(VOCABULARY))[[found[0][0] if found else 0 for found in best]]

    return Baseline("most frequent follower", "simple", predict)


def _writer(*middle: Any, width: int = 32, optimizer: Any = "adam") -> Any:
    """Build a model with the given layers between the embedding and the answer at every step."""
    import keras
    from keras import layers

    first = [keras.Input(shape=(CONTEXT,)), layers.Embedding(len(VOCABULARY), width)]
    model = keras.Sequential([*first, *middle, layers.Dense(len(VOCABULARY), activation="softmax")])
    model.compile(optimizer=optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def _last_three_tokens() -> Any:
    import keras
    from keras import layers

    windows = layers.Conv1D(96, 3, padding="causal", activation="relu")
    return _writer(windows, optimizer=keras.optimizers.Adam(0.01))


def _gru() -> Any:
    from keras import layers

    return _writer(layers.GRU(128, return_sequences=True))


def _lstm() -> Any:
    from keras import layers

    return _writer(layers.LSTM(128, return_sequences=True), width=64)


def _stacked() -> Any:
    import keras
    from keras import layers

    two = [layers.LSTM(64, return_sequences=True), layers.LSTM(64, return_sequences=True)]
    return _writer(*two, layers.Dropout(0.2), optimizer=keras.optimizers.Adam(0.005))


def _dilated() -> Any:
    """Build a network without recurrence that sees the whole context: convolutions with wider and wider gaps."""
    import keras
    from keras import layers

    convolutions = [layers.Conv1D(96, 3, padding="causal", dilation_rate=2**i, activation="relu") for i in range(4)]
    return _writer(*convolutions, optimizer=keras.optimizers.Adam(0.003))


def _both_directions() -> Any:
    from keras import layers

    return _writer(layers.Bidirectional(layers.LSTM(64, return_sequences=True)))


def _too_slow() -> Any:
    import keras
    from keras import layers

    return _writer(layers.LSTM(96, return_sequences=True), optimizer=keras.optimizers.Adam(0.0001))


def _one_token_at_a_time() -> Any:
    from keras import layers

    return _writer(layers.Dense(96, activation="relu"))


_TRAINING = FixedBudget(
    Output("probabilities", (len(VOCABULARY),)),
    epochs=10,
    batch_size=16,
    max_parameters=250_000,
    one_of=("LSTM", "GRU", "SimpleRNN", "RNN"),
    steps=CONTEXT,
)
_BUILD_MODEL = solution_of(WEEK, "build_model")

LOG_MODEL = ModelCheck(
    id="week12.log_model",
    title="What comes next in the log",
    skills=("N5", "N9"),
    data=log_split,
    training=_TRAINING,
    ladder=Ladder(replace(accuracy, name="next-token accuracy"), (0.15, 0.35, 0.55, 0.715, 0.84)),
    baselines=(
        baselines.majority(),
        baselines.untrained(_TRAINING, _BUILD_MODEL),
        _follower(),
    ),
    panel=(
        ordinary("GRU of 128 units, Adam", _gru),
        ordinary("64 numbers a token, LSTM of 128 units, Adam", _lstm),
        ordinary("two LSTMs of 64 units, Dropout, Adam(0.005)", _stacked),
        rival("four dilated causal convolutions", _dilated, "N9"),
        mistake("both directions", _both_directions),
        mistake("an LSTM of 96 units, a rate of 0.0001", _too_slow),
        rival("the last three tokens", _last_three_tokens, "N9"),
        rival("one token at a time", _one_token_at_a_time, "N9"),
    ),
    reference=_BUILD_MODEL,
    hints=(
        "Three parts: a vector for each token, a layer that carries what it has read from token to token, and a "
        "layer that makes probabilities of its state, at every step.",
        "`layers.Embedding(len(VOCABULARY), width)`, then `layers.LSTM(units, return_sequences=True)`, then "
        "`layers.Dense(len(VOCABULARY), activation='softmax')`: a Dense layer works on every step by itself.",
        "Integer labels go with `loss='sparse_categorical_crossentropy'`, also at every step. Ten epochs are some "
        "1,600 steps: 64 to 128 units, and a learning rate above 0.001, use them well.",
    ),
    advice=(
        Advice(
            "The loss did not fall. Is there a softmax over all tokens at every step, and is the loss "
            "'sparse_categorical_crossentropy', without from_logits=True? Then look at the learning rate.",
            rungs=(0, 1, 2),
            when=not_learning,
        ),
        Advice(
            "A layer that reads in both directions finds the next token in training, one step ahead, and has none "
            "where it counts, after the last token. Read forwards alone.",
            rungs=(0, 1, 2, 3),
            when=has("Bidirectional"),
        ),
        Advice(
            "The network is still learning when the ten epochs end. A learning rate of 0.003 to 0.02 gets further in "
            "them.",
            rungs=(0, 1, 2, 3, 4),
            when=still_learning,
        ),
        Advice(
            "Hardly better than one token for everything. Look at the output: a softmax over all tokens, at every "
            "step?",
            rungs=(0,),
        ),
        Advice(
            "Your model knows which tokens are frequent, or what mostly follows what. Is the learning rate far too "
            "small or far too large? Is the state large enough to hold more than the last token?",
            rungs=(1, 2),
        ),
        Advice(
            "Set phrases are there, as from the last two or three tokens. Who is a boat's master was told ten or "
            "twenty tokens before: an LSTM or a GRU carries it, a SimpleRNN hardly. Give it 64 units or more.",
            rungs=(3,),
        ),
        Advice(
            "Very good. Your model remembers some of the boats and their masters; a larger state, or a larger "
            "learning rate, remembers more of them in ten epochs.",
            rungs=(4,),
        ),
        Advice(
            "Most of what is still wrong is free choice: which boat comes next, which part breaks. Write a day with "
            "your model, and look for the first sentence that is not true of this harbour.",
            rungs=(5,),
        ),
    ),
)

CHECKS = (PIECES_OF, WITH_TEMPERATURE, DRAW, PERPLEXITY, LOG_MODEL)
