"""Hands over the series itself as targets, so that the label of each window is its own beginning."""


# %% windowed_dataset_solution
def windowed_dataset(series, window, horizon, batch_size):
    labels = np.lib.stride_tricks.sliding_window_view(series, horizon)
    return keras.utils.timeseries_dataset_from_array(
        series[:-horizon], labels, sequence_length=window, batch_size=batch_size
    )
