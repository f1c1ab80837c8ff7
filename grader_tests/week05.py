"""The checks of week 5: parameters counted, a convolution and a pooling by hand, a network that reads road signs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
from tfcourse.checks.diagnosis import lacks, not_learning, overfits, still_learning, unscaled
from tfcourse.datasets.signs import CLASSES, make_signs

WEEK = "week05"
TRAIN_PICTURES = 2_000
TEST_PICTURES = 2_000

Array = np.ndarray[Any, Any]
Cases = Sequence[tuple[str, tuple[Any, ...]]]


# --- Task 1: count parameters ---


def _count_parameters_cases(seed: int) -> Cases:
    random = np.random.default_rng(seed)

    def some(*choices: int) -> int:
        return int(random.choice(choices))

    size, wide = some(28, 32, 40), some(48, 56, 64)
    return [
        ("one convolution on a grey picture", ((size, size, 1), [("conv", some(8, 16), 3, "same")])),
        ("one convolution on a colour picture", ((size, size, 3), [("conv", some(8, 16), 5, "same")])),
        (
            "a convolution after a convolution",
            ((size, size, 3), [("conv", some(8, 12), 3, "same"), ("conv", some(16, 24), 3, "valid")]),
        ),
        (
            "dense layers without any convolution",
            ((size, size, 3), [("flatten",), ("dense", some(20, 64)), ("dense", 10)]),
        ),
        (
            'padding "valid" before a dense layer',
            ((size, size, 3), [("conv", some(6, 10), 5, "valid"), ("flatten",), ("dense", some(10, 43))]),
        ),
        (
            "pooling that leaves a row over",
            ((31, 31, 3), [("conv", some(8, 16), 3, "same"), ("pool", 2), ("pool", 2), ("flatten",), ("dense", 10)]),
        ),
        (
            "a picture wider than high",
            ((24, wide, 3), [("conv", some(8, 16), 3, "valid"), ("pool", 3), ("flatten",), ("dense", 12)]),
        ),
        (
            "a whole network",
            (
                (size, size, 3),
                [
                    ("conv", some(8, 16), 3, "same"),
                    ("pool", 2),
                    ("conv", some(24, 32), 3, "valid"),
                    ("pool", 2),
                    ("flatten",),
                    ("dense", some(32, 64)),
                    ("dense", 10),
                ],
            ),
        ),
    ]


COUNT_PARAMETERS = FunctionCheck(
    id="week05.count_parameters",
    title="Count parameters",
    points=2,
    skills=("T5", "I1"),
    cases=_count_parameters_cases,
    reference=solution_of(WEEK, "count_parameters"),
    hints=(
        "Carry four numbers from layer to layer: height, width, channels, and the total so far. "
        "Only `conv` and `dense` add to the total; `conv`, `pool` and `flatten` change the shape.",
        "A filter looks through all channels of what comes in, so it has size · size · channels "
        "weights, and one bias more. "
        "The channels that come out are the filters, and the next layer has to know that.",
        '"same" keeps height and width; "valid" takes size − 1 from each. Pooling by 2 halves and '
        "rounds down: `height // 2`. "
        "After `flatten`, there are height · width · channels inputs; a dense layer has (inputs + 1) "
        "· units parameters.",
    ),
)


# --- Task 2: convolve ---


def _convolve_cases(seed: int) -> Cases:
    random = np.random.default_rng(seed)

    def case(image: tuple[int, int, int], kernel: tuple[int, int], filters: int = 1) -> tuple[Array, Array]:
        return random.random(image), random.normal(size=(*kernel, image[2], filters))

    image, kernel = case((9, 9, 1), (3, 3))
    symmetric = kernel + kernel[::-1] + kernel[:, ::-1] + kernel[::-1, ::-1]
    bytes_, _ = make_signs(1, seed=seed)
    edges = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    sobel = np.stack([edges, edges.T], axis=-1)[:, :, None, :].repeat(3, axis=2)
    return [
        ("a grey picture, a kernel that is the same when it is flipped", (image, symmetric)),
        ("a grey picture, a kernel that is not", (image, kernel)),
        ("a picture wider than high", case((7, 12, 1), (3, 3))),
        ("a colour picture", case((8, 8, 3), (3, 3))),
        ("several kernels", case((8, 8, 1), (3, 3), 4)),
        ("a kernel higher than wide", case((10, 9, 2), (5, 2), 3)),
        ("kernels of one pixel, which only mix channels", case((6, 5, 3), (1, 1), 2)),
        ("a road sign in whole numbers from 0 to 255", (bytes_[0, :14, :16], sobel)),
    ]


CONVOLVE = FunctionCheck(
    id="week05.convolve",
    title="Convolve",
    points=3,
    skills=("I3",),
    cases=_convolve_cases,
    reference=solution_of(WEEK, "convolve"),
    hints=(
        "Decide on the shape of the result first, and make it of floats: "
        "`np.zeros((rows, columns, filters))`. A kernel of 3 fits into 9 rows in 7 places, not 9 and not 6.",
        "At row i and column j the kernels lie on `image[i : i + height, j : j + width]`, all channels included. "
        "Multiply and sum; nothing is flipped. Kernels of 5 rows and 2 columns are allowed, so keep the two apart.",
        "The patch has shape (height, width, channels) and the kernels (height, width, channels, filters): "
        "`(patch[..., None] * kernels).sum(axis=(0, 1, 2))` gives one number for each filter.",
    ),
)


# --- Task 3: max pooling ---


def _max_pool_cases(seed: int) -> Cases:
    random = np.random.default_rng(seed)

    def maps(*shape: int) -> Array:
        return random.uniform(0, 9, size=shape)

    return [
        ("8 by 8, squares of 2", (maps(8, 8, 3), 2)),
        ("squares of 3", (maps(9, 9, 2), 3)),
        ("a map wider than high", (maps(4, 10, 2), 2)),
        ("rows and columns left over", (maps(7, 11, 3), 3)),
        ("every value below zero", (maps(6, 6, 4) - 10, 2)),
        ("one square over the whole map", (maps(5, 5, 6), 5)),
    ]


MAX_POOL = FunctionCheck(
    id="week05.max_pool",
    title="Pool",
    points=2,
    skills=("I1",),
    cases=_max_pool_cases,
    reference=solution_of(WEEK, "max_pool"),
    hints=(
        "Each channel is pooled by itself: the result has as many channels as the input. "
        "Its rows are `height // size`; what is left over at the bottom and on the right is not used.",
        "The square that makes up row i and column j of the result begins at row `i * size` and column `j * size`. "
        "If you begin with an array of zeros and take maxima against it, negative values are lost.",
        "Inside two loops over rows and columns: "
        "`pooled[i, j] = maps[i * size : (i + 1) * size, j * size : (j + 1) * size].max(axis=(0, 1))`.",
    ),
)


# --- Task 4: read the sign ---


def _signs_data(seed: int) -> Split:
    x, y = make_signs(TRAIN_PICTURES + TEST_PICTURES, seed=seed)
    return Split(x[:TRAIN_PICTURES], y[:TRAIN_PICTURES], x[TRAIN_PICTURES:], y[TRAIN_PICTURES:])


def _network(
    filters: Sequence[int] = (16, 32, 64),
    *,
    to: str = "0 to 1",
    padding: str = "same",
    normalise: bool = False,
    dense: Sequence[int] = (64,),
    dropout: float = 0.0,
    optimizer: str = "adam",
) -> Callable[[], Any]:
    """Return a builder of blocks and dense layers; optimizers and rates as Keras has them."""

    def build_model() -> Any:
        import keras
        from keras import layers

        scaling = {
            "0 to 1": lambda: [layers.Rescaling(1 / 255)],
            "-1 to 1": lambda: [layers.Rescaling(1 / 127.5, offset=-1)],
            "0 to 255": list,
        }
        model = keras.Sequential([keras.Input(shape=(40, 40, 3)), *scaling[to]()])
        for count in filters:
            model.add(layers.Conv2D(count, 3, padding=padding, activation=None if normalise else "relu"))
            if normalise:
                model.add(layers.BatchNormalization())
                model.add(layers.ReLU())
            model.add(layers.MaxPooling2D())
        model.add(layers.Flatten())
        if filters and dropout:
            model.add(layers.Dropout(dropout))
        for units in dense:
            model.add(layers.Dense(units, activation="relu"))
            if not filters and dropout:
                model.add(layers.Dropout(dropout))
        model.add(layers.Dense(len(CLASSES), activation="softmax"))
        model.compile(optimizer=optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
        return model

    return build_model


def _dense_network() -> Any:
    """Build a plain network of the kind that week 1 would have made."""
    import keras

    model = keras.Sequential(
        [
            keras.Input(shape=(40, 40, 3)),
            keras.layers.Rescaling(1 / 127.5, offset=-1),
            keras.layers.Flatten(),
            keras.layers.Dense(64, activation="relu"),
            keras.layers.Dense(len(CLASSES), activation="softmax"),
        ]
    )
    model.compile(optimizer=keras.optimizers.Adam(0.0003), loss="sparse_categorical_crossentropy")
    return model


_TRAINING = FixedBudget(Output("probabilities", (len(CLASSES),)), epochs=10, batch_size=32, max_parameters=500_000)

SIGNS_CNN = ModelCheck(
    id="week05.signs_cnn",
    title="Read the sign",
    skills=("I1", "I3", "B7"),
    data=_signs_data,
    training=_TRAINING,
    labels=CLASSES,
    ladder=Ladder(accuracy, (0.25, 0.45, 0.6, 0.765, 0.95)),
    baselines=(
        baselines.majority(),
        baselines.untrained(_TRAINING, solution_of(WEEK, "build_model")),
        baselines.logistic(c=0.001),
        baselines.network("dense network", _TRAINING, _dense_network),
    ),
    panel=(
        ordinary("16, 32 and 64 filters, pixels 0 to 1, Adam", _network()),
        ordinary(
            "32, 64 and 64 filters without padding, RMSprop",
            _network((32, 64, 64), padding="valid", optimizer="rmsprop"),
        ),
        ordinary(
            "32, 64 and 128 filters, pixels -1 to 1, dropout 0.5",
            _network((32, 64, 128), to="-1 to 1", dropout=0.5),
        ),
        ordinary("batch normalisation", _network((32, 64, 64), normalise=True, dropout=0.3)),
        ordinary("two blocks of 32 and 64 filters", _network((32, 64), padding="valid", dropout=0.25)),
        rival("dense 96, pixels 0 to 1", _network((), dense=(96,)), "I1", "I3"),
        rival(
            "dense 96-64, pixels -1 to 1, dropout 0.2",
            _network((), to="-1 to 1", dense=(96, 64), dropout=0.2),
            "I1",
            "I3",
        ),
        mistake("plain SGD", _network(to="-1 to 1", optimizer="sgd")),
    ),
    reference=solution_of(WEEK, "build_model"),
    hints=(
        "Blocks of Conv2D and MaxPooling2D first, so that the network can find a rim, a bar or a digit anywhere; "
        "then Flatten, and a dense layer with softmax to decide.",
        "Pixels come in from 0 to 255: a `Rescaling` as the first layer brings them near 1. "
        "The labels are integers: sparse_categorical_crossentropy.",
        "How often can 40 be halved before nothing is left to look at? Each block sees twice as far as the one before "
        "and has more to tell apart, so it gets more filters. The lesson's network is a good beginning.",
        "Ten epochs are some 600 steps. Draw the loss of ten epochs on pictures of your own: if it still falls "
        "at the end, try a larger learning rate; if it falls to 0 and the validation loss does not, Dropout.",
    ),
    advice=(
        Advice(
            "The loss did not fall at all. Is it sparse_categorical_crossentropy, and is the learning rate "
            "not far from 0.001?",
            rungs=(0, 1, 2),
            when=not_learning,
        ),
        Advice(
            "Your network has no convolution: it knows places, not shapes. "
            "Put two or three blocks of Conv2D and MaxPooling2D before Flatten.",
            rungs=(0, 1, 2, 3),
            when=lacks("Conv2D", "SeparableConv2D", "DepthwiseConv2D"),
        ),
        Advice(
            "Raw pixels from 0 to 255 reach the first convolution. Put a Rescaling before it.",
            rungs=(0, 1, 2, 3, 4),
            when=unscaled,
        ),
        Advice(
            "It was still learning when the ten epochs ended. A larger learning rate gets further in as many steps, "
            "and so does Adam where it was plain SGD.",
            rungs=(0, 1, 2, 3, 4),
            when=still_learning,
        ),
        Advice(
            "It knows its 2,000 pictures better than new ones. Dropout before the dense layers helps, "
            "and so does a smaller dense layer after Flatten.",
            rungs=(2, 3, 4),
            when=overfits,
        ),
        Advice(
            "This is hardly better than guessing one of ten, or sees colours and little else. Look at model.summary(): "
            "is the last layer ten units with softmax, and do convolutions come before Flatten?",
            rungs=(0, 1),
        ),
        Advice(
            "You have about what a dense network gets, although there are convolutions. Are there two or three blocks, "
            "with pooling in each and more filters in later ones?",
            rungs=(2, 3),
        ),
        Advice(
            "Very good. What is left is mostly 30, 50 and 80, which differ in one digit. "
            "More filters in the later blocks, another learning rate, and Dropout after Flatten are worth a try.",
            rungs=(4,),
        ),
        Advice(
            "How small can the network become and stay here? A third of the reference's parameters is enough.",
            rungs=(5,),
        ),
    ),
)

CHECKS = (COUNT_PARAMETERS, CONVOLVE, MAX_POOL, SIGNS_CNN)
