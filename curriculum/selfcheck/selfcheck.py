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
#     title: "Before week 1: a self-check"
#     description: Fourteen small questions on the Python and the NumPy that the course takes for granted. Nothing is graded, and nothing is recorded.
#     prerequisites: []
#     minutes: 45
# ---

# %% [markdown]
# Each question asks for a function of one to five lines.
# Write it in place of `raise NotImplementedError`, run its cell, and run the cell below, which answers at once.
#
# - Ten or more of them without looking anything up: begin with [week 1](../week01/lesson.ipynb).
# - Some that you had to look up: that is what they are for. Each answer says which week needs it.
# - Most of them are new to you: work through sections 3 to 5 of
#   [Python's tutorial](https://docs.python.org/3/tutorial/) and
#   [NumPy: the absolute basics](https://numpy.org/doc/stable/user/absolute_beginners.html) first.
#   Two or three evenings are well spent.
#
# `answer("mask")` shows one way to write it. Try first.

# %%
from tfcourse.selfcheck import answer, check

import math

import numpy as np

# %% [markdown]
# ## Python

# %% [markdown]
# **1 · Comprehension.** Write `even_squares(numbers)`. It returns the squares of the even numbers of a list, as a list, in order.
# `even_squares([1, 2, 3, 4])` is `[4, 16]`.
# Needed in [week 1](../week01/lesson.ipynb).

# %%
def even_squares(numbers):
    raise NotImplementedError

# %%
check("comprehension", even_squares)

# %% [markdown]
# **2 · Exception.** Write `number_or_nan(text)`. It returns the number that a text holds, and `math.nan` where it holds none.
# `number_or_nan("3.5")` is `3.5`; `number_or_nan("n/a")` is `nan`.
# Needed in [week 1](../week01/lesson.ipynb).

# %%
def number_or_nan(text):
    raise NotImplementedError

# %%
check("exception", number_or_nan)

# %% [markdown]
# **3 · Dictionary.** Write `word_counts(words)`. It returns a dictionary that says how often each word of a list occurs.
# `word_counts(["a", "b", "a"])` is `{"a": 2, "b": 1}`.
# Needed in [week 9](../week09/lesson.ipynb).

# %%
def word_counts(words):
    raise NotImplementedError

# %%
check("dictionary", word_counts)

# %% [markdown]
# **4 · Slice.** Write `last_and_next(values, at)`. It returns two things: the list of the three values before place `at`, and the value at place `at`.
# `last_and_next([5, 6, 7, 8, 9], 3)` is `([5, 6, 7], 8)`.
# Needed in [week 13](../week13/lesson.ipynb).

# %%
def last_and_next(values, at):
    raise NotImplementedError

# %%
check("slice", last_and_next)

# %% [markdown]
# **5 · Format.** Write `line_of(name, value)`. It returns a text: the name, a colon, a blank, and the value with two digits after the point.
# `line_of("loss", 0.1234)` is `"loss: 0.12"`.
# Needed in [week 1](../week01/lesson.ipynb).

# %%
def line_of(name, value):
    raise NotImplementedError

# %%
check("format", line_of)

# %% [markdown]
# **6 · Closure.** Write `make_adder(amount)`. It returns a **function** that takes a number and returns it plus `amount`.
# `make_adder(2)(3)` is `5`.
# Needed in [week 10](../week10/lesson.ipynb).

# %%
def make_adder(amount):
    raise NotImplementedError

# %%
check("closure", make_adder)

# %% [markdown]
# ## NumPy

# %% [markdown]
# **7 · Axis.** Write `column_means(table)`. It returns the mean of each column of an array of shape (rows, columns).
# For `np.array([[1, 10], [3, 30]])` it is `[2, 20]`.
# Needed in [week 1](../week01/lesson.ipynb).

# %%
def column_means(table):
    raise NotImplementedError

# %%
check("axis", column_means)

# %% [markdown]
# **8 · Broadcasting.** Write `standardised(table)`. It returns the same table, minus the mean of each column, divided by the standard deviation of each column.
# No loop is needed.
# Needed in [week 1](../week01/lesson.ipynb).

# %%
def standardised(table):
    raise NotImplementedError

# %%
check("broadcasting", standardised)

# %% [markdown]
# **9 · Mask.** Write `without_gaps(table)`. It returns the rows of an array of shape (rows, columns) in which no value is NaN.
# For `np.array([[1, np.nan], [2, 3]])` it is `[[2, 3]]`.
# Needed in [week 3](../week03/lesson.ipynb).

# %%
def without_gaps(table):
    raise NotImplementedError

# %%
check("mask", without_gaps)

# %% [markdown]
# **10 · Dtype.** Write `minus_one_to_one(pixels)`. It returns whole numbers from 0 to 255, of the type `uint8`, as numbers from −1 to 1.
# 0 becomes −1, and 255 becomes 1.
# Needed in [week 5](../week05/lesson.ipynb).

# %%
def minus_one_to_one(pixels):
    raise NotImplementedError

# %%
check("dtype", minus_one_to_one)

# %% [markdown]
# **11 · Reshape.** Write `rows_of_numbers(pictures)`. It returns pictures of shape (n, height, width, channels) as rows, shape (n, height · width · channels).
# The first axis stays.
# Needed in [week 5](../week05/lesson.ipynb).

# %%
def rows_of_numbers(pictures):
    raise NotImplementedError

# %%
check("reshape", rows_of_numbers)

# %% [markdown]
# **12 · Argmax.** Write `likeliest(probabilities)`. It returns, for each row, the place of its largest number.
# For `np.array([[0.1, 0.9], [0.6, 0.4]])` it is `[1, 0]`.
# Needed in [week 2](../week02/lesson.ipynb).

# %%
def likeliest(probabilities):
    raise NotImplementedError

# %%
check("argmax", likeliest)

# %% [markdown]
# **13 · Lookup.** Write `looked_up(table, ids)`. It returns, for each of the whole numbers in the array `ids`, the row of `table` with that number.
# No loop is needed. `ids` may have any shape.
# Needed in [week 9](../week09/lesson.ipynb).

# %%
def looked_up(table, ids):
    raise NotImplementedError

# %%
check("lookup", looked_up)

# %% [markdown]
# **14 · Copy.** Write `capped(values, most)`. It returns an array of the same shape in which every value above `most` has become `most`, and leaves `values` itself as it is.
# For `np.array([1, 7])` and 4 it is `[1, 4]`.
# Needed in [week 1](../week01/lesson.ipynb).

# %%
def capped(values, most):
    raise NotImplementedError

# %%
check("copy", capped)

# %% [markdown]
# ## And then
#
# Of TensorFlow, of machine learning and of mathematics beyond school, nothing is taken for granted:
# the course brings along what it needs. If this page went well, open [week 1](../week01/lesson.ipynb).
