"""Shows hundreds of things under one name, and then changes them all to something large with one message."""

# /// expected
# ending = "complete"
# reason = "The cell stopped with"
# ///

# %% first
from IPython.display import display

for _ in range(80):
    display({"text/plain": "small"}, raw=True, display_id="same")
kernel = get_ipython().kernel
content = {"data": {"text/plain": "x" * 20_000}, "metadata": {}, "transient": {"display_id": "same"}}
kernel.session.send(kernel.iopub_socket, "update_display_data", content, parent=kernel.get_parent("shell"))
