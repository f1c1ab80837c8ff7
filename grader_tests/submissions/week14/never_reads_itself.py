"""Forecasts each step from the true history only, so that every step repeats the first one."""


# %% recursive_forecast_solution
def recursive_forecast(history, weights, bias, steps):
    following = history[:, -len(weights) :] @ weights + bias
    return np.repeat(following[:, None], steps, axis=1)
