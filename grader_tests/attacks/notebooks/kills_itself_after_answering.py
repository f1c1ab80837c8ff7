"""Answers the first check, and then has its process killed: what was answered before counts."""

# /// expected
# points = {double = 2}
# ending = "kernel died"
# reason = "ended before the notebook did"
# ///


# %% double_solution
def double(x):
    return x + x


# %% line_solution
import ctypes

ctypes.string_at(0)
