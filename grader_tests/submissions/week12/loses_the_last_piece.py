"""Stops one piece too early where a day has just enough tokens for it and its answers."""

# %% pieces_of_solution
def pieces_of(days, length):
    x, y = [], []
    for day in days:
        for start in range(0, len(day) - length - 1, length):
            x.append(day[start : start + length])
            y.append(day[start + 1 : start + length + 1])
    return np.array(x), np.array(y)
