"""The checks of week 8: what is trained, features, thawing, and six grounds from ninety pictures."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from tfcourse.checks import (
    Advice,
    Baseline,
    CallFunction,
    FixedBudget,
    Folder,
    FunctionCheck,
    Ladder,
    ModelCheck,
    Output,
    Split,
    Task,
    accuracy,
    baselines,
    solution_of,
)
from tfcourse.datasets.surfaces import GROUNDS, make_grounds

WEEK = "week08"
TRAIN_PICTURES = 15 * len(GROUNDS)
TEST_PICTURES = 1_500

Array = np.ndarray[Any, Any]
Cases = Sequence[tuple[str, tuple[Any, ...]]]


# --- Task 1: what is still trained ---


def _count_trained_cases(seed: int) -> Cases:
    random = np.random.default_rng(seed)

    def some(*choices: int) -> int:
        return int(random.choice(choices))

    first, second, classes = some(8, 12, 16), some(24, 32), some(5, 6, 7)
    plain = [
        ("conv", 3, 3, first),
        ("relu",),
        ("pool",),
        ("conv", 3, first, second),
        ("relu",),
        ("average",),
        ("dense", second, classes),
    ]
    normed = [
        ("conv", 5, 3, first),
        ("norm", first),
        ("relu",),
        ("pool",),
        ("conv", 3, first, second),
        ("norm", second),
        ("relu",),
        ("average",),
        ("dropout",),
        ("dense", second, classes),
    ]
    return [
        ("nothing frozen, no normalisation", (plain, 0)),
        ("all but the dense layer frozen, no normalisation", (plain, 6)),
        ("a frozen layer without numbers of its own", (plain, 3)),
        ("nothing frozen, with normalisation", (normed, 0)),
        ("the first block frozen, with normalisation", (normed, 4)),
        ("frozen up to a convolution, its normalisation not", (normed, 5)),
        ("all but the dense layer frozen, with normalisation", (normed, 9)),
        ("everything frozen", (normed, 10)),
    ]


COUNT_TRAINED = FunctionCheck(
    id="week08.count_trained",
    title="What is still trained",
    points=2,
    skills=("B10",),
    cases=_count_trained_cases,
    reference=solution_of(WEEK, "count_trained"),
    hints=(
        "Go through the stack with `enumerate`: a layer whose position is smaller than `frozen` adds to the second "
        "number, the others to the first. Layers without numbers still take a position.",
        "A convolution has (size · size · channels + 1) · filters numbers, a dense layer (inputs + 1) · units, "
        "as in week 5.",
        "A normalisation has 4 · channels numbers. Two of the four per channel are never trained by gradients, so even "
        "where it is not frozen, 2 · channels go to the second number.",
    ),
)


# --- Tasks 2 and 3: networks in files ---


def _kernel(random: np.random.Generator, shape: tuple[int, ...]) -> Array:
    return random.normal(0, np.sqrt(2 / np.prod(shape[:-1])), shape).astype("float32")


def _set_weights(model: Any, random: np.random.Generator) -> None:
    """Give every layer weights drawn here, and normalisations a past that no batch will look like."""
    for weight in [weight for layer in model.layers for weight in layer.weights]:
        name, shape = weight.path.split("/")[-1], tuple(weight.shape)
        if name == "kernel":
            weight.assign(_kernel(random, shape))
        elif name in ("gamma", "moving_variance"):
            weight.assign(random.uniform(0.4, 2.0, shape).astype("float32"))
        else:
            weight.assign(random.normal(0, 0.4, shape).astype("float32"))


def _backbone(filters: tuple[int, ...], *, tag: str = "", dropout: bool = False) -> Any:
    """Build a small backbone; `tag` is put behind the names of its layers."""
    import keras
    from keras import layers

    inputs = x = keras.Input((None, None, 3), name="pictures")
    for block, width in enumerate(filters, start=1):
        x = layers.Conv2D(width, 3, strides=2, padding="same", name=f"conv{block}{tag}")(x)
        x = layers.BatchNormalization(name=f"norm{block}{tag}")(x)
        x = layers.ReLU(name=f"relu{block}{tag}")(x)
    if dropout:
        x = layers.Dropout(0.5, name="dropout")(x)
    return keras.Model(inputs, x, name="backbone")


def _saved(model: Any, name: str) -> Folder:
    """Save a model in a folder, the same bytes whenever it is saved."""
    with tempfile.TemporaryDirectory() as temporary:
        path = Path(temporary) / name
        model.save(path)
        with zipfile.ZipFile(path) as archive:
            parts = {part: archive.read(part) for part in archive.namelist()}
    parts["metadata.json"] = json.dumps(json.loads(parts["metadata.json"]) | {"date_saved": ""}).encode()
    undated = io.BytesIO()
    with zipfile.ZipFile(undated, "w") as archive:
        for part in sorted(parts):
            archive.writestr(zipfile.ZipInfo(part), parts[part])
    return Folder({name: undated.getvalue()})


def _extract_cases(seed: int) -> Cases:
    random = np.random.default_rng(seed)

    def folder(*filters: int, dropout: bool = False) -> Folder:
        model = _backbone(filters, dropout=dropout)
        _set_weights(model, random)
        return _saved(model, "backbone.keras")

    def pictures(n: int) -> Array:
        return make_grounds(n, seed=int(random.integers(2**31)))[0]

    wide = random.integers(0, 256, (3, 32, 56, 3), dtype=np.uint8)
    return [
        ("six pictures", (folder(6, 10), pictures(6))),
        ("one picture", (folder(6, 9), pictures(1))),
        ("pictures in the dark, none of their pixels above 90", (folder(8, 8), pictures(5) // 3)),
        ("pixels as floats", (folder(5, 12), pictures(4).astype("float32"))),
        ("pictures wider than high", (folder(6, 10), wide)),
        ("a backbone with dropout", (folder(6, 8, dropout=True), pictures(5))),
        ("more pictures than fit into a batch", (folder(4, 7), pictures(70))),
    ]


EXTRACT = FunctionCheck(
    id="week08.extract",
    title="Extract features",
    points=3,
    skills=("B11",),
    cases=_extract_cases,
    reference=solution_of(WEEK, "extract"),
    tolerance=1e-3,
    hints=(
        'Three steps: load with `keras.models.load_model(folder / "backbone.keras")`, bring the pixels to where the '
        "network expects them, and average its feature maps over axes 1 and 2.",
        "0 has to become −1 and 255 has to become 1, in every picture: `pictures / 127.5 - 1`. "
        "Dividing by the brightest pixel found would make the same picture another one in other company.",
        "`backbone.predict(…)` runs the network as it is used. `backbone(…, training=True)` would normalise by the "
        "pictures at hand and switch dropout on, so that a picture's features depend on its neighbours and on chance.",
        'maps = backbone.predict(pictures.astype("float32") / 127.5 - 1, verbose=0), then maps.mean(axis=(1, 2)).',
    ),
)


def _thaw_cases(seed: int) -> Cases:
    import keras
    from keras import layers

    random = np.random.default_rng(seed)
    batch = random.uniform(-1, 1, (8, 32, 32, 3)).astype("float32"), np.zeros((8, 6), "float32")

    def folder(blocks: int, head: Sequence[Any], *, frozen: bool) -> Folder:
        backbone = _backbone(tuple(random.integers(4, 8, blocks).tolist()), tag=f"_{random.integers(10_000)}")
        backbone.trainable = not frozen
        inputs = x = keras.Input((32, 32, 3), name="inputs")
        x = layers.GlobalAveragePooling2D(name="average")(backbone(x, training=False))
        for layer in head:
            x = layer(x)
        model = keras.Model(inputs, x, name="whole")
        _set_weights(model, random)
        return _saved(model, "model.keras")

    def dense(name: str = "head", units: int = 6) -> Any:
        return layers.Dense(units, name=name)

    def normed(name: str) -> Any:
        return layers.BatchNormalization(name=name)

    blocks = int(random.integers(2, 4))
    return [
        ("the last block of a frozen backbone", (folder(3, [dense()], frozen=True), 3, *batch)),
        ("the last block of one that is not frozen", (folder(3, [dense()], frozen=False), 3, *batch)),
        ("nothing of the backbone", (folder(blocks, [dense()], frozen=False), 0, *batch)),
        ("nothing of it, and it is frozen already", (folder(blocks, [dense()], frozen=True), 0, *batch)),
        ("the last five layers: one block and a normalisation", (folder(3, [dense()], frozen=False), 5, *batch)),
        ("the whole backbone", (folder(2, [dense()], frozen=True), 7, *batch)),
        ("the last layer, which has no weights", (folder(2, [dense()], frozen=True), 1, *batch)),
        ("a head of several layers", (folder(2, [dense("wide", 8), normed("norm"), dense()], frozen=True), 3, *batch)),
    ]


THAW = FunctionCheck(
    id="week08.thaw",
    title="Thaw the last layers",
    points=3,
    skills=("B10",),
    cases=_thaw_cases,
    calling=CallFunction(via="train the result"),
    reference=solution_of(WEEK, "thaw"),
    hints=(
        '`model.get_layer("backbone")` is a model with `layers` of its own. Go through those, not through '
        "`model.layers`, which are the backbone as one layer and the head.",
        "Where `trainable` of a model changes, the new flag is written into every layer within it. So set the "
        "backbone's first, then those of its layers; in the other order the last line overwrites the rest.",
        "`backbone.layers[:-0]` is an empty list. Count from the front instead: freeze where "
        "`position < len(backbone.layers) - last`.",
        "For each position and layer of the backbone: `layer.trainable = position >= first and not "
        "isinstance(layer, layers.BatchNormalization)`, with `first = len(backbone.layers) - last`.",
    ),
)


# --- Task 4: six grounds ---


def _grounds_data(seed: int) -> Split:
    train_seed, test_seed = (int(part) for part in np.random.SeedSequence(seed).generate_state(2, np.uint64))
    return Split(*make_grounds(TRAIN_PICTURES, seed=train_seed), *make_grounds(TEST_PICTURES, seed=test_seed))


def _nearest_colour() -> Baseline:
    """Give a picture to the class whose mean colour is nearest."""

    def predict(split: Split) -> Array:
        x, y, x_test = split.x_train, split.y_train, split.x_test
        colours = x.mean(axis=(1, 2))
        centres = np.stack([colours[y == label].mean(axis=0) for label in range(len(GROUNDS))])
        distances = ((x_test.mean(axis=(1, 2))[:, None] - centres) ** 2).sum(axis=2)
        return np.eye(len(GROUNDS))[distances.argmin(axis=1)]

    return Baseline("nearest mean colour", "simple", predict)


def _own_network() -> Any:
    """Build a small convolutional network as week 5 would: it has to learn everything from ninety pictures."""
    import keras
    from keras import layers

    model = keras.Sequential(
        [
            keras.Input(shape=(48, 48, 3)),
            layers.RandomFlip(),
            layers.Rescaling(1 / 127.5, offset=-1),
            layers.Conv2D(16, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(32, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 3, padding="same", activation="relu"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(len(GROUNDS), activation="softmax"),
        ]
    )
    model.compile(optimizer=keras.optimizers.Adam(0.003), loss="sparse_categorical_crossentropy")
    return model


_TRAINING = FixedBudget(Output("probabilities", (len(GROUNDS),)), epochs=40, batch_size=16, max_parameters=300_000)

GROUNDS_MODEL = ModelCheck(
    id="week08.grounds_model",
    title="Six grounds from ninety pictures",
    skills=("B10", "B11", "I2"),
    data=_grounds_data,
    training=_TRAINING,
    ladder=Ladder(accuracy, (0.22, 0.3, 0.48, 0.57, 0.655)),
    baselines=(
        baselines.majority(),
        baselines.untrained(_TRAINING, solution_of(WEEK, "build_model")),
        _nearest_colour(),
        baselines.network("own small network", _TRAINING, _own_network),
    ),
    reference=solution_of(WEEK, "build_model"),
    hints=(
        "Ninety pictures are too few to learn from what an edge is. `load_backbone()` knows; freeze it "
        "(`backbone.trainable = False`) and train a small head on its features.",
        "The backbone expects pixels from −1 to 1: `layers.Rescaling(1 / 127.5, offset=-1)` before it, "
        "as a layer of the model.",
        "Its feature maps have shape (6, 6, 128). GlobalAveragePooling2D makes 128 numbers of them that do not care "
        "where in the picture something was; Dense(6) with softmax decides.",
        "Ninety pictures in batches of 16 make six steps an epoch, 240 in all: Adam(0.003) arrives, "
        "the default of 0.001 barely. RandomFlip before the rescaling shows more than ninety pictures.",
    ),
    advice=(
        Advice(
            "This is hardly better than guessing one of six. Is the loss sparse_categorical_crossentropy, does the "
            "last layer have six units with softmax, and is the learning rate not far too high?",
            rungs=(0,),
        ),
        Advice(
            "Colour alone gets this far, and it says little about a ground. Give the network convolutions, "
            "or better, start from `load_backbone()`, which has them already.",
            rungs=(1,),
        ),
        Advice(
            "This is what a network of one's own learns from ninety pictures, however it is built. Put "
            "`load_backbone()` behind a Rescaling, freeze it, and train only a small head. If it is there already, "
            "look at the learning rate.",
            rungs=(2,),
        ),
        Advice(
            "The backbone helps, but it does not see what it was trained on. It expects pixels from −1 to 1: "
            "`layers.Rescaling(1 / 127.5, offset=-1)` before it. If that is there, something large is being trained: "
            "freeze the whole backbone.",
            rungs=(3,),
        ),
        Advice(
            "Nearly there. What is usually left: pixels from 0 to 1 instead of −1 to 1; a backbone that is not frozen; "
            "Flatten instead of GlobalAveragePooling2D; "
            "a rate of 0.001, which forty epochs of six steps do not bring home (0.003 arrives).",
            rungs=(4,),
        ),
        Advice(
            "Can you gain three points more? Try the features of two layers side by side, or a last block that is "
            "thawed with a rate of 0.0001. Most who try find that ninety pictures are better left frozen.",
            rungs=(5,),
        ),
    ),
)

CHECKS = (COUNT_TRAINED, EXTRACT, THAW, GROUNDS_MODEL)
