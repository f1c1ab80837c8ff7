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
#       - text: judge it by accuracy and perplexity on text held out, against tables of the last few tokens
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
# It needs no id for unknown words (`num_oov_indices=0`), since 800 days use every word that this harbour has.

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
# **Predict first.** There are 167 different tokens. How often is a table right that looks at one token before, and one that looks at three?

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
def make_model(*middle):
    """Return a compiled model: ids, vectors, the layers in the middle, probabilities of all tokens."""
    keras.utils.set_random_seed(1)
    model = keras.Sequential([
        keras.Input(shape=(STEPS,)),
        layers.Embedding(len(words), 32),
        *middle,
        layers.Dense(len(words), activation="softmax"),
    ])
    model.compile(optimizer=keras.optimizers.Adam(0.02), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model

# %%
at_the_end = make_model(layers.LSTM(96))
at_the_end.fit(x_train, y_train[:, -1], epochs=3, batch_size=32, verbose=0)
everywhere = make_model(layers.LSTM(96, return_sequences=True))
everywhere.fit(x_train, y_train, epochs=3, batch_size=32, verbose=0);

# %%
def last_right(model):
    says = model.predict(x_test, verbose=0)
    return np.mean(says.reshape(len(x_test), -1, len(words))[:, -1].argmax(axis=-1) == y_test[:, -1])

print(f"asked at the end {last_right(at_the_end):.3f}, asked everywhere {last_right(everywhere):.3f}")

# %% [markdown]
# Judged at the same place, after 32 tokens, the second one is clearly ahead.
# It has had 32 times as many answers to learn from, for little more work: the state had to be computed anyway.
#
# We keep it, and let it learn for five more epochs, then two in smaller steps.

# %%
everywhere.fit(x_train, y_train, epochs=5, batch_size=32, verbose=0)
everywhere.optimizer.learning_rate = 0.004
everywhere.fit(x_train, y_train, epochs=2, batch_size=32, verbose=0)
print(f"after 32 tokens: {last_right(everywhere):.3f}")

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
# **Predict first.** Commas and full stops, masters, ports, and boats:
# where is the table of three tokens as good as the LSTM, where is it far behind, and where do both fail?

# %%
right = {
    "table of three tokens": (table_says[3] == test_ids[3:])[: y_test.size - 2],
    "LSTM": (everywhere.predict(x_test, verbose=0).argmax(axis=-1) == y_test).ravel()[2:],
}
asked = words[y_test.ravel()[2:]]
groups = {"marks": (".", ",", ":"), "masters": MASTERS, "ports": PORTS, "boats": NAMES}
member = {name: np.isin(asked, [token.lower() for token in tokens]) for name, tokens in groups.items()}
member["all others"] = ~np.any(list(member.values()), axis=0)

# %%
figure, axes = plt.subplots(figsize=(8, 3.2), layout="constrained")
for shift, (label, colour) in zip((-0.2, 0.2), (("table of three tokens", "tab:grey"), ("LSTM", "tab:blue"))):
    axes.bar(np.arange(len(member)) + shift, [right[label][m].mean() for m in member.values()], 0.4, label=label, color=colour)
axes.set_xticks(range(len(member)), [f"{name}\n{m.mean():.0%} of the tokens" for name, m in member.items()])
axes.set(ylabel="right answers", title="What does the LSTM know that a table does not?", ylim=(0, 1.1))
axes.legend();

# %% [markdown]
# Marks and set phrases are the easy part, and there the table does nearly as well.
# The ports show what a state is good for: *sailed for* says nothing about where, the boat does.
# (Many masters begin a sentence. Who comes next is a free choice, and nobody can know it.
# The same holds for the boats: the kind leaves two to choose from,
# and where only a coin could tell which, the LSTM is hardly better than the table.)
#
# Look at one question closely. *Her master is* …: the three tokens before say nothing about who,
# and the boat was named eighteen tokens ago. Has the state kept her?

# %%
places = [p for p in range(STEPS, len(test_ids)) if " ".join(words[test_ids[p - 3 : p]]) == "her master is"]
contexts = np.stack([test_ids[p - STEPS : p] for p in places])
masters = everywhere.predict(contexts, verbose=0)[:, -1].argmax(axis=-1)
print(as_text(words[contexts[0]]), "…", words[masters[0]].capitalize())
print(f"{len(places)} times asked, right in {np.mean(masters == test_ids[places]):.2f}; by chance: one in eight")

# %% [markdown] skills=["N9"]
# ## Let it write
#
# A language model answers one question: which token comes next? To write, ask it, put the answer behind the text, and ask again.
# Each answer becomes a fact that the next one builds on. (Week 14 forecasts series in the same way.)
#
# The obvious way is to take the **most likely** token each time, which is called *greedy*.
# **Predict first.** What does that look like when it has written three days?

# %%
def write(model, choose, tokens=120, rows=1):
    """Let a model go on after the first days held out, `rows` times at once; return the tokens of each row."""
    ids = np.tile(test_ids[: STEPS * 4], (rows, 1))
    ids = ids[:, : np.flatnonzero(words[ids[0]] == END)[-1] + 1]
    begin = ids.shape[1]
    for _ in range(tokens):
        says = model.predict_on_batch(ids[:, -STEPS:])[:, -1]
        ids = np.column_stack([ids, choose(says)])
    return [words[row[begin:]] for row in ids]

# %%
print(as_text(write(everywhere, lambda says: says.argmax(axis=-1), tokens=260)[0]))

# %% [markdown]
# Soon it is the same day, for ever. Its sentences are well made, and the log is worthless.
# Even weekday and tide stand still: yesterday's are further back than the 32 tokens that the model gets to see.
# The greedy choice has no chance in it: once the last 32 tokens are the same as before, everything that follows is the same, too.
# And what is likely at every single token is, taken together, not at all likely: no real log repeats its days.

# %% [markdown] skills=["N9"]
# ## Sampling, and temperature
#
# What is likely is not what always happens. A model that gives *Dagny* 15 % should write *Dagny* 15 times in a hundred.
# So **sample**: draw the token at random, with the probabilities that the model says.
#
# One number makes the draw bolder or more timid. Divide the logits (the logarithms of the probabilities will do) by a
# **temperature** $T$, and take the softmax again:
#
# $$q_i \propto e^{\log(p_i) / T} = p_i^{1/T}$$
#
# Here $p_i$ are the model's probabilities and $q_i$ those that you draw with; $\propto$ says that the $q_i$ are then divided by their sum.
# At $T = 1$ nothing changes. Below 1 the likely gets likelier; towards 0 it becomes the greedy choice.
# Above 1 all tokens come closer to each other.
# The picture shows it for the word after *High water at one. The* …

# %%
def with_temperature(says, temperature):
    logits = np.log(says + 1e-9) / temperature
    weights = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True)

