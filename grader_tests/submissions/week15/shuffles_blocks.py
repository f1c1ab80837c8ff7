"""Shuffles one buffer after the other, empties each, and never refills: blocks in place of a moving buffer."""


# %% through_buffer_solution
def through_buffer(items, size, picks):
    out, picks = [], list(picks)
    for start in range(0, len(items), size):
        buffer = list(items[start : start + size])
        while buffer:
            out.append(buffer.pop(picks.pop(0) % len(buffer)))
    return np.array(out)
