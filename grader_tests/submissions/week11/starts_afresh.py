"""Begins every step with a state of zeros, so that nothing is carried along."""

# %% rnn_solution
def rnn(x, w, u, b):
    states = []
    for t in range(x.shape[1]):
        h = np.zeros((len(x), len(b)))
        h = np.tanh(x[:, t] @ w + h @ u + b)
        states.append(h)
    return np.stack(states, axis=1)
