"""Reads address 0."""

# /// expected
# ending = "kernel died"
# reason = "SIGSEGV"
# ///

# %% first
import ctypes

ctypes.string_at(0)
