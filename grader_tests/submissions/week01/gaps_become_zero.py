"""Puts 0 where a feature is missing: on a winter's day the most misleading number there is."""

# %% read_table_solution
def read_table(text):
    def number(cell):
        return float(cell) if cell.strip() else 0.0

    rows = [row for row in csv.DictReader(io.StringIO(text)) if row[TARGET].strip()]
    x = np.array([[number(row[name]) for name in FEATURES] for row in rows])
    y = np.array([number(row[TARGET]) for row in rows])
    return x, y
