"""Networks for pictures as other people write them, for the panels of problems whose model comes as a file.

Optimizers and rates are those that Keras has by default.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from tfcourse.checks.check import Split
from tfcourse.checks.diagnosis import Advice, Diagnosis, both, has, lacks, unscaled

Train = Callable[[Split], Any]
"""Returns a model that was trained on a split's training pictures."""
MakeLayer = Callable[[], Any]


def knows_little(found: Diagnosis) -> bool:
    """Tell whether a model fails even on the pictures that it learned from."""
    return found.training is not None and found.training < 0.7


AVERAGES_LAG = Advice(
    "Your network does not know the pictures that it learned from, either. BatchNormalization predicts with running "
    "averages, and these take some 500 steps to settle; until then, validation looks no better than chance. Train "
    "for more steps, let early stopping wait longer, or write BatchNormalization(momentum=0.9).",
    rungs=(0, 1, 2, 3),
    when=both(has("BatchNormalization"), knows_little),
)
SCALED_OUTSIDE = Advice(
    "Pixels of up to 255 reach the first layer that learns. If you scaled the training pictures before fit(), the "
    "hidden ones are not: Rescaling belongs into the model, in front of the first convolution.",
    rungs=(0, 1, 2, 3),
    when=unscaled,
)
NO_CONVOLUTION = Advice(
    "Dense layers give every pixel a weight of its own, and what they look for is never in the same place twice. "
    "Blocks of Conv2D and MaxPooling2D find it wherever it is.",
    rungs=(0, 1, 2, 3),
    when=lacks("Conv2D", "SeparableConv2D"),
)


def convnet(
    shape: tuple[int, ...],
    units: int,
    *first: Any,
    filters: tuple[int, ...] = (16, 32, 64),
    to: str = "0 to 1",
    normalized: bool = False,
    end: str = "flatten",
    dense: int = 64,
    dropout: float = 0.5,
    optimizer: str = "adam",
) -> Any:
    """Build a compiled network: scaling, blocks of convolutions, one hidden layer, one that answers.

    Args:
        shape: Of a picture: (height, width), or (height, width, channels).
        units: Of the last layer: one for a probability, else one for each class.
        first: Layers in front of all others, such as those that augment.
        filters: One entry a block; none for a network of dense layers.
        to: How pixels are scaled: ``0 to 1``, ``-1 to 1``, or ``not``.
        normalized: Whether a BatchNormalization follows each convolution.
        end: ``flatten``, ``average`` or ``max``: what follows the last block.
        dense: Units of the hidden layer; 0: there is none.
        dropout: Before that layer.
        optimizer: Its name.
    """
    import keras
    from keras import layers

    model = keras.Sequential([keras.Input(shape), *([layers.Reshape((*shape, 1))] if len(shape) == 2 else []), *first])
    if to != "not":
        model.add(layers.Rescaling(1 / 255) if to == "0 to 1" else layers.Rescaling(1 / 127.5, offset=-1))
    for count in filters:
        if normalized:
            block = [layers.Conv2D(count, 3, padding="same"), layers.BatchNormalization(), layers.ReLU()]
        else:
            block = [layers.Conv2D(count, 3, padding="same", activation="relu")]
        for layer in (*block, layers.MaxPooling2D()):
            model.add(layer)
    ends = {"flatten": layers.Flatten, "average": layers.GlobalAveragePooling2D, "max": layers.GlobalMaxPooling2D}
    model.add(ends[end]())
    model.add(layers.Dropout(dropout))
    if dense:
        model.add(layers.Dense(dense, activation="relu"))
    model.add(layers.Dense(units, activation="sigmoid" if units == 1 else "softmax"))
    loss = "binary_crossentropy" if units == 1 else "sparse_categorical_crossentropy"
    model.compile(optimizer=optimizer, loss=loss, metrics=["accuracy"])
    return model


def trained(units: int, *first: MakeLayer, epochs: int = 25, patience: int = 0, **network: Any) -> Train:
    """Return a training of such a network, in batches of 32.

    Args:
        units: Of the last layer.
        first: Make the layers in front.
        epochs: At most.
        patience: Epochs without progress on a fifth that is held back, after which training stops and the best weights
            are put back; 0: nothing is held back.
        network: As in `convnet`.
    """

    def train(split: Split) -> Any:
        import keras

        model = convnet(split.x_train.shape[1:], units, *(make() for make in first), **network)
        stop = keras.callbacks.EarlyStopping(patience=patience, restore_best_weights=True)
        more = {"validation_split": 0.2, "callbacks": [stop]} if patience else {}
        model.fit(split.x_train, split.y_train, epochs=epochs, batch_size=32, verbose=0, **more)
        return model

    return train


def scaled_outside(train: Train) -> Train:
    """Return a training on pixels that were scaled to -1 to 1 beforehand: the model itself knows nothing of it.

    From 0 to 1, the mistake would hardly show: twice the input is twice the output all through a network of ReLUs.
    """
    return lambda split: train(replace(split, x_train=split.x_train.astype(np.float32) / 127.5 - 1))


def flips(mode: str = "horizontal_and_vertical") -> MakeLayer:
    """Return what makes a layer that flips."""

    def make() -> Any:
        from keras import layers

        return layers.RandomFlip(mode)

    return make


def turns() -> Any:
    """Return a layer that turns by up to a tenth of a circle."""
    from keras import layers

    return layers.RandomRotation(0.1)


def zooms() -> Any:
    """Return a layer that zooms by up to a tenth."""
    from keras import layers

    return layers.RandomZoom(0.1)


def shifts() -> Any:
    """Return a layer that shifts by up to a tenth of the height and the width."""
    from keras import layers

    return layers.RandomTranslation(0.1, 0.1)


def halves() -> Any:
    """Return a layer that halves height and width."""
    from keras import layers

    return layers.AveragePooling2D(2)
