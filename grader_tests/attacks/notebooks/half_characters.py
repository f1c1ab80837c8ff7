"""Puts out half characters and numbers that no JSON file can hold, in its outputs and in its count of cells."""

# /// expected
# reason = "The cell stopped with"
# ///

# %% first
kernel = get_ipython().kernel


def put(content):
    session, parent = kernel.session, kernel.get_parent("shell")
    message = session.msg("execute_result", {}, parent=parent["header"])
    parts = [session.pack(message["header"]), session.pack(message["parent_header"]), b"{}", content]
    thread = kernel.iopub_thread
    thread.schedule(lambda: thread.socket.send_multipart([b"x", b"<IDS|MSG>", session.sign(parts), *parts]))


put(b'{"data": {"text/plain": "\\ud800", "\\udfff/x": ["\\ud800"]}, "metadata": {}, "execution_count": "\\ud800"}')
put(
    b'{"data": {"application/json": NaN}, "metadata": {"x": 1e999}, "execution_count": '
    + b"[" * 400
    + b"]" * 400
    + b"}"
)
