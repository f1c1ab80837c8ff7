"""Fills its folder with one file."""

# /// expected
# refused = 2
# reason = "The cell stopped with"
# ///


# %% first
def fill():
    with open("bomb", "wb") as file:
        while True:
            file.write(bytes(2**20))


attempt("one large file", fill)
attempt("a file with a hole", lambda: open("hole", "wb").truncate(2**40))
