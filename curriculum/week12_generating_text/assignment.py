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
#     title: "Week 12, assignment: writing"
#     description: Cut a text into windows, turn a temperature, draw a token, measure perplexity, and train a model that knows what a harbour master writes next.
#     prerequisites: ["the lesson of week 12"]
#     minutes: 110
# ---

# %% [markdown]
# Five tasks, 12 points.
# The first four train nothing; the fifth trains a network on the log of a harbour, and is judged on later pages of it.
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

# %% [markdown] skills=["N2", "N9"]
# ## Task 1 · Windows and what comes next (2 points)
#
# Write `next_token_windows(ids, length)`. It cuts a text into examples for a network that writes.
#
# - `ids` has shape (tokens,): the whole text, one number a token.
# - Return two arrays. The first has shape (n, length): `length` tokens in a row. The second has shape (n,):
#   the token that comes right **after** each window.
# - Windows begin at every place from which there is still a token to come. The very last token is the target
#   of the last window.
# - A text that is too short for any window and its target gives n = 0: shapes (0, length) and (0,).

# %% nbgrader={"grade": false, "grade_id": "next_token_windows_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def next_token_windows(ids, length):
    """Return windows of shape (n, length) and the token after each, shape (n,)."""
    ### BEGIN SOLUTION
    n = max(len(ids) - length, 0)
    places = np.arange(n)[:, None] + np.arange(length)
    return ids[places], ids[length:][:n]
    ### END SOLUTION

# %% [markdown]
# Expect the windows `[0 1 2]`, `[1 2 3]` and `[2 3 4]`, and behind them 3, 4 and 5.

# %%
next_token_windows(np.arange(6), 3)
# hint("week12.next_token_windows")

# %% nbgrader={"grade": true, "grade_id": "next_token_windows", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
practice("week12.next_token_windows", next_token_windows)
### BEGIN HIDDEN TESTS
grade("week12.next_token_windows", next_token_windows)
### END HIDDEN TESTS

# %% [markdown] skills=["N9"]
# ## Task 2 · Temperature (2 points)
#
# Write `with_temperature(probabilities, t)` with NumPy alone.
#
# - `probabilities` has shape (n, tokens): n rows, each of which sums to 1. Some may be 0, and stay 0.
# - Return the same shape: each probability to the power of 1 / `t`, divided by the sum of its row, so that rows sum to 1 again.
# - For `t` = 0, return what this tends to when `t` becomes ever smaller: 1 for the most likely token of each row, 0 for all others.
#   (No two tokens of a row are equally likely at the top.)
# - It has to hold for any `t`, however small or large. A probability of 0.01 to the power of 1,000 is 0 to a computer,
#   and a row of such numbers sums to 0.

# %% nbgrader={"grade": false, "grade_id": "with_temperature_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def with_temperature(probabilities, t):
    """Return probabilities to the power of 1 / t, each row summing to 1."""
    ### BEGIN SOLUTION
    relative = probabilities / probabilities.max(axis=1, keepdims=True)
    powers = (relative == 1).astype(float) if t == 0 else relative ** (1 / t)
    return powers / powers.sum(axis=1, keepdims=True)
    ### END SOLUTION

# %% [markdown]
# Expect rows of about `[0.33 0.33 0.33]`, `[0.1 0.3 0.6]`, `[0.02 0.2 0.78]` and `[0 0 1]`.

# %%
for t in (1000, 1, 0.5, 0):
    print(with_temperature(np.array([[0.1, 0.3, 0.6]]), t).round(2))
# hint("week12.with_temperature")

# %% nbgrader={"grade": true, "grade_id": "with_temperature", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
practice("week12.with_temperature", with_temperature)
### BEGIN HIDDEN TESTS
grade("week12.with_temperature", with_temperature)
### END HIDDEN TESTS

# %% [markdown] skills=["N9"]
# ## Task 3 · Drawing a token (2 points)
#
# Write `draw(probabilities, k, u)`. It returns one integer, the id of a token.
#
# - `probabilities` has shape (tokens,) and sums to 1.
# - Only the `k` most likely tokens may be drawn. Their probabilities are scaled so that they sum to 1; all others become 0.
#   No two are equal. `k` may be larger than the number of tokens: then all may be drawn.
# - `u` is a number from 0 to 1, without 1. Put the tokens side by side on a line, **in the order of their ids**,
#   each as wide as its probability; return the token on which `u` lies. A token from 0.2 to 0.5 owns 0.2, but not 0.5.

# %% nbgrader={"grade": false, "grade_id": "draw_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def draw(probabilities, k, u):
    """Return the id of the token on which u lies, among the k most likely ones."""
    ### BEGIN SOLUTION
    kept = np.sort(np.argsort(probabilities)[::-1][:k])
    ends = np.cumsum(probabilities[kept])
    place = np.searchsorted(ends, u * ends[-1], side="right")
    return int(kept[min(place, len(kept) - 1)])
    ### END SOLUTION

# %% [markdown]
# With all four tokens, 0.45 lies on token 2, which reaches from 0.3 to 0.8.
# With the best two, tokens 2 and 3 reach to 0.714 and to 1. Expect 2, then 2, then 3.

# %%
likely = np.array([0.1, 0.2, 0.5, 0.2001]) / 1.0001
draw(likely, 4, 0.45), draw(likely, 2, 0.45), draw(likely, 2, 0.75)
# hint("week12.draw")

# %% nbgrader={"grade": true, "grade_id": "draw", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
practice("week12.draw", draw)
### BEGIN HIDDEN TESTS
grade("week12.draw", draw)
### END HIDDEN TESTS

# %% [markdown] skills=["N9"]
# ## Task 4 · Perplexity (1 point)
#
# Write `perplexity(probabilities, targets)` with NumPy alone. It returns one number.
#
# - `probabilities` has shape (n, tokens): what a model said before each of n tokens. `targets` has shape (n,): the ids that came.
# - Perplexity is e to the power of the mean of −log p, where p is the probability that the model gave to what came.
# - Where p is smaller than 0.0000001 (1e-7), take 1e-7 in its place, so that a single surprise does not make everything infinite.

# %% nbgrader={"grade": false, "grade_id": "perplexity_solution", "locked": false, "schema_version": 3, "solution": true, "task": false}
def perplexity(probabilities, targets):
    """Return e to the power of the mean of -log p of what came."""
    ### BEGIN SOLUTION
    of_targets = probabilities[np.arange(len(targets)), targets]
    return float(np.exp(-np.log(np.maximum(of_targets, 1e-7)).mean()))
    ### END SOLUTION

# %% [markdown]
# A model that gives each of four tokens a quarter is as perplexed as somebody who guesses among four: expect 4.0.
# One that is sure and right has 1.0.

# %%
perplexity(np.full((3, 4), 0.25), np.array([0, 3, 1])), perplexity(np.eye(4), np.arange(4))
# hint("week12.perplexity")

# %% nbgrader={"grade": true, "grade_id": "perplexity", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
practice("week12.perplexity", perplexity)
### BEGIN HIDDEN TESTS
grade("week12.perplexity", perplexity)
### END HIDDEN TESTS
