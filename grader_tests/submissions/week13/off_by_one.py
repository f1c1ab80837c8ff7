"""Forgets that the start of the last window counts too, and loses that window."""


# %% windows_solution
def windows(series, window, horizon):
    x, y = [], []
    for start in range(len(series) - window - horizon):
        x.append(series[start : start + window])
        y.append(series[start + window : start + window + horizon])
    return np.array(x).reshape(-1, window), np.array(y).reshape(-1, horizon)
