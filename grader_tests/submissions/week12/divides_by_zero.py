"""Has no rule of its own for temperature 0."""

# %% with_temperature_solution
def with_temperature(logits, temperature):
    with np.errstate(all="ignore"):
        weights = np.exp((logits - logits.max(axis=-1, keepdims=True)) / np.float64(temperature))
        return weights / weights.sum(axis=-1, keepdims=True)
