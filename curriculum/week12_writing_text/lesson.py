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
#     title: "Week 12: writing text"
#     description: A language model with an LSTM says what comes next, is judged on text that it has not read, and writes, at any temperature.
#     prerequisites: ["week 11", "week 9: embeddings"]
#     minutes: 70
#     objectives:
#       - text: turn a text into questions and answers, by shifting it
#         skills: [N2, N9]
#       - text: train an LSTM to say at every token what comes next
#         skills: [N9, N5]
#       - text: judge it by accuracy and perplexity on text held out, against tables of pairs and triples
#         skills: [N1, N9]
#       - text: write text, by sampling at a chosen temperature, and explain what temperature does
#         skills: [N9]
#       - text: notice when a model recites what it has read
#         skills: [N9]
# ---

# %% [markdown] skills=["N9"]
# ## A harbour, and its log
#
# The master of a small harbour keeps a log: the weather, the tide, and which boats came and went.
# One evening she is tired and asks: *could you go on?*
#
# Last week, an LSTM read a message and summed it up.
# This week its state gets another task: to say what comes **next**. Who can do that, again and again, can write.

# %%
from tfcourse.datasets.harbour_log import END, MASTERS, NAMES, PORTS, as_text, make_harbour_log, tokens_of

from collections import Counter, defaultdict

import keras
import matplotlib.pyplot as plt
import numpy as np
from keras import layers

# %%
days = make_harbour_log(1_000, seed=12)
for day in days[:3]:
    print(day, "\n")

# %% [markdown]
# Harbour and boats are invented; a grammar writes the log. Read a little, and try to guess the next word as you go.
#
# Sometimes that is easy: after *made fast at* comes *the*. Sometimes nobody can know, as with the wind in the morning.
# And sometimes you know if you **remember**: every boat has one master, one home port and one berth,
# and they are named some words after the boat.
#
# ## Tokens
#
# A model works with tokens: here words and marks of punctuation, in lower case.
# We join the days to one long text, with the mark ¶ wherever a day ends, so that the model can learn when to stop.
# Days 1 to 800 are for training. The last 200 are **held out**.

# %%
text = [[token for day in part for token in [*tokens_of(day), END]] for part in (days[:800], days[800:])]
print(f"{len(text[0]):,} tokens for training, {len(text[1]):,} held out")
print(text[0][:24])

# %% [markdown] skills=["N2"]
# `StringLookup` keeps the vocabulary: it turns tokens into ids, and back.
# It is one half of week 9's `TextVectorization`; the other half, cutting into words, is done already.

# %%
lookup = layers.StringLookup(num_oov_indices=0)
lookup.adapt(text[0])
words = np.array(lookup.get_vocabulary())
train_ids, test_ids = (lookup(part).numpy() for part in text)
print(len(words), "tokens, the most frequent first:", *words[:12])

# %% [markdown] skills=["N1"]
# ## The baseline: what usually follows?
#
# A **language model** is anything that says what comes next. The laziest one always says the most frequent token.
# The next one keeps a table: for each token, which one followed it most often? Or for each *two* tokens in a row, or three.
#
# **Predict first.** There are about 200 different tokens. How often is the table of pairs right, and that of triples?

# %%
def table(ids, n):
    """Return the most frequent follower of each n tokens in a row."""
    followers = defaultdict(Counter)
    for place in range(n, len(ids)):
        followers[tuple(ids[place - n : place])][ids[place]] += 1
    return {before: counts.most_common(1)[0][0] for before, counts in followers.items()}

def answers(followers, ids, n):
    return np.array([followers.get(tuple(ids[place - n : place]), 0) for place in range(n, len(ids))])

# %%
table_says = {n: answers(table(train_ids, n), test_ids, n) for n in range(4)}
for n, says in table_says.items():
    print(f"{n} tokens before: right in {np.mean(says == test_ids[n:]):.3f}")

