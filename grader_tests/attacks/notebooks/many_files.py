"""Makes files until there are no more to be had, thousands of folders deep."""

# /// expected
# contains = ["no more"]
# reason = "The cell stopped with"
# ///

# %% first
import os

count = 0
try:
    while True:
        os.mkdir("d")
        os.chdir("d")
        open("f", "w").close()
        count += 1
except OSError:
    print("no more than", count)
assert count < 20_000
os.chdir("/slot/work")
