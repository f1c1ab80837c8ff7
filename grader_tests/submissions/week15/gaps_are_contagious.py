"""Takes a plain mean, so that one gap makes the bias of its hour NaN, and every corrected forecast with it."""


# %% without_bias_solution
def without_bias(y_valid, p_valid, p):
    bias = (p_valid - y_valid).mean(axis=0)
    return bias, p - bias
