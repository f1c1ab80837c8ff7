"""Exam problems of the fourth kind: text. A model takes the texts themselves, or word numbers."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from tfcourse.checks import (
    Advice,
    ExamProblem,
    FileModel,
    FixedBudget,
    Ladder,
    Output,
    Split,
    accuracy,
    baselines,
    exam_solution,
    mistake,
    ordinary,
    rival,
)
from tfcourse.checks.panel import Solution
from tfcourse.checks.records import Array
from tfcourse.datasets import accidents, complaints, pilot_boat
from tfcourse.datasets.accidents import make_accidents
from tfcourse.datasets.complaints import make_complaints
from tfcourse.datasets.grammar import words_of
from tfcourse.datasets.pilot_boat import make_pilot_boat

HIDDEN_TEXTS = 1_500
VOCABULARY = "vocabulary.txt"
UNKNOWN = 1
"""The number of a word that is not in the vocabulary; 0 is padding."""


def vocabulary_of(texts: Array) -> list[str]:
    """Return the words that occur at least twice, the most frequent first, ties in alphabetical order."""
    counts = Counter(word for text in texts for word in words_of(text))
    return sorted((word for word, count in counts.items() if count > 1), key=lambda word: (-counts[word], word))


def encode(texts: Array, vocabulary: list[str], length: int) -> Array:
    """Return word numbers, int32 of shape (texts, length), as the ``encode`` of the statements makes them."""
    number = {word: place for place, word in enumerate(vocabulary, start=UNKNOWN + 1)}
    rows = np.zeros((len(texts), length), dtype=np.int32)
    for row, text in zip(rows, texts, strict=True):
        words = words_of(text)[:length]
        row[: len(words)] = [number.get(word, UNKNOWN) for word in words]
    return rows


def _split(texts: Array, labels: Array, length: int) -> tuple[Split, bytes]:
    """Return training and hidden texts, those in both forms, and the vocabulary's file."""
    shown, hidden = texts[:-HIDDEN_TEXTS], texts[-HIDDEN_TEXTS:]
    vocabulary = vocabulary_of(shown)
    split = Split(
        shown,
        labels[:-HIDDEN_TEXTS],
        hidden,
        labels[-HIDDEN_TEXTS:],
        forms=(encode(hidden, vocabulary, length),),
    )
    return split, ("\n".join(vocabulary) + "\n").encode()


def _mean_of_embeddings(x_train: Array, units: int) -> Any:
    """Build week 9's first model of text: it knows which words there are, and not in which order."""
    import keras
    from keras import layers

    vectorizer = layers.TextVectorization(max_tokens=1_000, output_sequence_length=64)
    vectorizer.adapt(x_train)
    model = keras.Sequential(
        [
            keras.Input(shape=(), dtype="string"),
            vectorizer,
            layers.Embedding(1_000, 32),
            layers.GlobalAveragePooling1D(),
            layers.Dense(units, activation="softmax" if units > 1 else "sigmoid"),
        ]
    )
    loss = "sparse_categorical_crossentropy" if units > 1 else "binary_crossentropy"
    model.compile(optimizer=keras.optimizers.Adam(0.005), loss=loss)
    return model


def _baselines(units: int) -> tuple[baselines.Baseline, ...]:
    training = FixedBudget(
        Output("probabilities", (units,)) if units > 1 else Output("probability"),
        epochs=5,
        batch_size=64,
        builder_sees="train inputs",
    )

    def builder(x_train: Array) -> Any:
        return _mean_of_embeddings(x_train, units)

    return (
        baselines.majority(),
        baselines.untrained(training, builder),
        baselines.bag_of_words(),
        baselines.network("mean of embeddings", training, builder),
    )


Layers = Callable[[], list[Any]]


