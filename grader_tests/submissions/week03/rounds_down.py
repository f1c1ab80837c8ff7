"""Cuts per cent off with int(), so that an edge of 27.75 lies at 27."""

# %% take_split_solution
def take_split(split, splits):
    def edge(text, size):
        if text.endswith("%"):
            return int(size * int(text[:-1]) / 100)
        return int(text) if text else None

    parts = []
    for part in split.split("+"):
        name, _, inside = part.strip().rstrip("]").partition("[")
        rows = splits[name]
        if inside:
            start, stop = inside.split(":")
            rows = rows[edge(start, len(rows)) : edge(stop, len(rows))]
        parts.append(rows)
    return np.concatenate(parts)
