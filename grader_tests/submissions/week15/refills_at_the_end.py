"""Puts the next item at the end of the buffer, and not in the place that has become free."""


# %% through_buffer_solution
def through_buffer(items, size, picks):
    buffer, waiting, out = list(items[:size]), list(items[size:]), []
    for pick in picks:
        out.append(buffer.pop(pick % len(buffer)))
        if waiting:
            buffer.append(waiting.pop(0))
    return np.array(out)
