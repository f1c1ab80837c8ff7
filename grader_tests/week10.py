"""The checks of week 10: a confusion matrix, balanced accuracy, class weights, word pairs, a router of tickets."""

from __future__ import annotations

from collections.abc import Sequence
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
    Task,
    balanced_accuracy,
    baselines,
    solution_of,
)
from tfcourse.datasets.tickets import DESKS, SHARES, make_tickets

WEEK = "week10"
TRAINING_TICKETS = 6_000
HIDDEN_TICKETS = 2_000

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
    x, y = make_tickets(TRAINING_TICKETS + HIDDEN_TICKETS, seed=seed)
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


def _mean_of_embeddings(x_train: Array) -> Any:
    """Build week 9's first text model for eight classes, with the classes weighted in its loss."""
    import keras
    from keras import layers

    vectorizer = layers.TextVectorization(max_tokens=4_000, output_sequence_length=60)
    vectorizer.adapt(x_train)
    weights = keras.ops.convert_to_tensor(1 / (len(SHARES) * np.array(SHARES)), dtype="float32")

    def weighted_loss(labels: Any, probabilities: Any) -> Any:
        labels = keras.ops.cast(keras.ops.reshape(labels, (-1,)), "int32")
        losses = keras.losses.sparse_categorical_crossentropy(labels, probabilities)
        return losses * keras.ops.take(weights, labels)

    model = keras.Sequential(
        [
            keras.Input(shape=(), dtype="string"),
            vectorizer,
            layers.Embedding(4_000, 32, mask_zero=True),
            layers.GlobalAveragePooling1D(),
            layers.Dense(len(DESKS), activation="softmax"),
        ]
    )
    model.compile(optimizer=keras.optimizers.Adam(0.005), loss=weighted_loss)
    return model


_TRAINING = FixedBudget(
    Output("probabilities", (len(DESKS),)),
    epochs=8,
    batch_size=32,
    max_parameters=500_000,
    builder_sees="train inputs",
)

TICKETS_MODEL = ModelCheck(
    id="week10.tickets_model",
    title="To which desk",
    skills=("N1", "N2", "N4"),
    data=_tickets,
    training=_TRAINING,
    ladder=Ladder(balanced_accuracy, (0.20, 0.45, 0.66, 0.775, 0.82)),
    baselines=(
        baselines.majority(),
        baselines.untrained(_TRAINING, solution_of(WEEK, "build_model")),
        baselines.bag_of_words(),
        _weighted_bag_of_words(),
        baselines.network("mean of embeddings, class weights", _TRAINING, _mean_of_embeddings),
    ),
    reference=solution_of(WEEK, "build_model"),
    hints=(
        "Two things are asked at once: to see which words stand together, and not to forget the small desks. "
        "Begin with week 9's network, with eight units and softmax at its end.",
        "`Embedding(4000, 32)`, `Conv1D(64, 5, activation='relu')`, `GlobalMaxPooling1D()`: windows of five words see "
        "'not charged' and 'that is settled'. Some `Dropout` before the last layer helps.",
        "Class weights go into the loss: the lesson's `weighted_loss` multiplies each ticket's loss by the weight of "
        "its desk. The weight of desk k is 1 / (8 · SHARES[k]).",
        "`weights = keras.ops.convert_to_tensor(1 / (8 * np.array(SHARES)), dtype='float32')`, the lesson's "
        "`weighted_loss` inside `build_model`, and `model.compile(optimizer=keras.optimizers.Adam(0.003), "
        "loss=weighted_loss)`.",
    ),
    advice=(
        Advice(
            "This is guessing, or one answer for all. Is the vectorizer adapted to x_train? Do eight units with "
            "softmax go with 'sparse_categorical_crossentropy'? Then fit one epoch and see whether the loss falls "
            "below 2.08.",
            rungs=(0,),
        ),
        Advice(
            "Your model knows a few desks. Print the recall of each: usual causes are a vocabulary of few words, "
            "texts cut after a few words (60 hold nearly all of them), or a learning rate that is far too high or too "
            "low.",
            rungs=(1,),
        ),
        Advice(
            "Some desks are recognised, others hardly. Give all words room (max_tokens=4000), then let neighbouring "
            "words be seen together with Conv1D and GlobalMaxPooling1D, and look at the recall of the small desks.",
            rungs=(2,),
        ),
        Advice(
            "You have about what counting words can do. 'That is settled' and 'not charged' are said with several "
            "words: Conv1D over an Embedding, with a kernel of 3 to 5, and GlobalMaxPooling1D see them.",
            rungs=(3,),
        ),
        Advice(
            "Windows of words do their work; now the small desks. Without weights, doubtful tickets go to the busy "
            "desk. Give `compile` the lesson's weighted loss, with 1 / (8 · SHARES[k]), and some Dropout before the "
            "last layer.",
            rungs=(4,),
        ),
        Advice(
            "Very good. What is left are tickets that say too little, and slips of the keyboard. See whether fewer "
            "parameters reach this rung, or which vague tickets go where.",
            rungs=(5,),
        ),
    ),
)

CHECKS = (CONFUSION_MATRIX, BALANCED_ACCURACY, CLASS_WEIGHTS, PAIR_COUNTS, TICKETS_MODEL)
