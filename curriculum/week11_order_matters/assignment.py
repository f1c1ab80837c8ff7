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
#     title: "Week 11, assignment: order matters"
#     description: Carry a state from word to word by hand, take one step of an LSTM, and train a model that knows what a guest wants in the end.
#     prerequisites: ["the lesson of week 11"]
#     minutes: 100
# ---

# %% [markdown]
# Five tasks, 12 points.
# The first four train nothing; the fifth trains a network on 6,000 messages to a hotel, and is judged on 3,000 others.
#
# Below each task stands a cell with a small example: run it first, it costs nothing.
# Then `practice` tries your function on data that you have not seen and says what to do next.
# You may practise as often as you like; what counts in the end is the same check on other data.

# %% tags=["setup"]
from tfcourse import grade, hint, practice, solution
from tfcourse.datasets.bookings import make_bookings

import keras
import numpy as np
import tensorflow as tf
from keras import layers

# %% [markdown] skills=["N7"]
# ## Task 1 · A recurrent layer by hand (2 points)
#
# Write `rnn(x, w, u, b)` with NumPy alone: what `SimpleRNN(units, return_sequences=True)` computes.
#
# - `x` has shape (batch, steps, features); `w` (features, units); `u` (units, units); `b` (units,).
# - Before the first step the state is zeros. At each step,
#   the new state is tanh(input · `w` + old state · `u` + `b`).
# - Return the states after **every** step, an array of shape (batch, steps, units).

# %% nbgrader={"grade": false, "grade_id": "rnn_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def rnn(x, w, u, b):
    """Return the states after every step, shape (batch, steps, units)."""
    ### BEGIN SOLUTION
    h = np.zeros((len(x), len(b)))
    states = []
    for t in range(x.shape[1]):
        h = np.tanh(x[:, t] @ w + h @ u + b)
        states.append(h)
    return np.stack(states, axis=1)
    ### END SOLUTION

# %% [markdown]
# One sequence, one feature, one unit; the input is 1 and then nothing.
# Expect states of about 0.762, 0.642 and 0.566: what is left of the first step fades.

# %%
rnn(np.array([[[1.0], [0.0], [0.0]]]), np.array([[1.0]]), np.array([[1.0]]), np.array([0.0]))
# hint("week11.rnn")

# %% nbgrader={"grade": true, "grade_id": "rnn", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
practice("week11.rnn", rnn)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week11.rnn", rnn)
### END HIDDEN TESTS

# %% [markdown] skills=["N6", "N7"]
# ## Task 2 · One step of an LSTM (2 points)
#
# Write `lstm_step(x, h, c, w, u, b)` with NumPy alone. It returns two arrays, the new state and the new cell.
#
# - `x` has shape (batch, features): the inputs of one step. `h` and `c` have shape (batch, units): state and cell before it.
# - `w` has shape (features, 4 · units), `u` (units, 4 · units), `b` (4 · units,).
#   Their columns stand in Keras's order: **input gate, forget gate, candidate, output gate**, `units` columns each.
# - A gate is sigmoid(`x` · `w` + `h` · `u` + `b`), with its own columns; the candidate has tanh in place of sigmoid.
# - New cell: forget gate · old cell + input gate · candidate. New state: output gate · tanh(new cell).

# %% nbgrader={"grade": false, "grade_id": "lstm_step_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def lstm_step(x, h, c, w, u, b):
    """Return the new state and the new cell, each of shape (batch, units)."""
    ### BEGIN SOLUTION
    def sigmoid(z):
        return 1 / (1 + np.exp(-z))

    write, keep, candidate, show = np.split(x @ w + h @ u + b, 4, axis=1)
    c_new = sigmoid(keep) * c + sigmoid(write) * np.tanh(candidate)
    return sigmoid(show) * np.tanh(c_new), c_new
    ### END SOLUTION

# %% [markdown]
# With all weights at 0, every gate is half open and the candidate is 0.
# So a cell of 2 becomes 1, and the state half of tanh(1): expect about 0.381 and 1.0.

# %%
lstm_step(np.ones((1, 3)), np.zeros((1, 1)), np.full((1, 1), 2.0), np.zeros((3, 4)), np.zeros((1, 4)), np.zeros(4))
# hint("week11.lstm_step")

# %% nbgrader={"grade": true, "grade_id": "lstm_step", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
practice("week11.lstm_step", lstm_step)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week11.lstm_step", lstm_step)
### END HIDDEN TESTS

# %% [markdown] skills=["N7"]
# ## Task 3 · The state at the last word (2 points)
#
# Write `last_states(states, ids)` with NumPy alone: what a mask does for a recurrent layer.
#
# - `states` has shape (messages, steps, units): the state after every step.
# - `ids` has shape (messages, steps): word ids, where 0 is padding, at the end or elsewhere.
# - Return an array of shape (messages, units): for each message the state at its **last word**,
#   the last place whose id is not 0. Words before it may have a 0 between them.
# - A message without any word gets zeros, which is the state before the first step.

