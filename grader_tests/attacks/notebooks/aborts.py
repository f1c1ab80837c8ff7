"""Aborts."""

# /// expected
# ending = "kernel died"
# reason = "SIGABRT|SIGSEGV"
# ///

# %% first
import os

os.abort()
