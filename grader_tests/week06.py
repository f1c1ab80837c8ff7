"""The checks of week 6: labels from folders, a letterbox by hand, a data set from a folder, a network for leaves."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from tfcourse.checks import (
    Advice,
    Baseline,
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
from tfcourse.checks.diagnosis import lacks, not_learning, still_learning
from tfcourse.datasets.leaves import CLASSES, make_leaves
from tfcourse.datasets.resizing import resized

WEEK = "week06"
TRAIN_PICTURES = 800
TEST_PICTURES = 1_500
SIDE = 40
"""Pixels of each side, as the model gets them."""
TREES = ("alder", "ash", "box", "cedar", "elm", "fig", "hazel", "holly", "larch", "pine", "rowan", "yew")

Array = np.ndarray[Any, Any]
Cases = Sequence[tuple[str, tuple[Any, ...]]]


def _encoded(picture: Array, kind: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(picture[:, :, 0] if picture.shape[2] == 1 else picture).save(buffer, kind)
    return buffer.getvalue()


# --- Task 1: labels from folders ---


def _labels_cases(seed: int) -> Cases:
    random = np.random.default_rng(seed)

    def trees(n: int) -> list[str]:
        """Draw `n` names in an order that is not that of the alphabet."""
        names = [str(name) for name in random.choice(TREES, size=n, replace=False)]
        return names if names != sorted(names) else names[::-1]

    def folder(*names: str) -> tuple[Folder]:
        return (Folder(dict.fromkeys(names, b"")),)

    def some(name: str, n: int, suffix: str = "jpg") -> list[str]:
        return [f"{name}/{number}.{suffix}" for number in random.choice(range(100, 999), size=n, replace=False)]

    plain = [file for name in trees(3) for file in some(name, 3)]
    a, b, c = trees(3)
    first, empty, last = sorted(trees(3))
    upper = [f"{trees(1)[0].title()}/{number}.jpg" for number in (3, 4)]
    return [
        ("three folders of pictures", folder(*plain)),
        ("numbers of one, two and three digits", folder(f"{a}/9.jpg", f"{a}/10.jpg", f"{a}/100.jpg", f"{b}/7.jpg")),
        ("jpg, jpeg and png, in small letters and capitals", folder(f"{a}/1.JPG", f"{a}/2.jpeg", f"{b}/3.PNG")),
        ("other files among the pictures", folder(*some(a, 2), f"{a}/notes.txt", f"{a}/1.jpg.part", *some(b, 2))),
        ("files beside the folders", folder("cover.jpg", "README.txt", *some(a, 2), *some(b, 2))),
        ("hidden files", folder(*some(a, 2), f"{a}/._1.jpg", f"{b}/.DS_Store", *some(b, 2))),
        ("a hidden folder", folder(".cache/1.jpg", *some(a, 2), *some(b, 2))),
        ("a class without pictures", folder(*some(first, 2), f"{empty}/nothing yet.txt", *some(last, 2))),
        ("folders within a class", folder(f"{a}/summer/1.jpg", f"{a}/5.jpg", f"{a}/autumn/2.jpg", *some(c, 2))),
        ("names with capitals", folder(*upper, *[file.lower() for file in some("zelkova", 2)])),
    ]


LABELS_FROM_FOLDERS = FunctionCheck(
    id="week06.labels_from_folders",
    title="Labels from folders",
    points=2,
    skills=("I7",),
    cases=_labels_cases,
    reference=solution_of(WEEK, "labels_from_folders"),
    hints=(
        "Two steps, one after the other: first the classes, from the folders that stand directly in `folder`; "
        "then, class by class, its pictures. Whoever begins with the pictures misses a class without any.",
        "`folder.iterdir()` gives names in whatever order the disk has them: sort. `path.is_dir()` tells folders, "
        '`path.name.startswith(".")` what is hidden, `path.suffix.lower()` the kind of file.',
        "`(folder / class_name).rglob('*')` finds pictures at any depth. "
        "`path.relative_to(folder).as_posix()` is the name to return; sort these texts: 10.jpg comes before 9.jpg.",
        "`for label, class_name in enumerate(class_names):` collect and sort the names of that class, then "
        "`names += found` and `labels += [label] * len(found)`.",
    ),
)


# --- Task 2: a letterbox by hand ---


def _letterbox_cases(seed: int) -> Cases:
    random = np.random.default_rng(seed)

    def picture(height: int, width: int, channels: int = 3) -> Array:
        return random.integers(1, 256, (height, width, channels), dtype=np.uint8)

    def near(n: int) -> int:
        return int(random.integers(n - 2, n + 3))

    thin = random.integers(1, 256, (2, near(90), 3), dtype=np.uint8)
    return [
        ("a square picture that has the size already", (picture(12, 12), 12)),
        ("a square picture made smaller", (picture(near(30), 30)[:28, :28], 14)),
        ("a picture twice as wide as high", (picture(20, 40), 20)),
        ("a picture twice as high as wide", (picture(36, 18), 12)),
        ("a wide picture made larger", (picture(6, 10), 30)),
        ("an odd number of zeros", (picture(20, 32), 24)),
        ("sides that do not divide", (picture(near(47), near(61)), 19)),
        ("one channel", (picture(near(25), 41, 1), 16)),
        ("numbers with a fraction", (random.random((9, 16, 3)), 12)),
        ("a strip so thin that it nearly vanishes", (thin, 16)),
    ]


LETTERBOX = FunctionCheck(
    id="week06.letterbox",
    title="Letterbox",
    points=3,
    skills=("I4",),
    cases=_letterbox_cases,
    reference=solution_of(WEEK, "letterbox"),
    hints=(
        "One number decides: `longer = max(height, width)`. Both sides are multiplied by `size` and divided by it: "
        "the longer one becomes `size`, the other one less. Two different factors would squash.",
        "`rows = (2 * np.arange(new_height) + 1) * height // (2 * new_height)` says which old row each new row is, "
        "and `picture[rows][:, columns]` takes rows, then columns.",
        "`np.zeros((size, size, channels), picture.dtype)`, then put the resized picture in, "
        "from row `(size - new_height) // 2` on and from column `(size - new_width) // 2` on.",
        "A picture of 2 by 90 at a size of 16: 2 * 16 // 90 is 0. Hence `max(1, …)`.",
    ),
)


# --- Task 3: a data set from a folder ---


def _dataset_cases(seed: int) -> Cases:
    random = np.random.default_rng(seed)

    def picture(height: int, width: int, channels: int = 3) -> bytes:
        """Encode a smooth picture, so that the way of resizing matters little."""
        coarse = random.integers(40, 256, (3, 3, 3), dtype=np.uint8)
        large = Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)
        return _encoded(np.asarray(large.convert("L" if channels == 1 else "RGB")).reshape(height, width, channels))

    def folder(sizes: dict[str, list[tuple[int, ...]]]) -> Folder:
        return Folder({f"{name}/{n}.png": picture(*size) for name, all in sizes.items() for n, size in enumerate(all)})

    def wide() -> tuple[int, int]:
        return int(random.integers(20, 30)), int(random.integers(40, 60))

    square = (24, 24)
    a, b, c = sorted(str(name) for name in random.choice(TREES, size=3, replace=False))
    return [
        ("square pictures of two classes", (folder({b: [square] * 4, a: [square] * 5}), 24, 4)),
        ("another size", (folder({a: [(30, 30)] * 4, b: [(40, 40)] * 4}), 20, 8)),
        ("wide pictures", (folder({a: [wide() for _ in range(4)], b: [wide() for _ in range(4)]}), 32, 8)),
        ("high pictures", (folder({a: [wide()[::-1] for _ in range(4)], b: [wide()[::-1] for _ in range(4)]}), 24, 5)),
        ("grey pictures among coloured ones", (folder({a: [square, (24, 24, 1)] * 2, c: [(24, 24, 1)] * 4}), 24, 8)),
        ("three classes", (folder({c: [square] * 3, b: [wide()] * 3, a: [square] * 3}), 16, 32)),
    ]


MAKE_DATASET = FunctionCheck(
    id="week06.make_dataset",
    title="A data set from a folder",
    points=2,
    skills=("I4", "I6", "I7"),
    cases=_dataset_cases,
    tolerance=1e-3,
    reference=solution_of(WEEK, "make_dataset"),
    hints=(
        "One call of `keras.utils.image_dataset_from_directory(folder, …)` is the whole function. "
        "Read its arguments: which defaults do not fit?",
        "Left alone, it makes pictures of 256 by 256, in random order, and squashes them. "
        "`image_size` wants a pair, (height, width).",
        "`image_size=(size, size)`, `batch_size=batch_size`, `shuffle=False`, `pad_to_aspect_ratio=True`.",
    ),
)


# --- Task 4: which tree? ---


def _leaves_data(seed: int) -> Split:
    files, labels = make_leaves(TRAIN_PICTURES + TEST_PICTURES, seed=seed)
    # Of what a folder of pictures becomes with image_size=(40, 40) and pad_to_aspect_ratio=True.
    pictures = np.stack([resized(file, (SIDE, SIDE), pad=True) for file in files.tolist()])
    train, hidden = slice(TRAIN_PICTURES), slice(TRAIN_PICTURES, None)
    seen = dict.fromkeys(CLASSES, 0)
    folder = {}
    for file, label in zip(files[train].tolist(), labels[train], strict=True):
        seen[CLASSES[label]] += 1
        folder[f"{CLASSES[label]}/{seen[CLASSES[label]]:04}.jpg"] = file
    return Split(pictures[train], labels[train], pictures[hidden], labels[hidden], files=folder)


def _proportions_alone() -> Baseline:
    """Look at nothing but how many rows and columns of a letterbox are black."""

    def bars(pictures: Array) -> Array:
        # A file's losses leave black where it was; what is dark in a picture is seldom black in a whole row.
        bright = pictures.max(axis=3) > 12
        rows, columns = bright.any(axis=2).sum(axis=1), bright.any(axis=1).sum(axis=1)
        return np.abs(np.log(np.maximum(rows, 1) / np.maximum(columns, 1)))

    def predict(split: Split) -> Array:
        ratios = bars(split.x_train)
        means = np.array([ratios[split.y_train == label].mean() for label in range(len(CLASSES))])
        return np.eye(len(CLASSES))[np.abs(bars(split.x_test)[:, None] - means).argmin(axis=1)]

    return Baseline("proportions alone", "simple", predict)


def _read(folder: Any, **options: Any) -> Any:
    """Read pictures as the task wants them, but for the options."""
    import keras

    wanted = {"image_size": (SIDE, SIDE), "batch_size": 32, "seed": 1, "pad_to_aspect_ratio": True, "verbose": False}
    return keras.utils.image_dataset_from_directory(folder, **{**wanted, **options})


def _network(
    *first: Any,
    filters: tuple[int, ...] = (16, 32, 64),
    to: str = "0 to 1",
    normalise: bool = False,
    dropout: float = 0.3,
    optimizer: str = "adam",
) -> Any:
    """Build week 5's network; optimizer and rate as Keras has them."""
    import keras
    from keras import layers

    scaling = {
        "0 to 1": layers.Rescaling(1 / 255),
        "-1 to 1": layers.Rescaling(1 / 127.5, offset=-1),
    }
    model = keras.Sequential([keras.Input(shape=(SIDE, SIDE, 3)), *first, scaling[to]])
    for count in filters:
        model.add(layers.Conv2D(count, 3, padding="same", activation=None if normalise else "relu"))
        if normalise:
            model.add(layers.BatchNormalization())
            model.add(layers.ReLU())
        model.add(layers.MaxPooling2D())
    model.add(layers.Flatten())
    model.add(layers.Dropout(dropout))
    model.add(layers.Dense(64, activation="relu"))
    model.add(layers.Dense(len(CLASSES), activation="softmax"))
    model.compile(optimizer=optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def _fitted(build: Callable[[], Any], epochs: int = 20, **options: Any) -> Callable[[Any], Any]:
    """Return a training on all pictures of the folder."""

    def train_model(folder: Any) -> Any:
        model = build()
        pictures = _read(folder, **options).cache().shuffle(25, seed=1)
        model.fit(pictures, epochs=epochs, shuffle=False, verbose=0)
        return model

    return train_model


def _stopped_early(build: Callable[[], Any], **options: Any) -> Callable[[Any], Any]:
    """Return a training that holds a fifth back, and stops where that no longer gets better."""

    def train_model(folder: Any) -> Any:
        import keras

        parts = [_read(folder, validation_split=0.2, subset=part, **options) for part in ("training", "validation")]
        model = build()
        stop = keras.callbacks.EarlyStopping(patience=5, restore_best_weights=True)
        model.fit(
            parts[0].cache().shuffle(20, seed=1),
            validation_data=parts[1].cache(),
            epochs=50,
            callbacks=[stop],
            shuffle=False,
            verbose=0,
        )
        return model

    return train_model


def _by_hand(train: Callable[[Any, Array, Array], Any]) -> Callable[[Any], Any]:
    """Return a training on arrays that were read with Pillow, class after class."""

    def train_model(folder: Any) -> Any:
        files = sorted(folder.glob("*/*.jpg"))
        pictures = [ImageOps.pad(Image.open(file).convert("RGB"), (SIDE, SIDE)) for file in files]
        model = _network()
        train(model, np.stack(pictures), np.array([CLASSES.index(file.parent.name) for file in files]))
        return model

    return train_model


def _with_last_class_held_back(model: Any, x: Array, y: Array) -> None:
    import keras

    stop = keras.callbacks.EarlyStopping(patience=5, restore_best_weights=True)
    model.fit(x, y, epochs=50, validation_split=0.2, callbacks=[stop], verbose=0)


def _changes() -> list[Any]:
    from keras import layers

    return [layers.RandomFlip("horizontal"), layers.RandomRotation(0.05)]


_DENSE = FixedBudget(Output("probabilities", (len(CLASSES),)), epochs=18)


def _dense() -> Any:
    import keras
    from keras import layers

    model = keras.Sequential(
        [
            keras.Input(shape=(SIDE, SIDE, 3)),
            layers.Rescaling(1 / 255),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dropout(0.3),
            layers.Dense(len(CLASSES), activation="softmax"),
        ]
    )
    model.compile(optimizer=keras.optimizers.Adam(0.0003), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


LEAVES_CNN = ModelCheck(
    id="week06.leaves_cnn",
    title="Which tree?",
    skills=("I2", "I4", "I6", "I7"),
    data=_leaves_data,
    training=OwnTraining(Output("probabilities", (len(CLASSES),)), budget=100, gets="folder", max_parameters=1_000_000),
    labels=CLASSES,
    ladder=Ladder(accuracy, (0.25, 0.55, 0.7, 0.835, 0.865)),
    baselines=(
        baselines.majority(),
        baselines.untrained(_DENSE, _network),
        _proportions_alone(),
        baselines.logistic(c=0.001),
        baselines.network("dense network", _DENSE, _dense),
    ),
    panel=(
        ordinary("week 5's network, pixels 0 to 1, Adam, 20 epochs", _fitted(_network)),
        ordinary(
            "pixels -1 to 1, dropout 0.5, RMSprop, 20 epochs",
            _fitted(lambda: _network(to="-1 to 1", dropout=0.5, optimizer="rmsprop")),
        ),
        ordinary(
            "32, 64 and 128 filters, a fifth held back, early stopping",
            _stopped_early(lambda: _network(filters=(32, 64, 128))),
        ),
        ordinary("flips and rotation, 30 epochs", _fitted(lambda: _network(*_changes()), epochs=30)),
        ordinary("batch normalisation, 30 epochs", _fitted(lambda: _network(normalise=True), epochs=30)),
        ordinary("read with Pillow, 20 epochs", _by_hand(lambda model, x, y: model.fit(x, y, epochs=20, verbose=0))),
        rival("squashed", _fitted(_network, pad_to_aspect_ratio=False), "I4"),
        rival(
            "squashed, 32, 64 and 128 filters, early stopping",
            _stopped_early(lambda: _network(filters=(32, 64, 128)), pad_to_aspect_ratio=False),
            "I4",
        ),
        rival(
            "squashed, flips and rotation, 30 epochs",
            _fitted(lambda: _network(*_changes()), epochs=30, pad_to_aspect_ratio=False),
            "I4",
        ),
        rival("cropped", _fitted(_network, pad_to_aspect_ratio=False, crop_to_aspect_ratio=True), "I4"),
        rival("dense layers, early stopping", _stopped_early(_dense), "I2"),
        mistake("the last classes held back", _by_hand(_with_last_class_held_back)),
    ),
    reference=solution_of(WEEK, "train_model"),
    hints=(
        "Three steps: read the folder as task 3 does, but shuffled; build week 5's network for pictures of 40 by 40; "
        "fit. Which default of `image_dataset_from_directory` would change the leaves' proportions?",
        "The model is asked about raw pixels from 0 to 255, letterboxed. So rescaling is a layer of the model, and "
        "what it learns from has to be letterboxed, too: `image_size=(40, 40)`, `pad_to_aspect_ratio=True`.",
        "`.cache()` behind the reader saves opening every file in every epoch, `.shuffle(25)` behind it deals the "
        "batches anew, and `fit(…, shuffle=False)` says that this is done. Twenty epochs are a good beginning.",
        "When to stop? Read the folder twice with `validation_split=0.2`, the same `seed`, and a `subset` each, "
        '`"training"` or `"validation"`; the second is `validation_data` for `fit`. Where is its loss lowest?',
    ),
    advice=(
        Advice(
            "The loss did not fall at all. Is it sparse_categorical_crossentropy, is the learning rate near 0.001, "
            "and are pixels rescaled once, not twice?",
            rungs=(0, 1, 2),
            when=not_learning,
        ),
        Advice(
            "Your network has no convolution. A Dense layer learns each place of an outline anew: put three blocks of "
            "Conv2D and MaxPooling2D in front.",
            rungs=(0, 1, 2, 3),
            when=lacks("Conv2D", "SeparableConv2D", "DepthwiseConv2D"),
        ),
        Advice(
            "The loss was still falling when training ended: train on. A part that is held back shows when to stop.",
            rungs=(0, 1, 2, 3, 4),
            when=still_learning,
        ),
        Advice(
            "This is hardly better than guessing one of eight. Look at ten pictures of your data set with their "
            "labels: is there a leaf, in its proportions, and is 3 a ginkgo?",
            rungs=(0, 1),
        ),
        Advice(
            "You have about what the proportions of a picture give, or less. The model is asked about letterboxed "
            "pictures of 40 by 40: look at willow, bay, beech and aspen as your data set returns them. If all four "
            "are equally round, they were squashed; if they fill the square, cropped.",
            rungs=(2, 3),
        ),
        Advice(
            "Very good. What usually lifts it from here: more filters, Dropout before the dense layers, some more "
            "epochs, and the epoch at which the validation loss is lowest.",
            rungs=(4,),
        ),
        Advice(
            "How small can the pictures become? And does the network need colour at all?",
            rungs=(5,),
        ),
    ),
)

CHECKS = (LABELS_FROM_FOLDERS, LETTERBOX, MAKE_DATASET, LEAVES_CNN)
