"""Lets np.convolve fill both ends with zeros, and shifts every trailing average into the future."""


# %% moving_average_solution
def moving_average(series, width, centred):
    return np.convolve(series, np.ones(width) / width, mode="same")