# %%
beginning = lookup(tokens_of("High water at one. The")).numpy()
context = np.concatenate([test_ids[:STEPS], beginning])[-STEPS:]
says = everywhere.predict(context[None], verbose=0)[0, -1]
likely = says.argsort()[::-1][:12]
figure, rows = plt.subplots(1, 3, figsize=(11, 3.4), sharey=True, layout="constrained")
for axes, temperature in zip(rows, (0.3, 1, 2)):
    axes.barh(words[likely], with_temperature(says, temperature)[likely])
    axes.set(title=f"temperature {temperature}", xlabel="probability", xlim=(0, 0.6))
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
    print(f"--- {temperature}\n{as_text(write(everywhere, sampler(temperature), tokens=110)[0])}")

# %% [markdown]
# Read the three closely, sentence by sentence.
#
# - At **0.3** the sentences are well made, and alike: likely boats, winds and phrases come again and again.
#   What the model has not learned well, such as which part was broken, can be wrong even here.
# - At **1** the log lives, and more draws go wrong: a boat may get another one's master,
#   and what has been drawn is a fact from then on.
# - At **2** the grammar breaks. Each unlikely token has a real chance now, there are many of them, and one in ten spoils every sentence.
#
# A common helper is **top-k**: before drawing, set all but the $k$ most likely tokens to 0.
# It cuts off the long tail of nonsense, whose many small probabilities add up, and leaves the choice among the good ones free.
# The assignment lets you write it.

# %% [markdown] skills=["N1", "N9"]
# ## Reading it: nonsense, and recitation
#
# A sample that reads well proves little. It may be copied: a model with enough weights can learn its text by heart.
# And accuracy says how well it *answers*, not how well it *writes*. So compare what it writes with the log itself:
#
# > Which share of all stretches of $n$ tokens can be found, word for word, in the training text?
#
# The log's held-out days tell what is normal: set phrases recur, whole sentences sometimes do.
# Lower than that at small $n$: the model writes what the master would never write. Higher at large $n$: it recites.
#
# **Predict first.** Where will temperatures of 0.3 and 2 lie?

# %%
def stretches(tokens, n):
    return [tuple(tokens[place : place + n]) for place in range(len(tokens) - n + 1)]

def found(texts, n):
    """Return the share of stretches of n tokens that stand in the training text."""
    known = set(stretches(text[0], n))
    return np.mean([stretch in known for one in texts for stretch in stretches(one, n)])

