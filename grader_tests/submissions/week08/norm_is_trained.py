"""Counts all four numbers of a normalisation as trained, like everything that is not frozen."""

# %% count_trained_solution
def count_trained(stack, frozen):
    trained, fixed = 0, 0
    for position, (kind, *settings) in enumerate(stack):
        own = 0
        if kind == "conv":
            size, channels, filters = settings
            own = (size * size * channels + 1) * filters
        elif kind == "norm":
            own = 4 * settings[0]
        elif kind == "dense":
            own = (settings[0] + 1) * settings[1]
        if position < frozen:
            fixed += own
        else:
            trained += own
    return trained, fixed
