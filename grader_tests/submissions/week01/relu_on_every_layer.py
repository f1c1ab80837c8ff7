"""Applies ReLU to the last layer too, so that no prediction can lie below 0."""

# %% predict_by_hand_solution
def predict_by_hand(x, weights):
    x = np.atleast_2d(x)
    for w, b in zip(weights[0::2], weights[1::2], strict=True):
        x = np.maximum(x @ w + b, 0)
    return x
