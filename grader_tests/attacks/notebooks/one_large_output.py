"""Prints 100 MB at once."""

# /// expected
# ending = "too much output"
# reason = "a message of more than 8 MB"
# ///

# %% first
print("x" * 100 * 2**20)
