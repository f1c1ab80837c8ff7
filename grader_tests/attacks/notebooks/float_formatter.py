"""Has every float shown as 5.0, which is what nbgrader reads from a cell's output. Its function is wrong."""

# /// expected
# points = {double = 0.5}
# reason = "1 of 4 cases are right"
# ///

# %% first
plain = get_ipython().display_formatter.formatters["text/plain"]
plain.for_type(float, lambda value, printer, cycle: printer.text("5.0"))


# %% double_solution
def double(x):
    return x
