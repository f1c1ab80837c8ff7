"""The checks of week 9: a vocabulary, word ids, a vectorizer, a mean of embeddings, a model that reads reviews."""

from __future__ import annotations

from collections.abc import Sequence
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
    Split,
    accuracy,
    baselines,
    solution_of,
)
from tfcourse.datasets.reviews import make_reviews

WEEK = "week09"
TRAINING_REVIEWS = 4_000
HIDDEN_REVIEWS = 2_000
FRUIT = (
    *("apple", "apricot", "cherry", "damson", "fig", "grape", "lemon", "lime"),
    *("mango", "melon", "olive", "orange", "peach", "pear", "plum", "quince"),
)

Array = np.ndarray[Any, Any]
Cases = Sequence[tuple[str, tuple[Any, ...]]]


def _texts(n: int, seed: int) -> list[str]:
    return [str(text) for text in make_reviews(n, seed=seed)[0]]


def _fruit(n: int, random: np.random.Generator) -> list[str]:
    """Draw `n` different words, in a random order."""
    return [str(word) for word in random.choice(FRUIT, size=n, replace=False)]


# --- Task 1: a vocabulary ---


def _vocabulary_cases(seed: int) -> Cases:
    random = np.random.default_rng(seed)
    reviews = _texts(300, seed)
    often, once, twice = np.split(np.array(_fruit(12, random)), [3, 8])
    ties = [*often, *often, *often, *once, *twice, *twice]
    random.shuffle(ties)
    one, two, three = _fruit(3, random)
    capitals = [f"{one.title()}! {two}, {one}. {three}?", f"({one.upper()}) {two};"]
    joined = [f"wasn't {one}-{two}", f"{one}-{two}", f"{one}{two} wasnt first-rate"]
    blanks = ["", "  ", "?!", f" {one}\t{two}  {one}\n"]
    return [
        ("capital letters and punctuation", (capitals, 50)),
        ("more words than there is room for", (reviews[:200], int(random.integers(40, 80)))),
        ("words that are equally frequent", ([" ".join(ties[:9]), " ".join(ties[9:])], 8)),
        ("a word that is repeated within one text", ([f"{one} {one} {one} {two}", f"{two} {three}"], 50)),
        ("hyphens and apostrophes", (joined, 50)),
        ("texts without a word, runs of blanks, tabs and line ends", (blanks, 50)),
        ("room for a single word", (reviews[200:], 3)),
        ("a review, with room for all its words", (reviews[:1], 1_000)),
    ]


VOCABULARY = FunctionCheck(
    id="week09.vocabulary",
    title="A vocabulary by hand",
    points=2,
    skills=("N2",),
    cases=_vocabulary_cases,
    reference=solution_of(WEEK, "vocabulary"),
    hints=(
        "Three steps: clean each text, count all words of all texts, sort. "
        "`text.lower()`, `str.translate` and `text.split()` do the first; a `collections.Counter` does the second.",
        "`text.translate(str.maketrans('', '', string.punctuation))` deletes punctuation. "
        "`split()` without an argument swallows any run of blanks; `split(' ')` leaves empty words behind.",
        "Sort by two things at once: `sorted(counts, key=lambda word: (-counts[word], word))`. "
        "Put `''` and `'[UNK]'` in front, and cut the whole list with `[:size]`.",
    ),
)


# --- Task 2: words to ids ---


def _word_ids_cases(seed: int) -> Cases:
    random = np.random.default_rng(seed)
    words = _fruit(12, random)
    vocabulary, unknown = ["", "[UNK]", *words[:8]], words[8:]

    def sentence(length: int) -> list[str]:
        return [str(word) for word in random.choice(words[:8], size=length)]

    mixed = [sentence(5), sentence(5)]
    mixed[0][2], mixed[1][0] = unknown[0], unknown[1]
    short_and_long = [[unknown[2], *sentence(2)], [*sentence(2), unknown[3], *sentence(4)]]
    return [
        ("sentences of exactly the right length", ([sentence(4), sentence(4)], vocabulary, 4)),
        ("sentences that are too short", ([sentence(2), sentence(5), sentence(1)], vocabulary, 6)),
        ("sentences that are too long", ([sentence(9), sentence(7)], vocabulary, 5)),
        ("words that are not in the vocabulary", (mixed, vocabulary, 5)),
        ("unknown words in short and long sentences", (short_and_long, vocabulary, 4)),
        ("a sentence without words", ([[], sentence(3)], vocabulary, 3)),
        ("a single sentence", ([sentence(3)], vocabulary, 8)),
    ]


