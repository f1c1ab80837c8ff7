"""Reads the known columns at the hour of the row, as all the others: the coming day's report never gets in."""


# %% multivariate_windows_solution
def multivariate_windows(rows, window, horizon, past, known):
    x, y = [], []
    for start in range(0, len(rows) - window - horizon + 1, horizon):
        x.append(rows[start : start + window][:, past + known])
        y.append(rows[start + window : start + window + horizon, 0])
    return np.array(x).reshape(-1, window, len(past + known)), np.array(y).reshape(-1, horizon)
