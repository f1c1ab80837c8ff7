"""Reads one slice, and does not see that a + may join several."""

# %% take_split_solution
def take_split(split, splits):
    name, start, stop = re.match(r"(\w+)(?:\[(-?\d*%?):(-?\d*%?)\])?", split).groups()

    def edge(text, size):
        if not text:
            return None
        return round(size * int(text[:-1]) / 100) if text.endswith("%") else int(text)

    rows = splits[name]
    return rows[edge(start, len(rows)) : edge(stop, len(rows))]