# %% [markdown]
# The more a table sees, the better it gets. So why not go on, to tables of twenty tokens?
# Because it has to have met the very same twenty before. That happens less and less often:
# the number of possible contexts explodes, and the text does not.
#
# An LSTM has no table. It squeezes what it has read into its state, and can learn to keep the boat and to forget the weather.

# %% [markdown] skills=["N2", "N9"]
# ## A text is its own label
#
# Nobody has to label anything. The answer to *what comes after these tokens?* stands in the text, one place further on.
# So the labels are the text itself, **shifted by one**. We cut both into pieces of 32.

# %%
STEPS = 32

def pieces(ids):
    """Return pieces of STEPS tokens, and for each token the one that follows."""
    count = (len(ids) - 1) // STEPS
    return ids[: count * STEPS].reshape(-1, STEPS), ids[1 : count * STEPS + 1].reshape(-1, STEPS)

x_train, y_train = pieces(train_ids)
x_test, y_test = pieces(test_ids)
print(x_train.shape, y_train.shape)
print("x:", *words[x_train[0, :10]])
print("y:", *words[y_train[0, :10]])

# %% [markdown] skills=["N5", "N9"]
# ## An answer at every token
#
# With `return_sequences=True`, the LSTM gives its state after every token, and the `Dense` layer behind it,
# with the same weights everywhere, makes an answer of each: one probability for every token of the vocabulary.
# A piece of 32 tokens is then 32 questions: what comes after the first token, after the first two, and so on.
#
# The state at a token knows that token and those before it, never those that follow. So no answer can be looked up.
#
# One could also ask only once for each piece, at its end, as last week's network did.
# **Predict first.** Both networks below see the same pieces equally often. How much better is the one that answers everywhere?

