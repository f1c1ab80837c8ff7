"""Adds what is missing, and leaves columns and hundredths as they are."""

# %% fit_input_solution
def fit_input(x, input_shape):
    if x.ndim == 1:
        x = x[None]
    if x.ndim < len(input_shape):
        x = x[..., None]
    return x.astype("float32")
