"""Counts one bias a unit in every set, where Keras's GRU has two."""

# %% count_weights_solution
def count_weights(kind, features, units, both_ways):
    sets = {"SimpleRNN": 1, "GRU": 3, "LSTM": 4}[kind]
    one_way = sets * units * (features + units + 1)
    return 2 * one_way if both_ways else one_way
