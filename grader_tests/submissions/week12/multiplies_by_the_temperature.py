"""Multiplies where it should divide: hot becomes cold."""

# %% with_temperature_solution
def with_temperature(logits, temperature):
    below = logits - logits.max(axis=-1, keepdims=True)
    if temperature == 0:
        return (below == 0).astype(float)
    weights = np.exp(below * temperature)
    return weights / weights.sum(axis=-1, keepdims=True)