def _reader(split: Split, units: int, middle: Layers, *, width: int, length: int, mask: bool, optimizer: str) -> Any:
    """Build a model of texts as they are, with some layers behind the embedding; optimizers have Keras's own rates."""
    import keras
    from keras import layers

    vectorizer = layers.TextVectorization(output_sequence_length=length)
    vectorizer.adapt(split.x_train)
    embedding = layers.Embedding(vectorizer.vocabulary_size(), width, mask_zero=mask)
    last = layers.Dense(units, activation="softmax" if units > 1 else "sigmoid")
    model = keras.Sequential([keras.Input(shape=(), dtype="string"), vectorizer, embedding, *middle(), last])
    loss = "sparse_categorical_crossentropy" if units > 1 else "binary_crossentropy"
    model.compile(optimizer=optimizer, loss=loss, metrics=["accuracy"])
    return model


def _trained(
    units: int,
    middle: Layers,
    *,
    length: int,
    epochs: int = 10,
    patience: int = 0,
    width: int = 32,
    mask: bool = False,
    optimizer: str = "adam",
) -> Callable[[Split], Any]:
    """Return a training of such a model.

    Args:
        units: Of the last layer.
        middle: Makes the layers behind the embedding.
        length: Words that are read.
        epochs: At most.
        patience: Epochs without progress on a tenth that is held back, after which training stops and the best weights
            return; 0: nothing is held back.
        width: Numbers for a word.
        mask: Whether padding is masked.
        optimizer: Its name.
    """

    def train(split: Split) -> Any:
        import keras
        import tensorflow as tf

        model = _reader(split, units, middle, width=width, length=length, mask=mask, optimizer=optimizer)
        x, y = tf.constant(split.x_train), split.y_train
        if not patience:
            model.fit(x, y, epochs=epochs, batch_size=32, verbose=0)
            return model
        held = len(y) // 10
        stop = keras.callbacks.EarlyStopping(patience=patience, restore_best_weights=True)
        kept = (x[:held], y[:held])
        model.fit(x[held:], y[held:], epochs=epochs, batch_size=32, validation_data=kept, callbacks=[stop], verbose=0)
        return model

    return train


def _both_directions() -> list[Any]:
    from keras import layers

    return [layers.Bidirectional(layers.LSTM(32)), layers.Dense(24, activation="relu")]


def _gru() -> list[Any]:
    from keras import layers

    return [layers.GRU(48)]


def _windows() -> list[Any]:
    from keras import layers

    return [
        layers.Conv1D(64, 5, activation="relu"),
        layers.MaxPooling1D(2),
        layers.Flatten(),
        layers.Dense(32, activation="relu"),
        layers.Dropout(0.3),
    ]


def _windows_and_lstm() -> list[Any]:
    from keras import layers

    return [layers.Conv1D(64, 5, activation="relu"), layers.MaxPooling1D(4), layers.LSTM(64)]


def _mean() -> list[Any]:
    from keras import layers

    return [layers.GlobalAveragePooling1D(), layers.Dense(24, activation="relu")]


def _panel(units: int, length: int) -> tuple[Solution, ...]:
    """Return the panel that all problems of this kind share."""
    return (
        ordinary(
            "Bidirectional(LSTM(32)), Dense(24), early stopping",
            _trained(units, _both_directions, length=length, epochs=30, patience=4, width=16),
        ),
        ordinary("GRU(48) on masked words, 12 epochs", _trained(units, _gru, length=length, epochs=12, mask=True)),
        ordinary(
            "Conv1D, MaxPooling, Flatten, Dense, early stopping",
            _trained(units, _windows, length=length, epochs=20, patience=3),
        ),
        ordinary(
            "Conv1D, MaxPooling(4), LSTM(64), RMSprop, 10 epochs",
            _trained(units, _windows_and_lstm, length=length, optimizer="rmsprop"),
        ),
        rival("mean of embeddings, a Dense layer, 20 epochs", _trained(units, _mean, length=length, epochs=20), "N8"),
        mistake("the first 16 words, GRU(48)", _trained(units, _gru, length=16, mask=True)),
    )


def _limits(output: Output) -> FileModel:
    return FileModel(output, max_parameters=500_000, most_bytes=10 * 2**20)


# --- Who ran into whom ---

_LETTERS = 5_000


