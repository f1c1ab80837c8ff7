"""Loops without an end, and swallows every interrupt."""

# /// expected
# ending = "unresponsive"
# reason = "did not stop when it was interrupted"
# ///

# %% first
while True:
    try:
        while True:
            pass
    except BaseException:
        pass
