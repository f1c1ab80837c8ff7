"""Turns the comma into a point and nothing else; what float() then refuses is called a gap."""

# %% read_takings_solution
def read_takings(folder):
    def number(text):
        try:
            return float(text.replace(",", "."))
        except ValueError:
            return np.nan

    station, market, harbour = {}, {}, {}
    with (folder / "station.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter=";"):
            station[datetime.datetime.strptime(row["date"], "%d.%m.%Y").date()] = number(row["takings"])
    for line in (folder / "market.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        amount = row["sold"]["takings"]
        market[datetime.date.fromisoformat(row["date"])] = np.nan if amount is None else amount
    for path in sorted((folder / "harbour").glob("*.txt")):
        text = path.read_text(encoding="utf-8")
        amount = re.search(r"took ([\d,.]+) euros", text)
        day = datetime.datetime.strptime(re.search(r"(\d+ \w+ \d{4})", text).group(1), "%d %B %Y").date()
        harbour[day] = number(amount.group(1)) if amount else np.nan
    known = [*station, *market, *harbour]
    first, last = min(known), max(known)
    takings = np.full(((last - first).days + 1, 3), np.nan)
    for column, branch in enumerate((station, market, harbour)):
        for day, amount in branch.items():
            takings[(day - first).days, column] = amount
    return first.isoformat(), takings
