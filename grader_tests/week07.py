"""The checks of week 7: which flips keep labels, shifting by hand, an augmenter of layers, few pictures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from tfcourse.checks import (
    Advice,
    CallFunction,
    FixedBudget,
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
from tfcourse.checks.diagnosis import has, lacks, not_learning, still_learning, unscaled
from tfcourse.checks.panel import fitted, stopped_early
from tfcourse.datasets.handwriting import CLASSES, make_handwriting

WEEK = "week07"
TRAIN_SIGNS = 250
TEST_SIGNS = 2_000

Array = np.ndarray[Any, Any]
Cases = Sequence[tuple[str, tuple[Any, ...]]]


# --- Task 1: which flips keep every label ---


def _flips_cases(seed: int) -> Cases:
    random = np.random.default_rng(seed)

    def sign(*, aside: bool = False, over: bool = False, turn: bool = False) -> Array:
        """Draw dots, 8 by 8, with the symmetries that are asked for and no other."""
        dots = random.integers(0, 2, (8, 8), dtype=np.uint8)
        if aside:
            dots = np.concatenate([dots[:, :4], dots[:, :4][:, ::-1]], axis=1)
        if over:
            dots = np.concatenate([dots[:4], dots[:4][::-1]], axis=0)
        if turn:
            dots = np.concatenate([dots[:4], dots[:4][::-1, ::-1]], axis=0)
        return dots

    def smudged(dots: Array) -> Array:
        """Change three of 64 dots."""
        changed = dots.copy()
        changed.reshape(-1)[random.choice(64, size=3, replace=False)] ^= 1
        return changed

    plain = sign()
    b = sign()
    turned = sign(turn=True)
    cases = [
        ("signs without any symmetry", (np.stack([sign(), sign(), sign()]), 0.0)),
        ("signs that are symmetric to the side", (np.stack([sign(aside=True) for _ in range(4)]), 0.0)),
        ("signs that are symmetric upside down", (np.stack([sign(over=True) for _ in range(3)]), 0.0)),
        ("signs that survive a half turn only", (np.stack([turned, sign(turn=True)]), 0.0)),
        ("signs with every symmetry", (np.stack([sign(aside=True, over=True) for _ in range(3)]), 0.0)),
        ("one sign that does not survive", (np.stack([*[sign(aside=True) for _ in range(3)], plain]), 0.0)),
        ("signs that are each other, flipped", (np.stack([b, b[:, ::-1], b[::-1], b[::-1, ::-1]]), 0.0)),
        ("small differences, within the tolerance", (np.stack([smudged(sign(aside=True)) for _ in range(3)]), 0.15)),
        ("small differences, and no tolerance", (np.stack([smudged(sign(aside=True)) for _ in range(3)]), 0.0)),
    ]
    # In another order each time: the answers alone are few, and could be learned by heart.
    return [cases[at] for at in random.permutation(len(cases))]


ALLOWED_FLIPS = FunctionCheck(
    id="week07.allowed_flips",
    title="Which flips keep labels",
    points=2,
    skills=("I5",),
    cases=_flips_cases,
    reference=solution_of(WEEK, "allowed_flips"),
    hints=(
        "A flip is allowed when it is harmless for *every* sign. "
        "Compare each flipped sign with itself as it was, not with the other signs: a b that becomes a d is harm.",
        "`signs[:, :, ::-1]` flips all of them to the side, `signs[:, ::-1]` upside down, "
        "and both together are the half turn.",
        "`np.abs(flipped - signs).mean(axis=(1, 2))` is one number for each sign; all have to be at most `tolerance`. "
        "Mind the dtype: with `uint8`, 0 − 1 is 255, so take `signs.astype(float)` first.",
    ),
)


# --- Task 2: shift by hand ---


def _shift_cases(seed: int) -> Cases:
    random = np.random.default_rng(seed)

    def pictures(n: int, height: int, width: int, channels: int = 1) -> Array:
        return random.integers(1, 255, (n, height, width, channels), dtype=np.uint8)

    def some(low: int = 1, high: int = 4) -> int:
        return int(random.integers(low, high + 1))

    return [
        ("down and to the right", (pictures(3, 8, 8), some(), some(), 255)),
        ("up", (pictures(3, 8, 8), -some(), 0, 255)),
        ("to the left", (pictures(2, 7, 9), 0, -some(), 0)),
        ("no move at all", (pictures(2, 6, 6), 0, 0, 255)),
        ("pictures wider than high, in colour", (pictures(3, 6, 11, 3), some(), -some(), 128)),
        ("up and to the right", (pictures(2, 9, 9, 3), -some(), some(), 7)),
        ("a move as far as the picture is high", (pictures(2, 6, 8), 6, 1, 200)),
        ("a move further than the picture is wide", (pictures(2, 6, 5), 0, -9, 90)),
        ("numbers with a fraction", (random.normal(size=(2, 6, 6, 1)), some(1, 2), -some(1, 2), -1.5)),
    ]


SHIFT = FunctionCheck(
    id="week07.shift",
    title="Shift",
    points=3,
    skills=("I5",),
    cases=_shift_cases,
    reference=solution_of(WEEK, "shift"),
    hints=(
        "Begin with a new array that is all border: `np.full_like(pictures, fill)`. "
        "Then copy the part of the old pictures that is still to be seen into its new place.",
        "`np.roll` would be shorter, and wrong: what leaves on one side comes back on the other.",
        "Moving down by 2: new rows 2 to the end are old rows 0 to the end less 2. Moving up: the other way round. "
        "Slices like `[:-down]` are empty for 0, so count from the front: `[: height - down]`.",
        "`new = slice(max(down, 0), height + min(down, 0))` and `old = slice(max(-down, 0), height - max(down, 0))` "
        "work for both directions; the same with `right` and `width`. "
        "Where the move is larger than the picture, nothing is copied: return the border.",
    ),
)


# --- Task 3: an augmenter of layers ---


def _augmenter_cases(seed: int) -> Cases:
    random = np.random.default_rng(seed)

    def smooth(n: int, size: int = 16) -> Array:
        """Draw pictures of soft stripes from 0 to 255, so that the way of interpolating matters little."""
        at = np.arange(size) / size
        waves = [np.sin(6 * at[:, None] * a + 4 * at[None, :] * b + c) for a, b, c in random.uniform(-1, 1, (n, 3)) * 2]
        return (127.5 + 120 * np.stack(waves)[..., None]).astype(np.float32)

    shade = float(random.integers(120, 250))
    return [
        ("nothing but the pictures, when no change is allowed", ((0.0, 0.0), (0.0, 0.0), smooth(3))),
        ("a quarter turn", ((90.0, 90.0), (0.0, 0.0), smooth(2))),
        ("a half turn, the other way", ((-180.0, -180.0), (0.0, 0.0), smooth(2))),
        ("a move to the right by a quarter", ((0.0, 0.0), (0.25, 0.25), smooth(3))),
        ("a move to the left by an eighth", ((0.0, 0.0), (-0.125, -0.125), smooth(3))),
        (
            "blank paper, turned and moved: no dark corners",
            ((10.0, 40.0), (-0.3, 0.3), np.full((6, 16, 16, 1), shade, np.float32)),
        ),
    ]


MAKE_AUGMENTER = FunctionCheck(
    id="week07.make_augmenter",
    title="An augmenter of layers",
    points=2,
    skills=("I5", "I6"),
    cases=_augmenter_cases,
    calling=CallFunction(via="call the result"),
    tolerance=0.01,
    reference=solution_of(WEEK, "make_augmenter"),
    hints=(
        "Two layers in a `keras.Sequential`: `layers.RandomRotation` and `layers.RandomTranslation`, in this order. "
        "Both take a pair (low, high).",
        "`RandomRotation` counts in full turns: 90 degrees are 0.25. Divide both ends of `degrees` by 360.",
        "`RandomTranslation(height_factor, width_factor)`: `0.0` for the height, the pair `right` for the width.",
        'Corners that come into view are filled by `fill_mode`; `"nearest"` repeats the border, in both layers.',
    ),
)


# --- Task 4: few pictures ---


def _signs_data(seed: int) -> Split:
    # Two seeds, so that the people who write are different ones.
    x_train, y_train = make_handwriting(TRAIN_SIGNS, seed=2 * seed, source="forms", writers=10)
    x_test, y_test = make_handwriting(TEST_SIGNS, seed=2 * seed + 1, source="notes", writers=200)
    return Split(x_train, y_train, x_test, y_test)


def _network(
    *first: Any, filters: tuple[int, ...] = (16, 32, 64), to: str = "0 to 1", end: str = "flatten", dropout: float = 0.3
) -> Any:
    """Build a convolutional network behind some layers that augment; optimizer and rate as Keras has them."""
    import keras
    from keras import layers

    model = keras.Sequential([keras.Input(shape=(32, 32, 1)), *first])
    model.add(layers.Rescaling(1 / 255) if to == "0 to 1" else layers.Rescaling(1 / 127.5, offset=-1))
    for count in filters:
        model.add(layers.Conv2D(count, 3, padding="same", activation="relu"))
        model.add(layers.MaxPooling2D())
    model.add(layers.Flatten() if end == "flatten" else layers.GlobalAveragePooling2D())
    model.add(layers.Dropout(dropout))
    model.add(layers.Dense(64, activation="relu"))
    model.add(layers.Dense(len(CLASSES), activation="softmax"))
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def _changes(turn: float = 0.08, move: float = 0.15, zoom: float = 0.25, fill: str = "nearest") -> list[Any]:
    from keras import layers

    return [
        layers.RandomRotation(turn, fill_mode=fill),
        layers.RandomTranslation(move, move, fill_mode=fill),
        layers.RandomZoom(zoom, fill_mode=fill),
    ]


def _without_translation() -> Any:
    from keras import layers

    return _network(layers.RandomRotation(0.08, fill_mode="nearest"), layers.RandomZoom(0.25, fill_mode="nearest"))


def _with_flips() -> Any:
    from keras import layers

    return _network(layers.RandomFlip("horizontal_and_vertical"), *_changes())


def _brightness_behind_rescaling() -> Any:
    import keras
    from keras import layers

    model = keras.Sequential([keras.Input(shape=(32, 32, 1)), layers.Rescaling(1 / 255), layers.RandomBrightness(0.5)])
    for layer in _network().layers[1:]:
        model.add(layer)
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
    return model


_DENSE = FixedBudget(Output("probabilities", (len(CLASSES),)), epochs=30)


def _dense() -> Any:
    import keras
    from keras import layers

    hidden = [layers.Dense(128, activation="relu"), layers.Dropout(0.3), layers.Dense(64, activation="relu")]
    last = layers.Dense(len(CLASSES), activation="softmax")
    model = keras.Sequential(
        [keras.Input(shape=(32, 32, 1)), layers.Rescaling(1 / 255), layers.Flatten(), *hidden, last]
    )
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
    return model


HANDWRITING_CNN = ModelCheck(
    id="week07.handwriting_cnn",
    title="Few pictures",
    skills=("I5", "B9"),
    data=_signs_data,
    training=OwnTraining(Output("probabilities", (len(CLASSES),)), budget=90, max_parameters=500_000),
    labels=CLASSES,
    ladder=Ladder(accuracy, (0.2, 0.35, 0.5, 0.77, 0.86)),
    baselines=(
        baselines.majority(),
        baselines.untrained(_DENSE, _network),
        baselines.logistic(c=0.001),
        baselines.network("dense network", _DENSE, _dense),
    ),
    panel=(
        ordinary(
            "rotation, translation, zoom; pixels 0 to 1, Adam, 60 epochs", fitted(lambda x: _network(*_changes()), 60)
        ),
        ordinary(
            "the same with pixels -1 to 1, early stopping",
            stopped_early(lambda x: _network(*_changes(), to="-1 to 1"), epochs=150),
        ),
        ordinary(
            "32, 64 and 128 filters, dropout 0.5, 50 epochs",
            fitted(lambda x: _network(*_changes(), filters=(32, 64, 128), dropout=0.5), 50),
        ),
        ordinary(
            "changes of a tenth, default fill, 100 epochs",
            fitted(lambda x: _network(*_changes(0.1, 0.1, 0.1, "reflect")), 100),
        ),
        rival("no augmentation, 60 epochs", fitted(lambda x: _network(), 60), "I5"),
        rival("no augmentation, early stopping", stopped_early(lambda x: _network(), epochs=150), "I5"),
        rival(
            "no augmentation, 128 filters and global average pooling",
            fitted(lambda x: _network(filters=(32, 64, 128), end="average"), 100),
            "I5",
        ),
        rival("no augmentation, dropout 0.6", fitted(lambda x: _network(dropout=0.6), 100), "I5"),
        mistake("flips as well", fitted(lambda x: _with_flips(), 60)),
        mistake("turned and zoomed, never moved", fitted(lambda x: _without_translation(), 60)),
        mistake("brightness behind rescaling", fitted(lambda x: _brightness_behind_rescaling(), 60)),
    ),
    reference=solution_of(WEEK, "train_model"),
    hints=(
        "The 250 signs to learn from stand upright in the middle; those that count are turned, moved, larger, smaller. "
        "Show the network more than it is given: Random layers at the beginning of the model.",
        "What may happen to a sign without changing its label? Turning by some degrees, moving by some pixels, "
        "coming nearer. Not flips: they make a d of a b. And what fills the corners that come into view?",
        "The notes are moved by up to 5 of 32 pixels, turned by up to 30 of 360 degrees, and a quarter nearer or "
        "further: these are the arguments of `RandomTranslation`, `RandomRotation` and `RandomZoom`. Behind them come "
        "`Rescaling` and blocks of Conv2D and MaxPooling2D, as in week 5.",
        "A network that never sees the same picture twice learns slowly: draw its training loss, and train on while "
        "it falls. Fifty epochs are not too many here.",
    ),
    advice=(
        Advice(
            "The loss did not fall at all. Is it sparse_categorical_crossentropy, is the learning rate near 0.001, "
            "and do pixels arrive at the first convolution as numbers near 1? A RandomBrightness behind Rescaling "
            "clips them.",
            rungs=(0, 1, 2),
            when=not_learning,
        ),
        Advice(
            "Your network has no convolution. Where a sign is moved by three pixels, a Dense layer meets other inputs: "
            "put three blocks of Conv2D and MaxPooling2D in front.",
            rungs=(0, 1, 2, 3),
            when=lacks("Conv2D"),
        ),
        Advice(
            "A flip changes labels here: b, d, p and q are each other, flipped, and your network was told one name "
            "after another for the same sign. Take RandomFlip out.",
            rungs=(0, 1, 2, 3, 4),
            when=has("RandomFlip"),
        ),
        Advice(
            "Your model has no Random layer. Unless you changed the signs yourself, it saw upright ones in the middle "
            "and nothing else; notes are turned, moved, nearer or further. Show it such signs.",
            rungs=(0, 1, 2, 3, 4),
            when=lacks("Random"),
        ),
        Advice(
            "Notes are moved by up to 5 of 32 pixels, and your model has no RandomTranslation to show it such signs. "
            "Moving brings most; turning and zooming are worth their share once it is there.",
            rungs=(0, 1, 2, 3, 4),
            when=lacks("RandomTranslation"),
        ),
        Advice(
            "The changes are there, and the network is still learning from them: train on. It never sees the same "
            "picture twice, so it takes more epochs than without.",
            rungs=(0, 1, 2, 3, 4),
            when=still_learning,
        ),
        Advice(
            "Values far from 1 reach the first convolution. Rescaling(1/255) or Rescaling(1/127.5, offset=-1) comes "
            "before it, behind the Random layers.",
            rungs=(0, 1, 2, 3, 4),
            when=unscaled,
        ),
        Advice(
            "This is hardly better than guessing one of ten. Is the loss sparse_categorical_crossentropy, has the last "
            "layer ten units with softmax, and do pixels arrive rescaled once, not twice?",
            rungs=(0, 1),
        ),
        Advice(
            "Something works against the changes. Look at ten augmented signs: can you read them? "
            "RandomRotation counts in turns, not degrees, and dark corners come from fill_mode.",
            rungs=(2, 3),
        ),
        Advice(
            "Very good. What is left: changes as large as those of the notes (a sixth of the width, a twelfth of a "
            'turn, a quarter nearer or further), fill_mode="nearest", and training until the loss no longer falls.',
            rungs=(4,),
        ),
        Advice(
            "How few signs would do? And what if only five people had written them?",
            rungs=(5,),
        ),
    ),
)

CHECKS = (ALLOWED_FLIPS, SHIFT, MAKE_AUGMENTER, HANDWRITING_CNN)