def _accidents(seed: int) -> Split:
    texts, labels = make_accidents(_LETTERS + HIDDEN_TEXTS, seed=seed)
    split, vocabulary = _split(texts, labels, accidents.MOST_WORDS)
    files = {VOCABULARY: vocabulary}
    for number, (text, label) in enumerate(zip(split.x_train, split.y_train, strict=True), start=1):
        files[f"{accidents.CAUSES[label]}/{number:04d}.txt"] = f"{text}\n".encode()
    return replace(split, files=files)


def _by_alphabet(split: Split) -> Any:
    """Number the folders as a list of names that was sorted does."""
    number = np.argsort(np.argsort(accidents.CAUSES))
    train = _trained(len(accidents.CAUSES), _windows, length=accidents.MOST_WORDS, epochs=6)
    return train(replace(split, y_train=number[split.y_train]))


ACCIDENTS = ExamProblem(
    id="exam.accidents",
    title="Who ran into whom",
    kind="text",
    skills=("N1", "N2", "N4", "N5", "N8", "B17"),
    data=_accidents,
    training=_limits(Output("probabilities", (len(accidents.CAUSES),))),
    ladder=Ladder(accuracy, (0.35, 0.45, 0.58, 0.735, 0.94)),
    baselines=_baselines(len(accidents.CAUSES)),
    panel=(
        *_panel(len(accidents.CAUSES), accidents.MOST_WORDS),
        mistake("folders numbered by the alphabet", _by_alphabet),
    ),
    reference=exam_solution("accidents"),
    advice=(
        Advice(
            "This is guessing among four. Do the labels follow the statement's order of folders, and not the alphabet? "
            "Are texts and labels shuffled together? Does the last layer have four units with softmax?",
            rungs=(0,),
        ),
        Advice(
            "Your model sees a little. Look at a row of `encode` beside its letter: are the words there, and do all "
            "64 of them reach the model? Then train for longer, or with a larger learning rate.",
            rungs=(1,),
        ),
        Advice(
            "You are below what counting words gets. An Embedding of 16 to 64 numbers and eight epochs or more should "
            "bring you there; if training accuracy is high and yours here is not, train on all the letters.",
            rungs=(2,),
        ),
        Advice(
            "You have what counting words can do. 'A taxi hit me' and 'I hit a taxi' hold the same words: Conv1D with "
            "windows of about five words sees who comes first.",
            rungs=(3,),
        ),
        Advice(
            "Nearly. A sentence may be taken back by the next one, 'it was the other way round': put a GRU or LSTM "
            "behind the convolution, in both directions, pool between the two, and let the learning rate fall to the "
            "end.",
            rungs=(4,),
        ),
        Advice(
            "Full points. Which letters does your model still get wrong? Try those that quote somebody.",
            rungs=(5,),
        ),
    ),
)


# --- Where the pilot boat is ---

_ENTRIES = 5_000


def _pilot_boat(seed: int) -> Split:
    texts, labels = make_pilot_boat(_ENTRIES + HIDDEN_TEXTS, seed=seed)
    split, vocabulary = _split(texts, labels, pilot_boat.MOST_WORDS)
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(("page", "entry", "pilot_boat"))
    for page, (text, label) in enumerate(zip(split.x_train, split.y_train, strict=True), start=1):
        writer.writerow((page, text, pilot_boat.PLACES[label]))
    return replace(split, files={"log.csv": table.getvalue().encode(), VOCABULARY: vocabulary})


