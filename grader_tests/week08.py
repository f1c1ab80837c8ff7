"""The checks of week 8: what is trained, features, thawing, and six grounds from ninety pictures."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from collections.abc import Callable, Sequence
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
    OwnTraining,
    Split,
    accuracy,
    baselines,
    mistake,
    ordinary,
    rival,
    solution_of,
)
from tfcourse.checks.diagnosis import Diagnosis, not_learning, still_learning
from tfcourse.datasets.backbone import load_backbone
from tfcourse.datasets.surfaces import GROUNDS, make_grounds

WEEK = "week08"
TRAIN_PICTURES = 15 * len(GROUNDS)
TEST_PICTURES = 2_000
COLOURS_OF_A_WALK = 2
"""In how many of its colours each ground is met by those who take the pictures to learn from."""

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
    # All that there is to learn from is of one walk; the hidden pictures are of the whole town.
    train_seed, test_seed = (int(part) for part in np.random.SeedSequence(seed).generate_state(2, np.uint64))
    return Split(
        *make_grounds(TRAIN_PICTURES, seed=train_seed, colours=COLOURS_OF_A_WALK),
        *make_grounds(TEST_PICTURES, seed=test_seed),
    )


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


_SMALL = FixedBudget(Output("probabilities", (len(GROUNDS),)), epochs=60, batch_size=16)

_RIGHT = "right"


def _on_backbone(backbone: Any, pixels: str, head: Sequence[Any], *, flips: bool = True) -> Any:
    """Put a head on a backbone; `pixels` says what arrives there."""
    import keras
    from keras import layers

    scalings = {
        _RIGHT: [layers.Rescaling(1 / 127.5, offset=-1)],
        "0 to 1": [layers.Rescaling(1 / 255)],
        "0 to 255": [],
    }
    inputs = x = keras.Input(shape=(48, 48, 3))
    for layer in [*([layers.RandomFlip("horizontal_and_vertical")] if flips else []), *scalings[pixels]]:
        x = layer(x)
    x = layers.GlobalAveragePooling2D()(backbone(x))
    for layer in head:
        x = layer(x)
    return keras.Model(inputs, layers.Dense(len(GROUNDS), activation="softmax")(x))


def _compiled(model: Any, rate: float = 0.001) -> Any:
    import keras

    optimizer = keras.optimizers.Adam(rate)
    model.compile(optimizer=optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def _early_stopping() -> list[Any]:
    import keras

    return [keras.callbacks.EarlyStopping(patience=10, restore_best_weights=True)]


def _head(dropout: float = 0.0, hidden: int = 0) -> list[Any]:
    from keras import layers

    return [
        *([layers.Dense(hidden, activation="relu")] if hidden else []),
        *([layers.Dropout(dropout)] if dropout else []),
    ]


def _thaw(backbone: Any, last: int | None = None, *, norms: bool = False) -> None:
    """Thaw the last layers of a backbone, or all; its normalisations only where it is said."""
    from keras import layers

    backbone.trainable = True
    first = 0 if last is None else len(backbone.layers) - last
    for position, layer in enumerate(backbone.layers):
        layer.trainable = position >= first and (norms or not isinstance(layer, layers.BatchNormalization))


Trainer = Callable[[Array, Array], Any]


def _frozen(
    epochs: int = 60, *, pixels: str = _RIGHT, dropout: float = 0.0, hidden: int = 0, early: bool = False
) -> Trainer:
    """Return a training of a head on a frozen backbone."""

    def train_model(x_train: Array, y_train: Array) -> Any:
        backbone = load_backbone()
        backbone.trainable = False
        model = _compiled(_on_backbone(backbone, pixels, _head(dropout, hidden)))
        if early:
            model.fit(x_train, y_train, epochs=150, validation_split=0.2, callbacks=_early_stopping(), verbose=0)
        else:
            model.fit(x_train, y_train, epochs=epochs, verbose=0)
        return model

    return train_model


def _extracted(pixels: str = _RIGHT, epochs: int = 150) -> Trainer:
    """Return a training of a head on features that were extracted once."""

    def train_model(x_train: Array, y_train: Array) -> Any:
        import keras

        model = _on_backbone(load_backbone(), pixels, [], flips=False)
        features = keras.Model(model.inputs, model.layers[-2].output).predict(x_train, verbose=0)
        head = keras.Sequential([keras.Input(shape=features.shape[1:]), model.layers[-1]])
        _compiled(head).fit(features, y_train, epochs=epochs, verbose=0)
        return model

    return train_model


def _fine_tuned(
    last: int | None = 3, rate: float = 0.00001, *, norms: bool = False, pixels: str = _RIGHT, epochs: int = 20
) -> Trainer:
    """Return a training of the head first, and of the last layers after it."""

    def train_model(x_train: Array, y_train: Array) -> Any:
        backbone = load_backbone()
        backbone.trainable = False
        model = _compiled(_on_backbone(backbone, pixels, _head(0.2)))
        model.fit(x_train, y_train, epochs=60, verbose=0)
        _thaw(backbone, last, norms=norms)
        _compiled(model, rate).fit(x_train, y_train, epochs=epochs, verbose=0)
        return model

    return train_model


def _never_frozen(
    rate: float = 0.001, *, norms: bool = True, pixels: str = _RIGHT, early: bool = False, epochs: int = 40
) -> Trainer:
    """Return a training of everything from the first step on."""

    def train_model(x_train: Array, y_train: Array) -> Any:
        backbone = load_backbone()
        _thaw(backbone, norms=norms)
        model = _compiled(_on_backbone(backbone, pixels, _head(0.2)), rate)
        if early:
            model.fit(x_train, y_train, epochs=100, validation_split=0.2, callbacks=_early_stopping(), verbose=0)
        else:
            model.fit(x_train, y_train, epochs=epochs, verbose=0)
        return model

    return train_model


def _from_nothing(x_train: Array, y_train: Array) -> Any:
    model = _compiled(_own_network())
    model.fit(x_train, y_train, epochs=150, verbose=0)
    return model


def _forgotten_weights(x_train: Array, y_train: Array) -> Any:
    """Train the backbone's layers from weights that nobody trained before."""
    import keras

    backbone = keras.models.clone_model(load_backbone())
    model = _compiled(_on_backbone(backbone, _RIGHT, _head(0.2)))
    model.fit(x_train, y_train, epochs=60, verbose=0)
    return model


