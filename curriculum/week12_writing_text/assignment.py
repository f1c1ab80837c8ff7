# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
#   tfcourse:
#     title: "Week 12, assignment: writing text"
#     description: Cut a text into questions and answers, sample from probabilities at any temperature, and train an LSTM that knows how a harbour's log goes on.
#     prerequisites: ["the lesson of week 12"]
#     minutes: 95
# ---

# %% [markdown]
# Five tasks, 12 points.
# The first four train nothing; the fifth trains a language model on the log of a harbour,
# and is judged on days of the same harbour that it has not read.
#
# Below each task stands a cell with a small example: run it first, it costs nothing.
# Then `practice` tries your function on data that you have not seen and says what to do next.
# You may practise as often as you like; what counts in the end is the same check on other data.

# %% tags=["setup"]
from tfcourse import grade, hint, practice, solution
from tfcourse.datasets.harbour_log import VOCABULARY, as_text, encode, make_harbour_log, tokens_of

import keras
import numpy as np
from keras import layers

# %% [markdown] skills=["N9", "N2"]
# ## Task 1 · A text is its own label (2 points)
#
# Write `pieces_of(days, length)`. It cuts days into pieces to learn from, and returns `x` and `y`,
# two arrays of whole numbers, each of shape (pieces, length).
#
# - `days` is a list of arrays, each with the token ids of one day. Days differ in length.
# - The first piece of a day begins at its first token, and each further one where the piece before ended:
#   `x` holds tokens 0 to `length` - 1 of the day, then tokens `length` to 2 · `length` - 1, and so on.
# - `y` holds, for every place of `x`, the token that **comes next** in the same day.
# - No piece reaches into another day. What is left at the end of a day, too short for a piece and its answers, is dropped.
# - Pieces stand in the order of the days. Every list has at least one piece.

# %% nbgrader={"grade": false, "grade_id": "pieces_of_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def pieces_of(days, length):
    """Return x and y, each of shape (pieces, length): tokens, and the tokens that follow them."""
    ### BEGIN SOLUTION
    x, y = [], []
    for day in days:
        for start in range(0, len(day) - length, length):
            x.append(day[start : start + length])
            y.append(day[start + 1 : start + length + 1])
    return np.array(x), np.array(y)
    ### END SOLUTION

# %% [markdown]
# Two days, of six tokens and of four. Expect `x` with the rows `[1 2]`, `[3 4]` and `[7 8]`,
# and `y` with `[2 3]`, `[4 5]` and `[8 9]`. (From 5 on, and from 9 on, one token is left, and it is no piece.)

# %%
pieces_of([np.array([1, 2, 3, 4, 5, 6]), np.array([7, 8, 9, 10])], 2)
# hint("week12.pieces_of")

# %% nbgrader={"grade": true, "grade_id": "pieces_of", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
practice("week12.pieces_of", pieces_of)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week12.pieces_of", pieces_of)
### END HIDDEN TESTS

# %% [markdown] skills=["N9"]
# ## Task 2 · Temperature (2 points)
#
# Write `with_temperature(logits, temperature)` with NumPy alone. It returns probabilities, of the same shape as `logits`.
# (The lesson's function of that name was given probabilities. Yours gets the logits themselves.)
#
# - `logits` has shape (tokens,) or (rows, tokens). Each row becomes a row of probabilities:
#   the softmax of its logits divided by the temperature.
# - Some logits are in the thousands: `np.exp(1000)` is infinite, and the answer must not be.
# - Some are `-np.inf`: such a token gets probability 0. In each row at least one logit is finite.
# - `temperature` is above 0, or exactly 0: then the largest logit of each row gets 1, and all others 0. No row has two largest.

# %% nbgrader={"grade": false, "grade_id": "with_temperature_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def with_temperature(logits, temperature):
    """Return probabilities of the shape of logits; rows sum to 1."""
    ### BEGIN SOLUTION
    below = logits - logits.max(axis=-1, keepdims=True)
    if temperature == 0:
        return (below == 0).astype(float)
    weights = np.exp(below / temperature)
    return weights / weights.sum(axis=-1, keepdims=True)
    ### END SOLUTION

# %% [markdown]
# At temperature 1, expect 0.25 and 0.75. At 0.5 the difference grows, to 0.1 and 0.9; at 100 it is nearly gone.

# %%
for temperature in (1, 0.5, 100):
    print(with_temperature(np.log([0.25, 0.75]), temperature))
# hint("week12.with_temperature")

# %% nbgrader={"grade": true, "grade_id": "with_temperature", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
practice("week12.with_temperature", with_temperature)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week12.with_temperature", with_temperature)
### END HIDDEN TESTS

# %% [markdown] skills=["N9"]
# ## Task 3 · Drawing a token (2 points)
#
# Write `draw(probabilities, u, k)` with NumPy alone. It draws one token for each row, among the `k` most likely ones,
# and returns their ids, shape (rows,). Chance comes from outside, so that the same `u` gives the same tokens.
#
# - `probabilities` has shape (rows, tokens); `u` has shape (rows,), numbers from 0 up to, but not including, 1.
# - In each row, keep the `k` largest probabilities, set all others to 0, and divide by the sum of what is left.
#   `k` is from 1 to the number of tokens. No two probabilities of a row are equal, except where they are 0.
# - Lay them end to end, **in the order of the ids**: token 0 covers the stretch from 0 to its probability, token 1 the next one, and so on.
#   The token drawn is the one whose stretch `u` falls into. A stretch includes its beginning and not its end,
#   so a token of probability 0 is never drawn, not even with `u` = 0.

