"""Takes lines apart with split(","), which cuts an address between its quotation marks in two."""

# %% read_table_solution
def read_table(text):
    header, *lines = text.strip().split("\n")
    names = header.split(",")
    rows = [dict(zip(names, line.split(","), strict=False)) for line in lines]
    rows = [row for row in rows if row[TARGET].strip()]
    x = np.array([[float(row[name] or "nan") for name in FEATURES] for row in rows])
    y = np.array([float(row[TARGET]) for row in rows])
    return x, y
