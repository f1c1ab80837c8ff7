"""Raises SystemExit in a cell, and quits by every other way that Python has."""

# /// expected
# ending = "complete|kernel died"
# reason = "The cell stopped|ended before the notebook"
# ///

# %% first
import sys

get_ipython().ask_exit()
quit()
sys.exit(0)
