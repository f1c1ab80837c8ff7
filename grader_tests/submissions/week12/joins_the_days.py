"""Joins all days to one text before it cuts, so that pieces reach from one day into the next."""

# %% pieces_of_solution
def pieces_of(days, length):
    text = np.concatenate(days)
    pieces = (len(text) - 1) // length
    return text[: pieces * length].reshape(-1, length), text[1 : pieces * length + 1].reshape(-1, length)
