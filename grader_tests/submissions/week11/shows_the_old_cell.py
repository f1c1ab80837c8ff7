"""Computes the new state from the cell as it was before the step."""

# %% lstm_step_solution
def lstm_step(x, h, c, w, u, b):
    def sigmoid(z):
        return 1 / (1 + np.exp(-z))

    write, keep, candidate, show = np.split(x @ w + h @ u + b, 4, axis=1)
    h_new = sigmoid(show) * np.tanh(c)
    return h_new, sigmoid(keep) * c + sigmoid(write) * np.tanh(candidate)