PILOT_BOAT = ExamProblem(
    id="exam.pilot_boat",
    title="Where the pilot boat is",
    kind="text",
    skills=("N1", "N2", "N3", "N5", "N8", "B18"),
    data=_pilot_boat,
    training=_limits(Output("probability")),
    ladder=Ladder(accuracy, (0.56, 0.64, 0.72, 0.82, 0.96)),
    baselines=_baselines(1),
    panel=_panel(1, pilot_boat.MOST_WORDS),
    reference=exam_solution("pilot_boat"),
    advice=(
        Advice(
            "This is tossing a coin. Is 'out' 1 and 'in' 0? Does one unit with sigmoid go with 'binary_crossentropy'? "
            "Does the loss fall below 0.69 within an epoch?",
            rungs=(0,),
        ),
        Advice(
            "Your model sees a little. Do all 56 words reach it? The end of an entry decides most, so nothing may be "
            "cut off there. Train for longer, or with a larger learning rate.",
            rungs=(1,),
        ),
        Advice(
            "You are below what counting words gets, or near it. Read ten entries and say how you know the answer: "
            "which boat, which sentence? A model needs the order of words for that.",
            rungs=(2,),
        ),
        Advice(
            "The model sees that boats come and go, and mixes up which of them was the pilot boat, or which was the "
            "last time. Windows of some five words, Conv1D, join boat and movement; Flatten or a recurrent layer "
            "behind them keeps their order.",
            rungs=(3,),
        ),
        Advice(
            "Nearly. Conv1D in front of the recurrent layer joins 'the pilot boat put out' to one thing; pooling "
            "behind it makes the sequence short, so that more epochs cost no more time. Let the learning rate fall to "
            "the end.",
            rungs=(4,),
        ),
        Advice(
            "Full points. Does your model know who 'she' is? Write two entries that differ in one name, and ask it.",
            rungs=(5,),
        ),
    ),
)


# --- What the guest complains about ---

_REVIEWS = 8_000


def _complaints(seed: int) -> Split:
    texts, labels = make_complaints(_REVIEWS + HIDDEN_TEXTS, seed=seed)
    split, vocabulary = _split(texts, labels, complaints.MOST_WORDS)
    lines = [
        json.dumps({"id": 10_000 + number, "text": str(text), "complaint": complaints.PARTS[label]})
        for number, (text, label) in enumerate(zip(split.x_train, split.y_train, strict=True))
    ]
    return replace(split, files={"reviews.jsonl": ("\n".join(lines) + "\n").encode(), VOCABULARY: vocabulary})


COMPLAINTS = ExamProblem(
    id="exam.complaints",
    title="What the guest complains about",
    kind="text",
    skills=("N1", "N2", "N4", "N5", "N8", "B18"),
    data=_complaints,
    training=_limits(Output("probabilities", (len(complaints.PARTS),))),
    ladder=Ladder(accuracy, (0.26, 0.34, 0.44, 0.55, 0.85)),
    baselines=_baselines(len(complaints.PARTS)),
    panel=_panel(len(complaints.PARTS), complaints.MOST_WORDS),
    reference=exam_solution("complaints"),
    advice=(
        Advice(
            "This is guessing among five. Are the labels numbered in the statement's order? Does the last layer have "
            "five units with softmax, and the loss integer labels: 'sparse_categorical_crossentropy'?",
            rungs=(0,),
        ),
        Advice(
            "Your model sees a little. Look at a row of `encode` beside its review: are the words there, and do all "
            "56 of them reach the model? Then train for longer, or with a larger learning rate.",
            rungs=(1,),
        ),
        Advice(
            "Your model knows which parts a review speaks of, no more. Which of them is blamed is a matter of order: "
            "put Conv1D or a recurrent layer between Embedding and the last layer.",
            rungs=(2,),
        ),
        Advice(
            "There is some order in what your model sees. Was its loss still falling when the training ended? With the "
            "default rate, recurrent layers need 15 epochs and more; windows of words, Conv1D, are quicker.",
            rungs=(3,),
        ),
        Advice(
            "'The former' and 'if only the soup had been as good as the porter' reach further than a few words: try "
            "GRU or LSTM in both directions, behind Conv1D, a larger learning rate that falls to the end, and more "
            "epochs; compare accuracy on reviews that you held back.",
            rungs=(4,),
        ),
        Advice(
            "Full points. Which reviews does your model still get wrong? Try those that quote somebody.",
            rungs=(5,),
        ),
    ),
)

CHECKS = (ACCIDENTS, PILOT_BOAT, COMPLAINTS)
