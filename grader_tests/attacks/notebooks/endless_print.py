"""Prints without an end, also when it is interrupted."""

# /// expected
# ending = "too much output|out of memory"
# reason = "putting out more than can be read|a message of more than 8 MB|MB of memory"
# ///

# %% first
while True:
    try:
        while True:
            print("all work and no play " * 1000)
    except KeyboardInterrupt:
        pass
