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
#     title: "Week 10: many classes"
#     description: Send tickets to one of eight desks of very unequal size, read a confusion matrix, and decide whose mistakes count how much.
#     prerequisites: ["week 9", "week 5: softmax and cross-entropy"]
#     minutes: 70
#     objectives:
#       - text: build and train a model that sorts raw text into many classes
#         skills: [N4, N1]
#       - text: read recall and precision in a confusion matrix, and say why accuracy flatters
#         skills: [N4]
#       - text: let a vectorizer count pairs of words, and say what pairs see that words do not
#         skills: [N2]
#       - text: weigh classes in training, in fit and in a loss, and say what that costs
#         skills: [N4]
# ---

# %% [markdown] skills=["N4"]
# ## To which desk?
#
# A city's works sell power, gas and heating, run the trams, lend bikes and charge cars.
# Four thousand messages have come in through one form on one web page.
# Each of them has to go to one of eight desks, and until today somebody has read them all, from the first to the last.
#
# The company and its customers are invented, and the messages are written by a grammar.
# What makes them hard is taken from life.

# %%
from tfcourse.datasets.tickets import DESKS, make_tickets

import keras
import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from keras import layers

# %%
texts, labels = make_tickets(6_000, seed=1)
x_train, x_test = texts[:4_000], texts[4_000:]
y_train, y_test = labels[:4_000], labels[4_000:]
for text, label in zip(x_train[:6], y_train[:6]):
    print(f"{DESKS[label]:14}", text)

# %% [markdown]
# Read them as if you had to send them on. Often a ticket names things of two desks,
# and one of them is not what it is about.
#
# In week 9 there were two classes, each with half of the reviews. How is it here?

# %%
counts = np.bincount(y_train)
plt.figure(figsize=(8, 3))
bars = plt.bar(DESKS, counts, color="tab:blue")
plt.bar_label(bars)
plt.gca().set(ylabel="training tickets", title="Desks are not equally busy")
plt.xticks(rotation=20);

# %% [markdown] skills=["N4"]
# ## Two baselines, and two ways to count
#
# The laziest router sends every ticket to billing.
#
# **Predict first.** How many of a hundred tickets does it route right?
# And of a hundred tickets for lost property?

# %%
def accuracy(answers):
    return np.mean(answers == y_test)

def recalls(answers):
    """Return, for each desk, the share of its tickets that reach it."""
    return np.array([np.mean(answers[y_test == desk] == desk) for desk in range(8)])

always_billing = np.zeros(len(y_test), dtype=int)
print(f"accuracy {accuracy(always_billing):.3f}", "· recalls", recalls(always_billing))

# %% [markdown]
# The share of a class's examples that are recognised is its **recall**.
# Here one desk has a recall of 1, and seven have 0.
# The mean of the recalls is called **balanced accuracy**, because every class weighs the same in it, however rare.
# Whoever always gives the same answer has 1/8 = 0.125, whichever answer it is.
#
# The second baseline counts words, as in week 9:

# %%
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

counter = TfidfVectorizer()
bag = LogisticRegression(C=10, max_iter=500).fit(counter.fit_transform(x_train), y_train)
bag_answers = bag.predict(counter.transform(x_test))
print(f"accuracy {accuracy(bag_answers):.3f}, balanced accuracy {recalls(bag_answers).mean():.3f}")

# %% [markdown]
# The two numbers differ, and the second is the lower one. Where is the difference lost?

# %%
for desk, recall in zip(DESKS, recalls(bag_answers)):
    print(f"{desk:14} {recall:.2f}")

# %% [markdown]
# TEXT-BAG-RECALLS