# %%
lengths = (2, 4, 8, 12, 16, 24)
sources = {"the log, held out": [text[1]]}
for temperature in (0.3, 1, 2):
    sources[f"temperature {temperature}"] = write(everywhere, sampler(temperature), tokens=100, rows=40)
plt.figure(figsize=(8, 3.4))
for name, texts in sources.items():
    plt.plot(lengths, [found(texts, n) for n in lengths], "k--" if "log" in name else "o-", label=name)
plt.xlabel("tokens in a row")
plt.ylabel("share found in the training text")
plt.legend();

# %% [markdown]
# At 1, the curve runs somewhat below the log's: nearly what the master would have written, with a slip now and then.
# At 0.3 it is higher, for stretches of up to twelve even above the log's, since common phrases come up more often.
# At 2, about four in ten stretches of four tokens are new to this harbour.
# Where 24 stand in a row, no curve is well above the dashed one: this model does not recite.
# It has read 71,000 tokens, with about as many weights, ten times. Give it a fortieth of that to read, and more time:

# %%
few = 50
reciter = make_model(layers.LSTM(96, return_sequences=True))
reciter.fit(x_train[:few], y_train[:few], epochs=40, batch_size=10, verbose=0)
known = set(stretches(text[0][: few * STEPS], 16))
for name, texts in (("the log, held out", [text[1]]), ("the model", write(reciter, sampler(1), tokens=100, rows=20))):
    share = np.mean([stretch in known for one in texts for stretch in stretches(one, 16)])
    print(f"{name:18} {share:.2f} of all stretches of 16 stand in what it has read")

# %%
print(f"held-out accuracy {reciter.evaluate(x_test, y_test, verbose=0)[1]:.3f}, on what it has read {reciter.evaluate(x_train[:few], y_train[:few], verbose=0)[1]:.3f}")

# %% [markdown]
# (In a text as small as this, few stretches can be found at all. What counts is that the model's share is about three times the log's own.)
# That is week 4's overfitting, in a new dress: what such a model writes reads beautifully, and it is somebody else's text.
# So judge a writer on text held out, and search its training text for what it has written.

# %% [markdown] skills=["N9"]
# ## Try it
#
# Predict before you run, then change one thing:
#
# 1. Temperatures of 0.5, 0.8 and 1.3. Which one would you let the harbour master read?
# 2. Top-k: let `choose` set all but the five largest of each row of `says` to 0. Does a temperature of 2 become readable?
# 3. `layers.GRU(96)`, or `layers.LSTM(16)`: how much memory does the log take?

# %%
for tokens in write(everywhere, sampler(0.8), tokens=60, rows=3):
    print(as_text(tokens), "\n---")

# %% [markdown] skills=["N9"]
# ## Common mistakes
#
# **Labels that are not shifted.** The best accuracy that you will ever see, and without any memory:

# %%
parrot = make_model()
parrot.fit(x_train[:1_000], x_train[:1_000], epochs=3, batch_size=32, verbose=0)
print(f"accuracy {parrot.evaluate(x_test, x_test, verbose=0)[1]:.3f}")
print("reads:", *words[x_test[0, :8]])
print("says: ", *words[parrot.predict(x_test[:1], verbose=0)[0, :8].argmax(axis=-1)])

# %% [markdown]
# It repeats the token that it has just seen; if it wrote, it would write one token for ever.
# Near-perfect accuracy on a text is no triumph but a symptom. Print `x` and `y` side by side, as above.
#
# **A model that sees ahead.** `Bidirectional` is good for reading a whole message. Here, its backward half
# has read the next token, which is the answer. The same holds for `Conv1D` without `padding="causal"`,
# whose windows reach one token too far:

# %%
cheat = make_model(layers.Conv1D(96, 3, padding="same", activation="relu"))
cheat.fit(x_train[:1_000], y_train[:1_000], epochs=3, batch_size=32, verbose=0)
print(f"accuracy {cheat.evaluate(x_test, y_test, verbose=0)[1]:.3f}, at the last token alone {last_right(cheat):.3f}")

# %% [markdown]
# Even held-out text does not reveal it, as long as the next token stands in the input.
# At the last token of each piece it does not, and nor does it when you write.
# Judge a language model where the answer is really unknown.
#
# **`return_sequences` forgotten.** One answer for a piece, and 32 labels:

# %%
try:
    make_model(layers.LSTM(96)).fit(x_train[:32], y_train[:32], verbose=0)
except Exception as error:
    print(type(error).__name__, str(error)[-210:])

