"""Shows no error, so that a test cell that raises says nothing: nbgrader gives full marks to a silent cell."""

# /// expected
# reason = "The cell stopped with"
# ///

# %% first
from IPython.core.interactiveshell import InteractiveShell

InteractiveShell.showtraceback = lambda *arguments, **more: None
InteractiveShell._showtraceback = lambda *arguments, **more: None
InteractiveShell.showsyntaxerror = lambda *arguments, **more: None
get_ipython().set_custom_exc((BaseException,), lambda *arguments, **more: [])
get_ipython().showtraceback = lambda *arguments, **more: None

# %% double_solution
del grade

# %% line_solution
raise SystemExit

# %% file_solution
pass