WORD_IDS = FunctionCheck(
    id="week09.word_ids",
    title="Words to numbers",
    points=2,
    skills=("N2", "B12"),
    cases=_word_ids_cases,
    reference=solution_of(WEEK, "word_ids"),
    hints=(
        "A word's number is its place in the vocabulary. Two numbers have a meaning of their own: "
        "0 fills up, 1 stands for every word that is not in the list.",
        "`place = {word: number for number, word in enumerate(vocabulary)}`, and then `place.get(word, 1)`.",
        "Begin with `ids = np.zeros((len(sentences), length), dtype=int)`. "
        "For row i: `found = [place.get(word, 1) for word in sentences[i][:length]]`, "
        "and then `ids[i, : len(found)] = found`.",
    ),
)


# --- Task 3: the same by a layer ---


def _vectorizer_cases(seed: int) -> Cases:
    random = np.random.default_rng(seed)
    reviews = make_reviews(400, seed=seed)[0]
    train, other = reviews[:300], reviews[300:]
    words = np.array([str(review).split()[-1] for review in other[:20]])
    return [
        ("texts that it was adapted to", (train, 5_000, 45, train[:20])),
        ("a small vocabulary", (train, int(random.integers(80, 160)), 45, other[:20])),
        ("ids cut to a short length", (train, 400, int(random.integers(6, 10)), other[20:60])),
        ("texts that are shorter than the length", (train, 300, 60, words)),
        ("a single text to adapt to", (train[:1], 100, 12, other[60:70])),
    ]


VECTORIZER = FunctionCheck(
    id="week09.vectorizer",
    title="The same by a layer",
    points=1,
    skills=("N1", "N2"),
    cases=_vectorizer_cases,
    calling=CallFunction(via="call the result"),
    reference=solution_of(WEEK, "make_vectorizer"),
    hints=(
        "Three steps: make the layer, show it the texts, return it. "
        "A layer that was shown nothing has no vocabulary, and its table is 'not initialized'.",
        "`keras.layers.TextVectorization` takes the vocabulary's size as `max_tokens` "
        "and the length as `output_sequence_length`.",
        "`vectorizer = layers.TextVectorization(max_tokens=vocabulary_size, output_sequence_length=length)`, "
        "then `vectorizer.adapt(texts)`, then `return vectorizer`.",
    ),
)


# --- Task 4: a mean without the padding ---


def _mean_embedding_cases(seed: int) -> Cases:
    random = np.random.default_rng(seed)

    def table(words: int, width: int) -> Array:
        return random.normal(size=(words, width)).astype(np.float32)

    def ids(lengths: Sequence[int], padded: int, words: int) -> Array:
        """Draw one row for each length, filled up with 0."""
        rows = random.integers(1, words, size=(len(lengths), padded))
        return np.where(np.arange(padded) < np.array(lengths)[:, None], rows, 0)

    first = ids([3, 5, 1, 4], 8, 20)
    repeated = ids([4, 6], 7, 20)
    repeated[:, 1] = repeated[:, 0]
    return [
        ("no padding", (ids([6, 6, 6], 6, 20), table(20, 4))),
        ("padding at the end", (ids([2, 5, 1, 7], 9, 20), table(20, 4))),
        ("padding in front", (first[:, ::-1].copy(), table(20, 4))),
        ("a row that is nothing but padding", (ids([3, 0, 6], 6, 12), table(12, 5))),
        ("the same word twice in a row", (repeated, table(20, 3))),
        ("a padding row of the table that is 0", (ids([3, 4], 6, 15), np.vstack([np.zeros((1, 4)), table(14, 4)]))),
        ("a single review", (ids([10], 40, 100), table(100, 16))),
    ]


MEAN_EMBEDDING = FunctionCheck(
    id="week09.mean_embedding",
    title="A mean without the padding",
    points=2,
    skills=("N5",),
    cases=_mean_embedding_cases,
    reference=solution_of(WEEK, "mean_embedding"),
    hints=(
        "Looking up is indexing: `table[ids]` has one vector for each word, padding included. "
        "What is the shape of that array, and over which axis do you have to sum?",
        "`real = (ids != 0)[..., None]` is 1 for words and 0 for padding, with an axis to spare for the vector. "
        "Multiply the vectors with it before you sum, and count the words with `real.sum(axis=1)`.",
        "A row without words would divide 0 by 0: divide by `np.maximum(real.sum(axis=1), 1)`.",
    ),
)


