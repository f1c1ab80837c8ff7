"""Stops one example too early: range ends before its end, and the `+ 1` is missing."""


# %% multivariate_windows_solution
def multivariate_windows(rows, window, horizon, past, known):
    starts = np.arange(0, len(rows) - window - horizon, horizon)[:, None]
    hours = starts + np.arange(window)
    x = np.concatenate([rows[hours][..., past], rows[hours + horizon][..., known]], axis=-1)
    return x, rows[starts + window + np.arange(horizon), 0]
