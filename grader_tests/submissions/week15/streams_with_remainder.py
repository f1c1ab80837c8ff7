"""Cuts the streams before it drops the rest: each stream loses its own last hours, and the next begins too late."""


# %% stream_batches_solution
def stream_batches(series, batch_size, steps):
    length = len(series) // batch_size
    streams = series[: length * batch_size].reshape(batch_size, length, series.shape[1])
    batches = length // steps
    cut = streams[:, : batches * steps].reshape(batch_size, batches, steps, series.shape[1])
    return cut.swapaxes(0, 1)
