"""Loops without an end in its second cell; what comes after it is run."""

# /// expected
# points = {double = 0.5}
# reason = "1 of 4 cases are right"
# ///

# %% first
while True:
    pass


# %% double_solution
def double(x):
    return x
