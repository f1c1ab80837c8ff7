"""Uses the tokens themselves as their labels: a model that learns from it repeats what it reads."""

# %% pieces_of_solution
def pieces_of(days, length):
    x = []
    for day in days:
        for start in range(0, len(day) - length, length):
            x.append(day[start : start + length])
    return np.array(x), np.array(x)
