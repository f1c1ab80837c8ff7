"""Takes the rate for the share that stays, as old versions of TensorFlow did (`keep_prob`)."""

# %% dropout_solution
def dropout(x, rate, chance, training):
    return np.where(chance < rate, x / rate, 0.0) if training else x
