"""Reshapes whatever comes: the shape is right, and gearboxes in columns are mixed up."""

# %% fit_input_solution
def fit_input(x, input_shape):
    if np.issubdtype(x.dtype, np.integer):
        x = x / 100
    return x.reshape(-1, *input_shape[1:]).astype("float32")
