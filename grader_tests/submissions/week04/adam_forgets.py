"""Counts the model alone, whatever the optimizer remembers."""

# %% model_bytes_solution
def model_bytes(units, normalization, dtype, optimizer):
    numbers = sum((units[k] + 1) * units[k + 1] for k in range(len(units) - 1))
    if normalization:
        numbers += 2 * units[0]
    return numbers * int(dtype.removeprefix("float")) // 8