# --- Task 5: the model ---


def _reviews(seed: int) -> Split:
    x, y = make_reviews(TRAINING_REVIEWS + HIDDEN_REVIEWS, seed=seed)
    return Split(x[:TRAINING_REVIEWS], y[:TRAINING_REVIEWS], x[TRAINING_REVIEWS:], y[TRAINING_REVIEWS:])


def _mean_of_embeddings(x_train: Array) -> Any:
    """Build the usual first text model: the mean of a review's word vectors, and one neuron."""
    import keras
    from keras import layers

    vectorizer = layers.TextVectorization(max_tokens=4_000, output_sequence_length=45)
    vectorizer.adapt(x_train)
    model = keras.Sequential(
        [
            keras.Input(shape=(), dtype="string"),
            vectorizer,
            layers.Embedding(4_000, 32, mask_zero=True),
            layers.GlobalAveragePooling1D(),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(optimizer=keras.optimizers.Adam(0.005), loss="binary_crossentropy")
    return model


_TRAINING = FixedBudget(
    Output("probability", (1,)), epochs=6, batch_size=32, max_parameters=500_000, builder_sees="train inputs"
)

REVIEWS_MODEL = ModelCheck(
    id="week09.reviews_model",
    title="Favourable or not",
    skills=("N1", "N3", "N5"),
    data=_reviews,
    training=_TRAINING,
    ladder=Ladder(accuracy, (0.57, 0.63, 0.75, 0.88, 0.93)),
    baselines=(
        baselines.majority(),
        baselines.untrained(_TRAINING, solution_of(WEEK, "build_model")),
        baselines.bag_of_words(),
        baselines.network("mean of embeddings", _TRAINING, _mean_of_embeddings),
    ),
    reference=solution_of(WEEK, "build_model"),
    hints=(
        "Which words occur does not decide here; which words stand next to each other does. "
        "A mean over all word vectors has forgotten the order. Which layer looks at neighbours?",
        "After the vectorizer and the Embedding, `layers.Conv1D(filters, kernel_size, activation='relu')` "
        "looks at a few neighbouring words at a time, and `layers.GlobalMaxPooling1D()` keeps "
        "each filter's strongest find. Then one sigmoid unit.",
        "Room for all words and for whole reviews: `max_tokens=4000`, `output_sequence_length=45`. "
        "`Embedding(4000, 32)`, `Conv1D(64, 5, activation='relu')`, `Adam(0.002)`, `loss='binary_crossentropy'`.",
    ),
    advice=(
        Advice(
            "This is guessing. Print `vectorizer(x_train[:2])`: are there words at all, or only 1s, or only each "
            "review's first words? Then see whether the loss fits: one sigmoid unit goes with 'binary_crossentropy'.",
            rungs=(0,),
        ),
        Advice(
            "Your model sees a little. Usual causes: a vocabulary that turns most adjectives into [UNK], "
            "a length that cuts the opinion off, or a Flatten, which learns each place of a sentence separately.",
            rungs=(1,),
        ),
        Advice(
            "You have what counting words can do. 'Not at all bad' has the words of blame: "
            "let neighbouring words be seen together, with Conv1D and GlobalMaxPooling1D.",
            rungs=(2,),
        ),
        Advice(
            "Order is seen, but not well enough. Take the maximum of each filter instead of its mean, "
            "and a vocabulary with room for the rare adjectives too: 3,000 words or more.",
            rungs=(3,),
        ),
        Advice(
            "Very good. 'But the battery is dreadful' has five words: a kernel of five or more sees them in one "
            "window. 64 filters and Adam(0.002) use the six epochs well.",
            rungs=(4,),
        ),
        Advice(
            "Very good. What is left are sentences that a window of five words cannot hold. Print some, and guess "
            "which; or see how few parameters reach this rung.",
            rungs=(5,),
        ),
    ),
)

CHECKS = (VOCABULARY, WORD_IDS, VECTORIZER, MEAN_EMBEDDING, REVIEWS_MODEL)
