"""Keeps the first report of a day, so that corrections change nothing."""

# %% read_takings_solution
def read_takings(folder):
    station, market, harbour = {}, {}, {}
    with (folder / "station.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter=";"):
            day = datetime.datetime.strptime(row["date"], "%d.%m.%Y").date()
            amount = row["takings"].replace(".", "").replace(",", ".")
            station.setdefault(day, float(amount) if amount else np.nan)
    for line in (folder / "market.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        amount = row["sold"]["takings"]
        market.setdefault(datetime.date.fromisoformat(row["date"]), np.nan if amount is None else amount)
    for path in sorted((folder / "harbour").glob("*.txt")):
        text = path.read_text(encoding="utf-8")
        written = re.search(r"(\d+ \w+ \d{4})", text).group(1)
        amount = re.search(r"took ([\d,.]+) euros", text)
        day = datetime.datetime.strptime(written, "%d %B %Y").date()
        harbour.setdefault(day, float(amount.group(1).replace(",", "")) if amount else np.nan)
    known = [*station, *market, *harbour]
    first, last = min(known), max(known)
    takings = np.full(((last - first).days + 1, 3), np.nan)
    for column, branch in enumerate((station, market, harbour)):
        for day, amount in branch.items():
            takings[(day - first).days, column] = amount
    return first.isoformat(), takings
