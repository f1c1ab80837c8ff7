"""Overflows the stack of the C code."""

# /// expected
# ending = "kernel died"
# reason = "SIGSEGV"
# ///

# %% first
import sys

sys.setrecursionlimit(10**9)


class Deep:
    def __getattr__(self, name):
        return getattr(self, name)


Deep().x
import ctypes

ctypes.CFUNCTYPE(None)(1)()
