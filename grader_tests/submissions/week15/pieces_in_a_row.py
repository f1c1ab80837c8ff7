"""Puts neighbouring pieces into one batch, as a plain reshape does: row b never goes on in row b."""


# %% stream_batches_solution
def stream_batches(series, batch_size, steps):
    batches = len(series) // (batch_size * steps)
    used = series[: batches * batch_size * steps]
    return used.reshape(batches, batch_size, steps, series.shape[1])
