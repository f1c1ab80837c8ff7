"""Lets pieces begin one token apart, as windows of a series, where they ought to follow each other."""

# %% pieces_of_solution
def pieces_of(days, length):
    x, y = [], []
    for day in days:
        for start in range(len(day) - length):
            x.append(day[start : start + length])
            y.append(day[start + 1 : start + length + 1])
    return np.array(x), np.array(y)