def _mostly_trained(found: Diagnosis) -> bool:
    """Tell whether most of a model's weights were left to training."""
    return found.facts.trainable > 0.5 * found.facts.parameters > 50_000


def _in_another_range(found: Diagnosis) -> bool:
    """Tell whether pixels reach the backbone in another range than it expects."""
    return found.facts.low is not None and found.facts.low > -0.2


def _untransferred(found: Diagnosis) -> bool:
    """Tell whether a model is too small to hold the backbone."""
    return 0 < found.facts.parameters < 100_000


GROUNDS_MODEL = ModelCheck(
    id="week08.grounds_model",
    title="Six grounds from ninety pictures",
    skills=("B10", "B11", "I2"),
    data=_grounds_data,
    training=OwnTraining(Output("probabilities", (len(GROUNDS),)), budget=120, max_parameters=500_000),
    labels=GROUNDS,
    ladder=Ladder(accuracy, (0.22, 0.32, 0.46, 0.64, 0.665)),
    baselines=(
        baselines.majority(),
        baselines.untrained(_SMALL, _own_network),
        _nearest_colour(),
        baselines.network("own small network", _SMALL, _own_network),
    ),
    panel=(
        ordinary("frozen, flips, default Adam, 60 epochs", _frozen()),
        ordinary("frozen, Dense(64) and dropout 0.5, 40 epochs", _frozen(40, hidden=64, dropout=0.5)),
        ordinary("frozen, a fifth held back, early stopping", _frozen(early=True)),
        ordinary("features extracted once, 150 epochs", _extracted()),
        ordinary("frozen, then the last block with a rate of 0.00001", _fine_tuned()),
        rival("never frozen, 40 epochs", _never_frozen(), "B10"),
        rival("never frozen, rate 0.0001", _never_frozen(0.0001), "B10"),
        rival("never frozen, early stopping", _never_frozen(early=True), "B10"),
        rival("never frozen but for its normalisations, rate 0.0001", _never_frozen(0.0001, norms=False), "B10"),
        rival("a network of one's own", _from_nothing, "B10", "B11"),
        rival("the backbone without its weights", _forgotten_weights, "B11"),
        mistake("pixels 0 to 1", _frozen(pixels="0 to 1")),
        mistake("pixels 0 to 1, Dense(128)", _frozen(pixels="0 to 1", hidden=128)),
        mistake("raw pixels", _frozen(pixels="0 to 255")),
    ),
    reference=solution_of(WEEK, "train_model"),
    hints=(
        "Ninety pictures are too few to learn from what an edge is. `load_backbone()` knows; freeze it "
        "(`backbone.trainable = False`) and train a small head on its features.",
        "What does the backbone expect of its pixels? Its help says, `help(load_backbone)`. Bring them there by a "
        "Rescaling between the input and the backbone: the model is asked about raw pixels.",
        "Its feature maps have shape (6, 6, 128). GlobalAveragePooling2D makes 128 numbers of them that do not care "
        "where in the picture something was; one dense layer with softmax can decide.",
        "Ninety pictures in batches of 32 make three steps an epoch: train for many epochs, or in smaller batches, "
        "until the loss hardly falls. If you fine-tune after that: only the last block, its normalisation frozen, "
        "compiled anew with a rate of 0.00001.",
    ),
    advice=(
        Advice(
            "The loss did not fall at all. Is it sparse_categorical_crossentropy, and do pixels reach the backbone "
            "in the range that it expects?",
            rungs=(0, 1, 2),
            when=not_learning,
        ),
        Advice(
            "A network of one's own learns this much from ninety pictures, however it is built. `load_backbone()` has "
            "learned from a hundred thousand what joints and grains are: freeze it, and train a small head on it.",
            rungs=(0, 1, 2, 3),
            when=_untransferred,
        ),
        Advice(
            "The backbone does not see what it was trained on: what reaches it lies from 0 to 1 or from 0 to 255. "
            "It expects −1 to 1: `layers.Rescaling(1 / 127.5, offset=-1)` before it.",
            rungs=(0, 1, 2, 3, 4),
            when=_in_another_range,
        ),
        Advice(
            "Most of the backbone's weights were trained, and ninety pictures of one walk have overwritten what a "
            "hundred thousand taught. Freeze it before compile, and train the head alone.",
            rungs=(0, 1, 2, 3),
            when=_mostly_trained,
        ),
        Advice(
            "It was still learning when training ended: three steps an epoch are few. Train on.",
            rungs=(0, 1, 2, 3, 4),
            when=still_learning,
        ),
        Advice(
            "This is hardly better than guessing one of six, or what colour alone gives. Does the last layer have six "
            "units with softmax, and is the rate not far too high?",
            rungs=(0, 1),
        ),
        Advice(
            "A frozen backbone with a small head gets further. Were its normalisations thawed, or was it trained "
            "with a rate far above 0.00001? Then it has forgotten more than it has learned.",
            rungs=(2, 3),
        ),
        Advice(
            "Very good. What is left: flips both ways, Dropout before the last layer, "
            "and as many epochs as the loss of pictures that are held back goes on falling.",
            rungs=(4,),
        ),
        Advice(
            "Can you gain three points more? Try the features of two layers side by side. Most who thaw the last block "
            "find that ninety pictures are better left frozen.",
            rungs=(5,),
        ),
    ),
)

CHECKS = (COUNT_TRAINED, EXTRACT, THAW, GROUNDS_MODEL)
