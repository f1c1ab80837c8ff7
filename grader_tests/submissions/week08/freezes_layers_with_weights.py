"""Counts as frozen the first layers that have weights, and passes over the others."""

# %% count_trained_solution
def count_trained(stack, frozen):
    trained, fixed, position = 0, 0, 0
    for kind, *settings in stack:
        own, following = 0, 0
        if kind == "conv":
            size, channels, filters = settings
            own = (size * size * channels + 1) * filters
        elif kind == "norm":
            own, following = 2 * settings[0], 2 * settings[0]
        elif kind == "dense":
            own = (settings[0] + 1) * settings[1]
        else:
            continue
        if position < frozen:
            fixed += own
        else:
            trained += own
        fixed += following
        position += 1
    return trained, fixed
