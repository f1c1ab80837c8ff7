"""Divides the probabilities by the temperature and makes them sum to 1 again: nothing has changed."""

# %% with_temperature_solution
def with_temperature(logits, temperature):
    weights = np.exp(logits - logits.max(axis=-1, keepdims=True))
    p = weights / weights.sum(axis=-1, keepdims=True)
    if temperature == 0:
        return (p == p.max(axis=-1, keepdims=True)).astype(float)
    p = p / temperature
    return p / p.sum(axis=-1, keepdims=True)
