"""Takes the lowest single loss: one lucky batch decides, and NaN counts as the lowest of all."""


# %% pick_rate_solution
def pick_rate(rates, losses):
    return rates[np.argmin(losses)] / 10
