"""Takes the n-th row of a file for the n-th day, so that a missing day shifts all that follow."""

# %% read_takings_solution
def read_takings(folder):
    with (folder / "station.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter=";"))
    first = datetime.datetime.strptime(rows[0]["date"], "%d.%m.%Y").date()
    station = [float(row["takings"].replace(".", "").replace(",", ".") or "nan") for row in rows]
    lines = (folder / "market.jsonl").read_text(encoding="utf-8").splitlines()
    market = [json.loads(line)["sold"]["takings"] for line in lines]
    harbour = []
    for path in sorted((folder / "harbour").glob("*.txt")):
        amount = re.search(r"took ([\d,.]+) euros", path.read_text(encoding="utf-8"))
        harbour.append(float(amount.group(1).replace(",", "")) if amount else np.nan)
    days = min(len(station), len(market), len(harbour))
    return first.isoformat(), np.array([station[:days], market[:days], harbour[:days]], dtype=float).T
