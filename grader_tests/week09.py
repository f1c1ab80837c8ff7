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
    mistake,
    ordinary,
    rival,
    solution_of,
)
from tfcourse.checks.diagnosis import has, lacks, not_learning, overfits, still_learning
from tfcourse.datasets.reviews import make_reviews

WEEK = "week09"
TRAINING_REVIEWS = 6_000
HIDDEN_REVIEWS = 3_000
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


def _reader(
    x_train: Array,
    *middle: Any,
    words: int = 4_000,
    length: int = 45,
    width: int = 32,
    mask: bool = False,
    optimizer: Any = "adam",
) -> Any:
    """Build a network of word vectors, with the given layers behind them."""
    import keras
    from keras import layers

    vectorizer = layers.TextVectorization(max_tokens=words, output_sequence_length=length)
    vectorizer.adapt(x_train)
    first = [keras.Input(shape=(), dtype="string"), vectorizer, layers.Embedding(words, width, mask_zero=mask)]
    model = keras.Sequential([*first, *middle, layers.Dense(1, activation="sigmoid")])
    model.compile(optimizer=optimizer, loss="binary_crossentropy", metrics=["accuracy"])
    return model


def _mean_of_embeddings(x_train: Array) -> Any:
    """Build the usual first text model: the mean of a review's word vectors, and one neuron."""
    import keras
    from keras import layers

    return _reader(x_train, layers.GlobalAveragePooling1D(), mask=True, optimizer=keras.optimizers.Adam(0.005))


def _mean_and_dense(x_train: Array) -> Any:
    from keras import layers

    return _reader(x_train, layers.GlobalAveragePooling1D(), layers.Dense(24, activation="relu"), width=16)


def _flattened(x_train: Array) -> Any:
    from keras import layers

    return _reader(x_train, layers.Flatten(), layers.Dense(24, activation="relu"), width=16)


def _windows_of_five(x_train: Array) -> Any:
    from keras import layers

    return _reader(x_train, layers.Conv1D(64, 5, activation="relu"), layers.GlobalMaxPooling1D())


def _windows_of_four_and_dense(x_train: Array) -> Any:
    from keras import layers

    windows = layers.Conv1D(128, 4, padding="same", activation="relu")
    dense = layers.Dense(32, activation="relu")
    return _reader(x_train, windows, layers.GlobalMaxPooling1D(), dense, width=16, optimizer="rmsprop")


def _windows_and_dropout(x_train: Array) -> Any:
    from keras import layers

    windows = layers.Conv1D(128, 7, activation="relu")
    return _reader(x_train, layers.Dropout(0.3), windows, layers.GlobalMaxPooling1D(), layers.Dropout(0.5), width=64)


def _two_convolutions(x_train: Array) -> Any:
    from keras import layers

    first, second = layers.Conv1D(64, 5, activation="relu"), layers.Conv1D(64, 5, activation="relu")
    return _reader(x_train, first, layers.MaxPooling1D(2), second, layers.GlobalMaxPooling1D())


def _both_directions(x_train: Array) -> Any:
    from keras import layers

    return _reader(x_train, layers.Bidirectional(layers.LSTM(32)))


def _bag(x_train: Array) -> Any:
    """Build a network without an embedding: which words occur, and a Dense layer."""
    import keras
    from keras import layers

    vectorizer = layers.TextVectorization(max_tokens=4_000, output_mode="multi_hot")
    vectorizer.adapt(x_train)
    hidden = [layers.Dense(32, activation="relu"), layers.Dropout(0.5)]
    last = layers.Dense(1, activation="sigmoid")
    model = keras.Sequential([keras.Input(shape=(), dtype="string"), vectorizer, *hidden, last])
    model.compile(optimizer="adam", loss="binary_crossentropy")
    return model


def _few_words(x_train: Array) -> Any:
    from keras import layers

    return _reader(x_train, layers.Conv1D(64, 5, activation="relu"), layers.GlobalMaxPooling1D(), words=400)


def _first_words(x_train: Array) -> Any:
    from keras import layers

    return _reader(x_train, layers.Conv1D(64, 5, activation="relu"), layers.GlobalMaxPooling1D(), length=20)


_TRAINING = FixedBudget(
    Output("probability", (1,)), epochs=8, batch_size=16, max_parameters=500_000, builder_sees="train inputs"
)