# %%
def make_model(everywhere=True):
    keras.utils.set_random_seed(1)
    model = keras.Sequential([
        keras.Input(shape=(STEPS,)),
        layers.Embedding(len(words), 32),
        layers.LSTM(96, return_sequences=everywhere),
        layers.Dense(len(words), activation="softmax"),
    ])
    model.compile(optimizer=keras.optimizers.Adam(0.01), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model

# %%
at_the_end = make_model(everywhere=False)
at_the_end.fit(x_train, y_train[:, -1], epochs=8, batch_size=32, verbose=0)
everywhere = make_model()
history = everywhere.fit(x_train, y_train, validation_data=(x_test, y_test), epochs=8, batch_size=32, verbose=0)

# %%
def last_right(model):
    says = model.predict(x_test, verbose=0)
    return np.mean(says.reshape(len(x_test), -1, len(words))[:, -1].argmax(axis=-1) == y_test[:, -1])

print(f"asked at the end {last_right(at_the_end):.3f}, asked everywhere {last_right(everywhere):.3f}")

# %% [markdown]
# Judged at the same place, after 32 tokens, the second one is far ahead.
# It has had 32 times as many answers to learn from, for little more work: the state had to be computed anyway.

# %% [markdown] skills=["N1", "N9"]
# ## How good is it?
#
# The measure that everybody understands is **held-out accuracy**: on text that the model has not read,
# how often is its most likely token the right one?
# The second is **perplexity**: e to the power of the held-out loss.
# A model that hesitates between three equally likely tokens, every time, has a perplexity of 3.

# %%
loss, accuracy = everywhere.evaluate(x_test, y_test, verbose=0)
print(f"accuracy {accuracy:.3f}, loss {loss:.2f}, perplexity {np.exp(loss):.2f}")

# %% [markdown]
# That is the mean over all tokens, and among them are the first ones of each piece, where there is little to go by.
# Nobody reaches 1: the log holds free choices, which no memory can tell. So which answers are wrong?
#
# **Predict first.** For commas and full stops, boats' names, masters, ports and berths:
# where is the table of triples as good as the LSTM, where is it far behind, and where do both fail?

# %%
right = {
    "table of triples": (table_says[3] == test_ids[3:])[: y_test.size - 2],
    "LSTM": (everywhere.predict(x_test, verbose=0).argmax(axis=-1) == y_test).ravel()[2:],
}
asked = words[y_test.ravel()[2:]]
groups = {"marks": (".", ",", ":"), "masters": MASTERS, "ports": PORTS, "boats": NAMES}
member = {name: np.isin(asked, [token.lower() for token in tokens]) for name, tokens in groups.items()}
member["all others"] = ~np.any(list(member.values()), axis=0)

# %%
figure, axes = plt.subplots(figsize=(8, 3.2), layout="constrained")
for shift, (label, colour) in zip((-0.2, 0.2), (("table of triples", "tab:grey"), ("LSTM", "tab:blue"))):
    axes.bar(np.arange(len(member)) + shift, [right[label][m].mean() for m in member.values()], 0.4, label=label, color=colour)
axes.set_xticks(range(len(member)), [f"{name}\n{m.mean():.0%} of the tokens" for name, m in member.items()])
axes.set(ylabel="right answers", title="What does the LSTM know that a table does not?", ylim=(0, 1.1))
axes.legend();

# %% [markdown]
# TODO-BARS
#
# ## Let it write
#
# A language model answers one question: which token comes next? To write, ask it, put the answer behind the text, and ask again.
# Each answer becomes a fact that the next one builds on, as in week 14's recursive forecasts.
#
# The obvious way is to take the **most likely** token each time, which is called *greedy*.
# **Predict first.** What does that look like after three days?

# %%
def write(model, choose, tokens=120, rows=1):
    """Let a model go on after the first days held out, `rows` times at once; return one text for each row."""
    ids = np.tile(test_ids[: STEPS * 4], (rows, 1))
    ids = ids[:, : np.flatnonzero(words[ids[0]] == END)[-1] + 1]
    begin = ids.shape[1]
    for _ in range(tokens):
        says = model.predict_on_batch(ids[:, -STEPS:])[:, -1]
        ids = np.column_stack([ids, choose(says)])
    return [as_text(words[row[begin:]]) for row in ids]

# %%
print(write(everywhere, lambda says: says.argmax(axis=-1), tokens=260)[0])

# %% [markdown]
# TODO-GREEDY
#
# ## Sampling, and temperature
#
# What is likely is not what always happens. A model that gives *Petrel* 15 % should write *Petrel* 15 times in a hundred.
# So **sample**: draw the token at random, with the probabilities that the model says.
#
# One number makes the draw bolder or more timid. Divide the logits, the logarithms of the probabilities, by a
# **temperature** $T$, and take the softmax again:
#
# $$p_i \propto e^{\log(p_i) / T} = p_i^{1/T}$$
#
# At $T = 1$ nothing changes. Below 1 the likely gets likelier; towards 0 it becomes the greedy choice.
# Above 1 all tokens come closer to each other.

# %%
def with_temperature(says, temperature):
    logits = np.log(says + 1e-9) / temperature
    weights = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True)

# %%
beginning = lookup(tokens_of("High water at one. The trawler")).numpy()
context = np.concatenate([test_ids[:STEPS], beginning])[-STEPS:]
says = everywhere.predict(context[None], verbose=0)[0, -1]
likely = says.argsort()[::-1][:12]
figure, rows = plt.subplots(1, 3, figsize=(11, 3.4), sharey=True, layout="constrained")
for axes, temperature in zip(rows, (0.3, 1, 2)):
    axes.barh(words[likely], with_temperature(says, temperature)[likely])
    axes.set(title=f"temperature {temperature}", xlabel="probability", xlim=(0, 1))
rows[0].invert_yaxis()

# %%
random = np.random.default_rng(1)

def sampler(temperature):
    """Return a function that draws one token for each row."""
    def choose(says):
        ends = with_temperature(says, temperature).cumsum(axis=-1)
        return (ends < random.random((len(says), 1)) * ends[:, -1:]).sum(axis=-1)
    return choose

for temperature in (0.3, 1, 2):
    print(f"--- {temperature}\n{write(everywhere, sampler(temperature), tokens=110)[0]}")