# %% [markdown]
# Its sentence is confusing, the shapes in it are not: 32 labels for each of 32 pieces, and *one* answer for each.
# `return_sequences=True` gives the output its missing axis, (32, 32, 167).
#
# **Softmax twice, or not at all.** With `from_logits=True`, the loss takes the softmax itself,
# and the model must not. Without it, the model must. Both ways of getting that wrong,
# with a network that looks at one token alone, since the memory does not matter here:

# %%
import warnings

def one_epoch(last, from_logits):
    model = keras.Sequential([*make_model().layers[:-1], last])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=from_logits)
    model.compile(optimizer=keras.optimizers.Adam(0.02), loss=loss, metrics=["accuracy"])
    return model.fit(x_train[:640], y_train[:640], batch_size=32, verbose=0).history

# %%
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    print("twice:     ", one_epoch(layers.Dense(len(words), activation="softmax"), from_logits=True))
    print("not at all:", one_epoch(layers.Dense(len(words)), from_logits=False))
    print("right:     ", one_epoch(layers.Dense(len(words)), from_logits=True))
print(caught[0].message)

# %% [markdown]
# Keras notices the first, warns, and puts it right by itself: the numbers are those of the right one.
# Nobody notices the second. The loss takes whatever it gets for probabilities, and is above 6,
# while a model that knows nothing and says the same of all 167 tokens would have log 167, about 5.1.
# A loss above that of knowing nothing means: look at the last layer.
#
# **Greedy writing** runs in circles, as you have seen. If a text repeats itself, look at how the tokens are chosen first.
#
# **The mark of the end left out.** Without ¶ among the tokens, no day ever ends, and the writing stops wherever you stop it.
#
# **Probabilities divided by the temperature.** Dividing all of them by 2 and making them sum to 1 again changes nothing.
# The temperature belongs to the logits, before the softmax.

# %% [markdown]
# ## Summary
#
# - A language model says what comes next. The labels are the text itself, shifted by one.
# - `return_sequences=True` and a `Dense` layer give an answer at every token, and so as many things to learn from as there are tokens.
# - Judge it on text held out: accuracy, and perplexity, e to the power of the loss. Begin with tables of the last one, two or three tokens.
# - To write, choose a token, put it behind the text, and ask again. Greedy runs in circles; sampling does not.
# - Temperature divides the logits: below 1 timid, above 1 bold. Top-k cuts off the tail.
# - Compare what is written with the training text: too little of it found is nonsense, too much is recitation.

# %% [markdown]
# ## Recall questions
#
# Answer before you open.
#
# <details><summary>A piece is <em>the ferry left the quay</em>. Which are its labels, and how many does a model learn from?</summary>
#
# Each token's successor: <em>ferry left the quay</em>, and whatever follows in the text. Five, one for each token.
# </details>
#
# <details><summary>A model gives two tokens 0.8 and 0.2. What are they at a temperature of 0.5?</summary>
#
# Proportional to 0.8² and 0.2², so 0.64 to 0.04: about 0.94 and 0.06.
# </details>
#
# <details><summary>A model has a perplexity of 167, with 167 tokens in its vocabulary. What has it learned?</summary>
#
# Nothing: it hesitates between all of them equally.
# </details>
#
# <details><summary>Training accuracy is 0.99 in the second epoch, and the samples are gibberish. Name two suspects.</summary>
#
# Labels that were not shifted, and a layer that sees ahead (`Bidirectional`, or a convolution without `padding="causal"`).
# </details>
#
# <details><summary>Why can a table of the last twenty tokens not do what an LSTM does?</summary>
#
# It knows an answer only where it has met exactly these twenty before. The LSTM's state keeps what matters and forgets the rest,
# so contexts that differ in the weather can share what was learned about a boat.
# </details>

# %% [markdown]
# ## Take it further
#
# Real text, a million characters of it, with characters as tokens: scenes from Shakespeare's plays.
#
# ```python
# from tfcourse.datasets.public import load_shakespeare
#
# text = load_shakespeare()
# train, held_out = text[:1_000_000], text[1_000_000:]
# ```
#
# `lookup.adapt(sorted(set(text)))` collects the characters, `lookup(list(train))` makes ids of them.
# Tables, pieces (100 characters long) and model are the ones above: the tables of one, two and three characters first,
# then an LSTM of more units and more epochs, which takes its time.
# There are no days here: let `write` begin with `test_ids[:STEPS]`, and join what it writes with `"".join`.
# With characters in place of words, the model has to learn to spell before it can speak.
# What comes first: letters that follow each other, words, names, lines? And which temperature reads best?
#
# Without a connection, Python has English prose on board: `from pydoc_data.topics import topics`, a dict of manual pages.
#
# Next week, numbers take the place of words: series in time, and what comes next in them.
