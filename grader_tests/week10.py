"""The checks of week 10: a confusion matrix, balanced accuracy, class weights, word pairs, a router of tickets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
    OwnTraining,
    Split,
    balanced_accuracy,
    baselines,
    mistake,
    ordinary,
    rival,
    solution_of,
)
from tfcourse.checks.diagnosis import lacks, not_learning, overfits, still_learning
from tfcourse.datasets.tickets import DESKS, UNEVEN_SHARES, make_tickets

WEEK = "week10"
TRAINING_TICKETS = 8_000
HIDDEN_TICKETS = 10_000

Array = np.ndarray[Any, Any]
Cases = Sequence[tuple[str, tuple[Any, ...]]]


def _labels(n: int, classes: Sequence[int], random: np.random.Generator) -> Array:
    """Draw `n` labels of the given classes, each of them at least once, some far more often than others."""
    weights = random.dirichlet(np.ones(len(classes)))
    drawn = np.concatenate([classes, random.choice(classes, size=n - len(classes), p=weights)])
    return random.permutation(drawn).astype(np.int64)


# --- Task 1: a confusion matrix ---


def _confusion_cases(seed: int) -> Cases:
    random = np.random.default_rng(seed)
    truth = _labels(60, range(4), random)
    answers = np.where(random.random(60) < 0.6, truth, random.integers(0, 4, size=60))
    few = _labels(12, range(3), random)
    return [
        ("several tickets in one cell", (truth, answers, 4)),
        ("a class that is never answered", (few, few % 2, 3)),
        ("a class that does not occur", (_labels(20, [0, 2, 3], random), random.integers(0, 4, size=20), 4)),
        ("the last classes do not occur", (random.integers(0, 3, size=25), random.integers(0, 3, size=25), 6)),
        ("every answer right", (truth, truth, 4)),
        ("one ticket", (np.array([2]), np.array([0]), 3)),
        ("no ticket", (np.array([], dtype=np.int64), np.array([], dtype=np.int64), 3)),
        ("two classes, one of them rare", (_labels(40, [0, 1], random), random.integers(0, 2, size=40), 2)),
    ]


CONFUSION_MATRIX = FunctionCheck(
    id="week10.confusion_matrix",
    title="A confusion matrix",
    points=2,
    skills=("N4", "B4"),
    cases=_confusion_cases,
    reference=solution_of(WEEK, "confusion_matrix"),
    hints=(
        "Begin with `np.zeros((classes, classes), dtype=int)`. Each ticket adds 1 in one place. "
        "Which of its two labels chooses the row?",
        "The row is the true class, the column the answer. A loop over `zip(y_true, y_pred)` is good enough.",
        "`matrix[y_true, y_pred] += 1` looks like the same without a loop, and is not: where a place occurs several "
        "times in the index, NumPy adds only once. `np.add.at(matrix, (y_true, y_pred), 1)` adds every time.",
    ),
)


# --- Task 2: balanced accuracy ---


def _balanced_cases(seed: int) -> Cases:
    random = np.random.default_rng(seed)

    def matrix(classes: int) -> Array:
        return random.integers(1, 40, size=(classes, classes)) + 60 * np.eye(classes, dtype=np.int64)

    unbalanced = np.array([[180, 10, 10], [3, 14, 3], [2, 2, 1]]) + random.integers(0, 3, size=(3, 3))
    one_empty, two_empty = matrix(4), matrix(6)
    one_empty[int(random.integers(0, 4))] = 0
    two_empty[[1, 4]] = 0
    never_right = matrix(3)
    never_right[2] = [int(random.integers(3, 9)), 5, 0]
    never_answered = matrix(4)
    never_answered[:, 3] = 0
    return [
        ("classes that are equally frequent", (np.diag([20, 20, 20]) + np.roll(np.diag([5, 5, 5]), 1, axis=1),)),
        ("a busy class and a rare one", (unbalanced,)),
        ("a class that does not occur", (one_empty,)),
        ("two classes that do not occur", (two_empty,)),
        ("a class that is never recognised", (never_right,)),
        ("a class that is never answered", (never_answered,)),
        ("eight classes", (matrix(8),)),
    ]


BALANCED_ACCURACY = FunctionCheck(
    id="week10.balanced_accuracy",
    title="Balanced accuracy",
    points=2,
    skills=("N4",),
    cases=_balanced_cases,
    reference=solution_of(WEEK, "balanced_accuracy"),
    hints=(
        "The recall of a class is one number of the diagonal, divided by the sum of its row. "
        "Over which axis do you have to sum, to get the sums of rows?",
        "`right = np.diag(matrix)`, `total = matrix.sum(axis=1)`. Then the mean of `right / total`, "
        "were it not for rows whose total is 0.",
        "`present = total > 0` says which classes occur: `np.mean(right[present] / total[present])`. "
        "A class that does not occur is left out; a class that is never recognised counts as 0.",
    ),
)


# --- Task 3: class weights ---


def _weights_cases(seed: int) -> Cases:
    random = np.random.default_rng(seed)
    return [
        ("classes that are equally frequent", (np.tile(np.arange(3), 10), 3)),
        ("one class is rare", (np.repeat([0, 1, 2], [60, 30, int(random.integers(2, 9))]), 3)),
        ("labels in any order", (_labels(80, range(5), random), 5)),
        ("a class that does not occur", (_labels(40, [0, 1, 3], random), 4)),
        ("the last class does not occur", (_labels(30, [0, 1], random), 3)),
        ("one class is all there is", (np.zeros(int(random.integers(4, 12)), dtype=np.int64), 1)),
    ]


CLASS_WEIGHTS = FunctionCheck(
    id="week10.class_weights",
    title="Class weights",
    points=1,
    skills=("N4", "B2"),
    cases=_weights_cases,
    reference=solution_of(WEEK, "class_weights"),
    hints=(
        "`np.bincount(y, minlength=classes)` counts each class, those that do not occur as well.",
        "A class's weight is the number of labels, divided by (the number of classes that occur, times its count). "
        "How many classes occur? `np.count_nonzero(counts)`.",
        "`{c: len(y) / (present * counts[c]) if counts[c] else 0.0 for c in range(classes)}`.",
    ),
)


# --- Task 4: counting word pairs ---


def _pairs_cases(seed: int) -> Cases:
    random = np.random.default_rng(seed)
    things = [str(thing) for thing in random.permutation(["tram", "bike", "pass", "bill", "card", "cable", "meter"])]
    one, two, three = things[:3]
    tickets = [str(text).lower() for text in make_tickets(60, seed=seed)[0]]
    pairs = ["is not", "in the", "the charging", "has been", "does not", "no longer", "my pass"]
    plain = [f"the {one} is late", f"late is the {one}", f"my {two} and the {one} is late"]
    parts = [f"the {one}s bathe {one}", f"the {one} the {two}s", f"lathe {one}"]

    def varied(texts: list[str], pairs: list[str]) -> tuple[list[str], list[str]]:
        """Return the texts one to three times each, and both lists in another order."""
        several = [text for text in texts for _ in range(int(random.integers(1, 4)))]
        return [several[at] for at in random.permutation(len(several))], [
            str(each) for each in random.permutation(pairs)
        ]

    return [
        ("order", varied(plain, [f"the {one}", f"{one} is", "is late", "late is"])),
        ("a pair that stands in longer words", varied(parts, [f"the {one}", f"the {two}"])),
        ("a word that is repeated", varied(["no no no", f"no no {one} no no", "no"], ["no no", f"no {one}"])),
        (
            "pairs do not reach into the next text",
            ([f"my {one}", f"{two} is late"] * int(random.integers(1, 5)), [f"{one} {two}", f"my {one}"]),
        ),
        ("texts of one word and of none", varied([one, "", f"{two} {one}"], [f"{two} {one}"])),
        ("runs of blanks", varied([f"the  {one}   is", f" the {one} "], [f"the {one}", f"{one} is"])),
        ("tickets", (tickets, pairs)),
        ("a pair that never occurs", ([f"{one} {two} {three}"] * int(random.integers(2, 9)), [f"{three} {one}"])),
    ]


PAIR_COUNTS = FunctionCheck(
    id="week10.pair_counts",
    title="Count word pairs",
    points=2,
    skills=("N2",),
    cases=_pairs_cases,
    reference=solution_of(WEEK, "pair_counts"),
    hints=(
        "`'the trams'.count('the tram')` is 1, and `'no no no'.count('no no')` is 1: counting letters is not counting "
        "words. Split each text first. How many pairs of neighbours have n words?",
        "`words = text.split()`, and then `zip(words, words[1:])` goes through the pairs of neighbours; "
        "it stops by itself at the end, and is empty for one word or none.",
        "`place = {pair: column for column, pair in enumerate(pairs)}`. For each pair of neighbours, `f'{a} {b}'`: "
        "where it is in `place`, add 1 to `counts[row, place[…]]`.",
    ),
)


# --- Task 5: the model ---


def _tickets(seed: int) -> Split:
    x, y = make_tickets(TRAINING_TICKETS + HIDDEN_TICKETS, seed=seed, uneven=True)
    return Split(x[:TRAINING_TICKETS], y[:TRAINING_TICKETS], x[TRAINING_TICKETS:], y[TRAINING_TICKETS:])


def _weighted_bag_of_words() -> Baseline:
    """Count words, weigh them by rarity (TF-IDF), and fit a logistic regression with balanced class weights."""

    def predict(split: Split) -> Array:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline

        regression = LogisticRegression(C=10.0, max_iter=500, class_weight="balanced")
        model = make_pipeline(TfidfVectorizer(), regression)
        model.fit(list(split.x_train), split.y_train)
        return np.asarray(model.predict_proba(list(split.x_test)))

    return Baseline("bag of words, class weights", "simple", predict)


def _network(
    x_train: Array,
    *middle: Any,
    words: int = 4_000,
    width: int = 32,
    mask: bool = False,
    rate: float = 0.001,
    loss: Any = "sparse_categorical_crossentropy",
) -> Any:
    """Build a network of word vectors, with the given layers behind them."""
    import keras
    from keras import layers

    vectorizer = layers.TextVectorization(max_tokens=words, output_sequence_length=60)
    vectorizer.adapt(x_train)
    first = [keras.Input(shape=(), dtype="string"), vectorizer, layers.Embedding(words, width, mask_zero=mask)]
    model = keras.Sequential([*first, *middle, layers.Dense(len(DESKS), activation="softmax")])
    model.compile(optimizer=keras.optimizers.Adam(rate), loss=loss, metrics=["accuracy"])
    return model


def _windows(filters: int = 64, kernel_size: int = 5, dropout: float = 0.4, dense: int = 0) -> list[Any]:
    from keras import layers

    found = [layers.Conv1D(filters, kernel_size, activation="relu"), layers.GlobalMaxPooling1D()]
    return [*found, *([layers.Dense(dense, activation="relu")] if dense else []), layers.Dropout(dropout)]


def _five(x_train: Array) -> Any:
    return _network(x_train, *_windows())


def _weights(y: Array) -> dict[int, float]:
    counts = np.bincount(y, minlength=len(DESKS))
    return {desk: len(y) / (len(DESKS) * max(count, 1)) for desk, count in enumerate(counts)}


def _fitted(
    build: Callable[[Array], Any],
    epochs: int,
    weigh: Callable[[Array], dict[int, float]] | None = _weights,
    batch_size: int = 32,
) -> Callable[[Array, Array], Any]:
    """Return a training for a number of epochs, with class weights or without."""

    def train_model(x_train: Array, y_train: Array) -> Any:
        import tensorflow as tf

        model = build(x_train)
        weights = weigh(y_train) if weigh else None
        x = tf.constant(x_train)
        model.fit(x, y_train, epochs=epochs, batch_size=batch_size, class_weight=weights, verbose=0)
        return model

    return train_model


def _stopped_early(build: Callable[[Array], Any], *, weighted: bool) -> Callable[[Array, Array], Any]:
    """Return a training that holds a tenth back, and stops where the loss there no longer falls."""

    def train_model(x_train: Array, y_train: Array) -> Any:
        import keras
        import tensorflow as tf

        model = build(x_train)
        held = len(x_train) // 10
        x = tf.constant(x_train)
        model.fit(
            x[held:],
            y_train[held:],
            epochs=30,
            validation_data=(x[:held], y_train[:held]),
            class_weight=_weights(y_train) if weighted else None,
            callbacks=[keras.callbacks.EarlyStopping(patience=3, restore_best_weights=True)],
            verbose=0,
        )
        return model

    return train_model


def _oversampled(x_train: Array, y_train: Array) -> Any:
    """Train on as many tickets of each desk: those of the small ones are drawn several times."""
    import tensorflow as tf

    random = np.random.default_rng(0)
    each = 2 * len(y_train) // len(DESKS)
    drawn = [random.choice(np.flatnonzero(y_train == desk), each) for desk in range(len(DESKS))]
    places = random.permutation(np.concatenate(drawn))
    model = _network(x_train, *_windows())
    model.fit(tf.constant(x_train[places]), y_train[places], epochs=6, batch_size=32, verbose=0)
    return model


def _upside_down(y: Array) -> dict[int, float]:
    """Weigh a class by its share, not by the inverse."""
    return {desk: 1 / weight for desk, weight in _weights(y).items()}


def _averaged() -> list[Any]:
    from keras import layers

    return [layers.GlobalAveragePooling1D()]


_MEAN = FixedBudget(
    Output("probabilities", (len(DESKS),)), epochs=6, max_parameters=500_000, builder_sees="train inputs"
)
"""In which the mean of embeddings is measured."""


def _mean_of_embeddings(x_train: Array) -> Any:
    """Build week 9's first text model for eight classes, with the classes weighted in its loss."""
    import keras

    weights = keras.ops.convert_to_tensor(1 / (len(DESKS) * np.array(UNEVEN_SHARES)), dtype="float32")

    def weighted_loss(labels: Any, probabilities: Any) -> Any:
        labels = keras.ops.cast(keras.ops.reshape(labels, (-1,)), "int32")
        losses = keras.losses.sparse_categorical_crossentropy(labels, probabilities)
        return losses * keras.ops.take(weights, labels)

    return _network(x_train, *_averaged(), mask=True, rate=0.005, loss=weighted_loss)


