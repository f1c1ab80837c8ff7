"""Adds the bias where it has to be subtracted: twice as wrong as before."""


# %% without_bias_solution
def without_bias(y_valid, p_valid, p):
    error = p_valid - y_valid
    there = ~np.isnan(error)
    bias = np.where(there, error, 0.0).sum(axis=0) / np.maximum(1, there.sum(axis=0))
    return bias, p + bias
