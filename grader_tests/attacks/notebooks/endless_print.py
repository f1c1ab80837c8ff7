"""Prints without an end, also when it is interrupted.
"""

# /// expected
# ending = "too much output"
# reason = "putting out more than can be read|a message of more than 8 MB"
# ///

# %% first
while True:
    try:
        while True:
            print("all work and no play " * 1000)
    except KeyboardInterrupt:
        pass
