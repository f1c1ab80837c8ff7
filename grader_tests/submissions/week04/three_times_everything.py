"""Lets Adam remember two numbers for the means and variances of Normalization, too, which it never trains."""

# %% model_bytes_solution
def model_bytes(units, normalization, dtype, optimizer):
    numbers = sum((units[k] + 1) * units[k + 1] for k in range(len(units) - 1))
    numbers += 2 * units[0] if normalization else 0
    remembered = {None: 0, "sgd": 0, "momentum": 1, "adam": 2}[optimizer]
    return numbers * (1 + remembered) * int(dtype.removeprefix("float")) // 8