REVIEWS_MODEL = ModelCheck(
    id="week09.reviews_model",
    title="Favourable or not",
    skills=("N1", "N3", "N5"),
    data=_reviews,
    training=_TRAINING,
    labels=("unfavourable", "favourable"),
    ladder=Ladder(accuracy, (0.57, 0.63, 0.76, 0.87, 0.94)),
    baselines=(
        baselines.majority(),
        baselines.untrained(_TRAINING, solution_of(WEEK, "build_model")),
        baselines.bag_of_words(),
        baselines.network("mean of embeddings", _TRAINING, _mean_of_embeddings),
    ),
    panel=(
        ordinary("64 windows of five, maximum, Adam", _windows_of_five),
        ordinary("128 windows of four, maximum, a Dense layer, RMSprop", _windows_of_four_and_dense),
        ordinary("128 windows of seven, Dropout", _windows_and_dropout),
        ordinary("two convolutions, pooling between them", _two_convolutions),
        ordinary("LSTM of 32 units in both directions, Adam", _both_directions),
        rival("which words occur, a Dense layer: no embedding", _bag, "N5"),
        mistake("mean of embeddings, a Dense layer", _mean_and_dense),
        mistake("Flatten", _flattened),
        mistake("a vocabulary of 400 words", _few_words),
        mistake("the first twenty words", _first_words),
    ),
    reference=solution_of(WEEK, "build_model"),
    hints=(
        "Which words occur does not decide here; which words stand next to each other does. "
        "A mean over all word vectors has forgotten the order. Which layer looks at neighbours?",
        "After the vectorizer and the Embedding, `layers.Conv1D(filters, kernel_size, activation='relu')` "
        "looks at a few neighbouring words at a time, and `layers.GlobalMaxPooling1D()` keeps "
        "each filter's strongest find. Then one sigmoid unit.",
        "Room for all words and for whole reviews: no adjective should become [UNK], and 45 words hold nearly every "
        "review. 'But the battery is dreadful' has five words: windows of about five hold it.",
    ),
    advice=(
        Advice(
            "The loss did not fall. Print `vectorizer(x_train[:2])`: are there words at all, or only 1s? "
            "One sigmoid unit goes with 'binary_crossentropy', and a learning rate near 0.001.",
            rungs=(0, 1, 2),
            when=not_learning,
        ),
        Advice(
            "Flatten learns each place of a review separately, so that 'dreadful' in place 12 and in place 13 are two "
            "things. Conv1D and GlobalMaxPooling1D look for the same phrase everywhere.",
            rungs=(0, 1, 2, 3),
            when=has("Flatten"),
        ),
        Advice(
            "You have about what counting words can do. 'Not at all bad' has the words of blame: "
            "let neighbouring words be seen together, with Conv1D and GlobalMaxPooling1D.",
            rungs=(1, 2, 3),
            when=lacks("Conv1D", "LSTM", "GRU", "SimpleRNN", "Bidirectional"),
        ),
        Advice(
            "The network is still learning when the eight epochs end. A learning rate two to five times as large, "
            "or a smaller network, gets further in them.",
            rungs=(0, 1, 2, 3, 4),
            when=still_learning,
        ),
        Advice(
            "This is guessing. Print `vectorizer(x_train[:2])`: are there words at all, or only each review's first "
            "ones? The opinion stands at the end.",
            rungs=(0,),
        ),
        Advice(
            "Your network sees a little. Does the vocabulary hold the adjectives (4,000 words do), and do whole "
            "reviews reach it (45 words)?",
            rungs=(1, 2),
        ),
        Advice(
            "It knows its own reviews by heart and others less well: does the vocabulary have room for rare adjectives "
            "(4,000 words)? Is every review read to its end?",
            rungs=(3,),
            when=overfits,
        ),
        Advice(
            "Order is seen, but not well enough. Are windows long enough for 'not in the least bad', and does "
            "the vocabulary have room for the rare adjectives, 3,000 words or more?",
            rungs=(3,),
        ),
        Advice(
            "Very good. 'But the battery is dreadful' has five words: a kernel of five or more sees them in one "
            "window. Some Dropout before the last layer, and filters enough for all the phrases, do the rest.",
            rungs=(4,),
        ),
        Advice(
            "What is left are sentences that a window of five words cannot hold. Print some, and guess "
            "which; or see how few parameters reach this rung.",
            rungs=(5,),
        ),
    ),
)

CHECKS = (VOCABULARY, WORD_IDS, VECTORIZER, MEAN_EMBEDDING, REVIEWS_MODEL)