# %% nbgrader={"grade": false, "grade_id": "last_states_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def last_states(states, ids):
    """Return each message's state at its last word, shape (messages, units)."""
    ### BEGIN SOLUTION
    place = np.where(ids != 0, np.arange(ids.shape[1]), -1).max(axis=1)
    last = states[np.arange(len(ids)), place]
    return np.where(place[:, None] >= 0, last, 0)
    ### END SOLUTION

# %% [markdown]
# Two messages of two words and of one. Expect the rows `[20]` and `[40]`.

# %%
last_states(np.array([[[10], [20], [30]], [[40], [50], [60]]]), np.array([[7, 8, 0], [9, 0, 0]]))
# hint("week11.last_states")

# %% nbgrader={"grade": true, "grade_id": "last_states", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
practice("week11.last_states", last_states)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week11.last_states", last_states)
### END HIDDEN TESTS

# %% [markdown] skills=["N6", "N7", "N8"]
# ## Task 4 · How many weights (1 point)
#
# Write `count_weights(kind, features, units, both_ways)`. It returns the number of weights of a recurrent layer
# with Keras's defaults.
#
# - `kind` is `"SimpleRNN"`, `"LSTM"` or `"GRU"`.
# - `features` is the length of one step's input, `units` the length of the state.
# - With `both_ways`, the layer is wrapped in `Bidirectional`.
#
# Work it out from the formulas; a layer can then tell you whether you were right.

# %% nbgrader={"grade": false, "grade_id": "count_weights_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def count_weights(kind, features, units, both_ways):
    """Return the number of weights of a recurrent layer."""
    ### BEGIN SOLUTION
    sets = {"SimpleRNN": 1, "GRU": 3, "LSTM": 4}[kind]
    biases = 2 if kind == "GRU" else 1
    one_way = sets * units * (features + units + biases)
    return 2 * one_way if both_ways else one_way
    ### END SOLUTION

# %% [markdown]
# Expect 18: 2 × 3 weights for the inputs, 3 × 3 for the state, and 3 biases.

# %%
count_weights("SimpleRNN", 2, 3, False)
# hint("week11.count_weights")

# %% nbgrader={"grade": true, "grade_id": "count_weights", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
practice("week11.count_weights", count_weights)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week11.count_weights", count_weights)
### END HIDDEN TESTS

# %% [markdown] skills=["N6", "N7", "N8"]
# ## Task 5 · What does the guest want? (5 points)
#
# Write `build_model(x_train)`. It returns a compiled network that reads a guest's message
# and answers with four probabilities, in this order: keep the booking, cancel it, move it, answer a question.
#
# - `x_train` holds 6,000 messages as text, shape (6000,), of at most 40 words each.
#   The model gets raw text when it predicts, too, so the vectorizer has to live inside it.
# - Begin with `keras.Input(shape=(), dtype="string")`; end with four units and a softmax.
# - Between them, the message is read by a **recurrent layer**, LSTM, GRU or SimpleRNN, alone or with others;
#   a model without one is refused, however good it is.
# - Do not call `fit` yourself. The model is trained for you: 8 epochs, batches of 64, labels 0 to 3 as integers.
#   Loss, optimizer and its learning rate are yours to choose in `compile`.
# - At most 200,000 parameters.
#
# It is judged by its accuracy on 3,000 messages that it has not seen:
#
# {{ladder:week11.bookings_model}}

# %% nbgrader={"grade": false, "grade_id": "bookings_model_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def build_model(x_train):
    """Return a compiled model that maps text of shape () to four probabilities."""
    ### BEGIN SOLUTION
    vectorizer = layers.TextVectorization(max_tokens=1_000, output_sequence_length=40)
    vectorizer.adapt(x_train)
    model = keras.Sequential([
        keras.Input(shape=(), dtype="string"),
        vectorizer,
        layers.Embedding(1_000, 32, mask_zero=True),
        layers.LSTM(48),
        layers.Dense(4, activation="softmax"),
    ])
    model.compile(
        optimizer=keras.optimizers.Adam(0.005), loss="sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    return model
    ### END SOLUTION

# %% [markdown]
# Look before you train. Is the last output shape `(None, 4)`?
# Are there more weights in the table of words, or in the layer that reads?
# Then try two epochs on messages of your own: does the accuracy leave 0.25?

# %%
my_x, my_y = make_bookings(6_000, seed=7)
my_model = build_model(my_x)
my_model.summary()
my_model.fit(tf.constant(my_x), my_y, epochs=2, batch_size=32, verbose=2)
# hint("week11.bookings_model")

# %% nbgrader={"grade": true, "grade_id": "bookings_model", "locked": true, "points": 5, "schema_version": 3, "solution": false, "task": false}
practice("week11.bookings_model", build_model)
### BEGIN HIDDEN TESTS
from tfcourse import grade
grade("week11.bookings_model", build_model)
### END HIDDEN TESTS
