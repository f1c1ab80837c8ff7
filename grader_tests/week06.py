"""The checks of week 6: labels from folders, a letterbox by hand, a data set from a folder, a network for leaves."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from tfcourse.checks import (
    Advice,
    Folder,
    FunctionCheck,
    Ladder,
    ModelCheck,
    Output,
    OwnTraining,
    Split,
    accuracy,
    baselines,
    solution_of,
)
from tfcourse.datasets.leaves import CLASSES, make_leaves

WEEK = "week06"
TRAIN_PICTURES = 800
TEST_PICTURES = 1_000
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
    pictures = np.stack([_letterboxed(file) for file in files.tolist()])
    train, hidden = slice(TRAIN_PICTURES), slice(TRAIN_PICTURES, None)
    seen = dict.fromkeys(CLASSES, 0)
    folder = {}
    for file, label in zip(files[train].tolist(), labels[train], strict=True):
        seen[CLASSES[label]] += 1
        folder[f"{CLASSES[label]}/{seen[CLASSES[label]]:04}.jpg"] = file
    return Split(pictures[train], labels[train], pictures[hidden], labels[hidden], files=folder)


def _letterboxed(data: bytes) -> Array:
    return np.asarray(ImageOps.pad(_opened(data), (48, 48)))


def _opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data)).convert("RGB")


LEAVES_CNN = ModelCheck(
    id="week06.leaves_cnn",
    title="Which tree?",
    skills=("I2", "I4", "I6"),
    data=_leaves_data,
    training=OwnTraining(Output("probabilities", (len(CLASSES),)), budget=120, gets="folder", max_parameters=1_000_000),
    labels=CLASSES,
    ladder=Ladder(accuracy, (0.25, 0.45, 0.65, 0.83, 0.865)),
    baselines=(baselines.majority(), baselines.logistic(c=0.001)),
    reference=solution_of(WEEK, "train_model"),
    hints=(
        "Two functions, two questions. `load_picture`: how does a file of any shape become an array of one shape, "
        "and does the leaf keep its proportions? `build_model`: week 5's blocks of Conv2D and MaxPooling2D.",
        '`Image.open(io.BytesIO(data)).convert("RGB")` opens a file and makes three channels of every picture, grey '
        "ones too; `np.asarray` makes an array. `resize` squashes, `ImageOps.pad(picture, (width, height))` pads. "
        "In TensorFlow: `tf.io.decode_image(data, channels=3, expand_animations=False)`, `tf.image.resize_with_pad`.",
        "Pixels from 0 to 255 want `layers.Rescaling(1 / 127.5, offset=-1)` first in the model. Three blocks with 16, "
        "32 and 64 filters; Flatten, Dropout(0.3), Dense(64), Dense(8, activation='softmax').",
        "`np.asarray(ImageOps.pad(picture, (40, 40)))` and `keras.optimizers.Adam(0.002)`.",
    ),
    advice=(
        Advice(
            "This is hardly better than guessing one of eight. Look at three pictures as load_picture returns them: "
            "is there a leaf? Is the loss sparse_categorical_crossentropy, and are pixels rescaled once, not twice?",
            rungs=(0,),
        ),
        Advice(
            "The proportions of the picture alone would get further. Is the learning rate far too high, "
            "or are the pictures so small that nothing is left of the leaf?",
            rungs=(1,),
        ),
        Advice(
            "You have what the proportions of the picture alone can do. Check the learning rate, Adam(0.002), "
            "and put three blocks of Conv2D and MaxPooling2D before Flatten.",
            rungs=(2,),
        ),
        Advice(
            "You have what a dense network gets, or convolutions that see squashed leaves. Look at willow, bay, beech "
            "and aspen as load_picture returns them: can you tell them apart? If all four are equally round, they "
            "have been squashed: a letterbox (ImageOps.pad) keeps proportions.",
            rungs=(3,),
        ),
        Advice(
            "Very good. What usually lifts it from here: sides of 40 or 48, three blocks "
            "with a growing number of filters, Dropout before the dense layer, and Adam(0.002).",
            rungs=(4,),
        ),
        Advice(
            "How small can the pictures become? And does the network need colour at all?",
            rungs=(5,),
        ),
    ),
)

CHECKS = (LABELS_FROM_FOLDERS, LETTERBOX, MAKE_DATASET, LEAVES_CNN)
