"""Floods with messages that belong to no cell, and with news that it is busy: neither is kept."""

# /// expected
# ending = "too much output"
# reason = "putting out more than can be read"
# ///

# %% first
kernel = get_ipython().kernel
while True:
    try:
        for parent in ({"header": {"msg_id": "another"}}, kernel.get_parent("shell")):
            content = {"execution_state": "busy", "text": "y" * 2**16}
            kernel.session.send(kernel.iopub_socket, "status", content, parent=parent)
    except KeyboardInterrupt:
        pass