TICKETS_MODEL = ModelCheck(
    id="week10.tickets_model",
    title="To which desk",
    skills=("N1", "N2", "N4"),
    data=_tickets,
    training=OwnTraining(Output("probabilities", (len(DESKS),)), budget=90, max_parameters=500_000),
    labels=DESKS,
    ladder=Ladder(balanced_accuracy, (0.20, 0.40, 0.60, 0.735, 0.78)),
    baselines=(
        baselines.majority(),
        baselines.untrained(_MEAN, lambda x_train: _network(x_train, *_windows())),
        baselines.bag_of_words(),
        _weighted_bag_of_words(),
    ),
    panel=(
        ordinary("64 windows of five, class weights, Adam, 15 epochs", _fitted(_five, 15)),
        ordinary("the same, early stopping", _stopped_early(_five, weighted=True)),
        ordinary(
            "128 windows of three and a Dense layer, class weights",
            _fitted(lambda x: _network(x, *_windows(128, 3, dense=64)), 10),
        ),
        ordinary(
            "16 numbers a word, no dropout, class weights, batches of 64",
            _fitted(lambda x: _network(x, *_windows(dropout=0.0), width=16), 15, batch_size=64),
        ),
        ordinary("small desks drawn more often", _oversampled),
        rival("no class weights, 20 epochs", _fitted(_five, 20, None), "N4"),
        rival("no class weights, early stopping", _stopped_early(_five, weighted=False), "N4"),
        rival(
            "no class weights, dropout 0.6, 128 windows, Adam(0.003)",
            _fitted(lambda x: _network(x, *_windows(128, dropout=0.6), rate=0.003), 12, None),
            "N4",
        ),
        mistake(
            "mean of embeddings, class weights",
            _fitted(lambda x: _network(x, *_averaged(), mask=True, rate=0.005), 6),
        ),
        mistake("weights upside down", _fitted(_five, 10, _upside_down)),
        mistake("a vocabulary of 50 words", _fitted(lambda x: _network(x, *_windows(), words=50), 10)),
    ),
    reference=solution_of(WEEK, "train_model"),
    hints=(
        "Two things are asked at once: to see which words stand together, and not to forget the small desks. "
        "Begin with week 9's network, with eight units and softmax at its end, and look at the recall of each desk on "
        "tickets that you held back.",
        "Windows of words see 'not charged' and 'that is settled': Conv1D and GlobalMaxPooling1D behind the "
        "Embedding. Keep all words and whole tickets (60 words); some Dropout before the last layer helps.",
        "Where a ticket says too little, the network bets on the busier desk. `fit` takes `class_weight`, a dictionary "
        "from label to weight: count `y_train`, as in task 3.",
        "A network whose small classes weigh more needs more epochs than one without weights. Hold some tickets back, "
        "and compare their balanced accuracy after 5, 10 and 15 epochs.",
    ),
    advice=(
        Advice(
            "The loss did not fall. Was the vectorizer adapted to x_train, is the loss "
            "sparse_categorical_crossentropy, and is the learning rate near 0.001? A loss of 2.08 is guessing among "
            "eight.",
            rungs=(0, 1, 2),
            when=not_learning,
        ),
        Advice(
            "Your network looks at one word at a time, or at the mean of all. 'Not charged' and 'that is settled' are "
            "said with several: Conv1D with a kernel of 3 to 5, and GlobalMaxPooling1D, see them.",
            rungs=(1, 2, 3),
            when=lacks("Conv1D", "LSTM", "GRU", "Bidirectional", "MultiHeadAttention"),
        ),
        Advice(
            "The network is still learning: train on. Where small desks weigh more, it takes more epochs.",
            rungs=(0, 1, 2, 3, 4),
            when=still_learning,
        ),
        Advice(
            "This is guessing, or one answer for all. Print `vectorizer(x_train[:2])`: are there words at all? "
            "Eight units with softmax go with integer labels and sparse_categorical_crossentropy.",
            rungs=(0,),
        ),
        Advice(
            "Your model knows the busy desks alone. Is the vocabulary large enough (max_tokens=4000), and do 60 words "
            "of each ticket reach the network? Then print the recall of each desk.",
            rungs=(1, 2),
        ),
        Advice(
            "Print the recall of each desk on tickets that you held back. Where the small ones have the lowest, give "
            "`fit` class weights: doubtful tickets then go to the small desk, which has most to lose.",
            rungs=(3,),
        ),
        Advice(
            "Very good, though it knows its own tickets far better than others: more Dropout before the last layer, "
            "or fewer epochs. Choose them by the balanced accuracy of tickets that you hold back.",
            rungs=(4,),
            when=overfits,
        ),
        Advice(
            "Very good. Compare kernels of 3 and 5, 64 and 128 filters, and the number of epochs, by the balanced "
            "accuracy of tickets that you hold back.",
            rungs=(4,),
        ),
        Advice(
            "What is left are tickets that say too little, and slips of the keyboard. See whether fewer parameters "
            "reach this rung, or which vague tickets go where.",
            rungs=(5,),
        ),
    ),
)

CHECKS = (CONFUSION_MATRIX, BALANCED_ACCURACY, CLASS_WEIGHTS, PAIR_COUNTS, TICKETS_MODEL)