# %% nbgrader={"grade": false, "grade_id": "draw_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def draw(probabilities, u, k):
    """Return the ids of the drawn tokens, shape (rows,)."""
    ### BEGIN SOLUTION
    smallest_kept = np.sort(probabilities, axis=1)[:, -k]
    kept = np.where(probabilities >= smallest_kept[:, None], probabilities, 0)
    ends = np.cumsum(kept / kept.sum(axis=1, keepdims=True), axis=1)
    return (ends <= u[:, None]).sum(axis=1)
    ### END SOLUTION

# %% [markdown]
# The same three probabilities, with `u` = 0.4. Among all three, 0.4 lies in the stretch of token 1, from 0.2 to 0.7.
# Among the best two, token 0 has dropped out, and token 1 covers 0 to 0.625: token 1 again. With `u` = 0.9 it is token 2. Expect `[1]`, `[1]` and `[2]`.

# %%
three = np.array([[0.2, 0.5, 0.3]])
print(draw(three, np.array([0.4]), 3), draw(three, np.array([0.4]), 2), draw(three, np.array([0.9]), 2))
# hint("week12.draw")

# %% nbgrader={"grade": true, "grade_id": "draw", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
practice("week12.draw", draw)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week12.draw", draw)
### END HIDDEN TESTS

# %% [markdown] skills=["N9", "N1"]
# ## Task 4 · Perplexity (1 point)
#
# Write `perplexity(probabilities, targets)` with NumPy alone. It returns one number for a whole batch of texts.
#
# - `probabilities` has shape (texts, steps, tokens): what a model says at every step.
#   `targets` has shape (texts, steps): the tokens that really came next. Where a target is -1 the text is over, and the step does not count.
# - Perplexity is e to the power of the mean of -log(p), where p is the probability that the model gave to the target.
#   The mean is over all steps that count, in all texts together.

# %% nbgrader={"grade": false, "grade_id": "perplexity_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def perplexity(probabilities, targets):
    """Return the perplexity of a model on a batch of texts."""
    ### BEGIN SOLUTION
    counts = targets >= 0
    p = np.take_along_axis(probabilities, np.maximum(targets, 0)[..., None], axis=-1)[..., 0]
    return np.exp(-np.log(p[counts]).mean())
    ### END SOLUTION

# %% [markdown]
# One text of two steps that count: the targets got 1/2 and 1/8. Expect 4.0, the geometric mean of 2 and 8.

# %%
perplexity(np.array([[[0.5, 0.5, 0.0], [0.125, 0.25, 0.625], [0.9, 0.05, 0.05]]]), np.array([[1, 0, -1]]))
# hint("week12.perplexity")

# %% nbgrader={"grade": true, "grade_id": "perplexity", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
practice("week12.perplexity", perplexity)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week12.perplexity", perplexity)
### END HIDDEN TESTS

# %% [markdown] skills=["N9", "N5"]
# ## Task 5 · What comes next in the log? (5 points)
#
# Write `build_model()`. It returns a compiled network that reads 24 tokens of a harbour's log
# and says at **every** one of them what comes next: after the first token, after the first two, …, after all 24.
#
# - Inputs are token ids of shape (24,); a token's id is its place in `VOCABULARY`. Begin with `keras.Input(shape=(24,))`.
# - The log is read by a **recurrent layer**, LSTM, GRU or SimpleRNN, alone or with others;
#   a model without one is refused, however good it is.
# - Outputs are probabilities of shape (24, `len(VOCABULARY)`): end with that many units and a softmax.
# - What is said at a token may come from that token and those before it, never from those after it:
#   when the model is judged, there are none.
# - Do not call `fit` yourself. The model is trained for you: 10 epochs, batches of 16,
#   on about 2,500 pieces like those of task 1, with integer labels of shape (24,).
#   Loss, optimizer and its learning rate are yours to choose in `compile`.
# - At most 250,000 parameters.
#
# It is judged by its accuracy on 3,000 contexts of 24 tokens, each from another day that it has not read:
# is the most likely token *after the last one* the one that really came?
# The harbour is the same, so what the model has learned about its boats still holds.
#
# {{ladder:week12.log_model}}

# %% nbgrader={"grade": false, "grade_id": "log_model_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def build_model():
    """Return a compiled model that maps ids of shape (24,) to probabilities of shape (24, len(VOCABULARY))."""
    ### BEGIN SOLUTION
    model = keras.Sequential([
        keras.Input(shape=(24,)),
        layers.Embedding(len(VOCABULARY), 32),
        layers.LSTM(96, return_sequences=True),
        layers.Dense(len(VOCABULARY), activation="softmax"),
    ])
    model.compile(
        optimizer=keras.optimizers.Adam(0.02), loss="sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    return model
    ### END SOLUTION

# %% [markdown]
# Look before you train. Is the output shape `(None, 24, …)`, with as many numbers at the end as there are tokens?
# Then check that the model cannot see ahead: change the last token of a piece,
# and see whether what is said at the *first* token changes. Expect `True`.

# %%
my_model = build_model()
my_model.summary()
piece = encode(tokens_of(make_harbour_log(1, seed=7)[0]))[None, :24]
changed = piece.copy()
changed[0, -1] = 0
np.allclose(my_model.predict(piece, verbose=0)[0, 0], my_model.predict(changed, verbose=0)[0, 0], atol=1e-6)
# hint("week12.log_model")

# %% nbgrader={"grade": true, "grade_id": "log_model", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
practice("week12.log_model", build_model)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week12.log_model", build_model)
### END HIDDEN TESTS
