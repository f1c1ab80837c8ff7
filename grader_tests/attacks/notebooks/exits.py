"""Ends its process at once, without a word."""

# /// expected
# ending = "kernel died"
# reason = "exit code 0"
# ///

# %% first
import os

os._exit(0)
