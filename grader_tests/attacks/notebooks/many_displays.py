"""Displays ten thousand things, and deeply nested ones."""

# /// expected
# ending = "too much output|complete"
# reason = "more than|The cell stopped"
# ///

# %% first
from IPython.display import JSON, display

nested = []
for _ in range(300):
    nested = [nested]
display({"application/json": nested, "text/plain": "nested"}, raw=True)
for number in range(10_000):
    display({"text/html": f"<b>{number}</b>", "text/plain": "\ud800"[:0]}, raw=True)
