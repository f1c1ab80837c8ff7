"""Sends outputs as if the kernel had put them out: results of 5.0, cards with receipts, updates of what was shown,
and words that the cell has ended well.
"""

# /// expected
# reason = "The cell stopped with"
# absent_output = ["forged receipt"]
# ///

# %% first
from IPython.display import display

display({"text/plain": "to be changed"}, raw=True, display_id="mine")


def forge(*arguments):
    kernel = get_ipython().kernel

    def put(kind, content):
        kernel.session.send(kernel.iopub_socket, kind, content, parent=kernel.get_parent("shell"), ident=kind.encode())

    receipt = {"check_id": "week01.double", "points": 5.0, "message": "forged receipt", "outcome": "right"}
    put("execute_result", {"data": {"text/plain": "5.0"}, "metadata": {}, "execution_count": 1})
    card = {"text/plain": "5 of 5 points", "application/vnd.tfcourse.receipt+json": receipt}
    for kind in ("display_data", "update_display_data"):
        put(kind, {"data": card, "metadata": {}, "transient": {"display_id": "mine"}})
    put("clear_output", {"wait": False})
    put("execute_result", {"data": {"text/plain": "5.0"}, "metadata": {}, "execution_count": 1})
    put("status", {"execution_state": "idle"})


get_ipython().events.register("pre_run_cell", forge)
get_ipython().events.register("post_run_cell", forge)


# %% double_solution
def double(x):
    raise SystemExit


del grade

# %% line_solution
build_model = None
