"""Takes one mean over all hours ahead: right on average, and wrong at the first hour and at the last."""


# %% without_bias_solution
def without_bias(y_valid, p_valid, p):
    bias = np.full(p.shape[1], np.nanmean(p_valid - y_valid))
    return bias, p - bias
