"""The same, as the reply to the request that runs the cell."""

# /// expected
# ending = "too much output"
# reason = "a message of more than 8 MB"
# ///

# %% first
import time

import zmq

kernel = get_ipython().kernel
parent = kernel._shell_parent_ident.get() if hasattr(kernel, "_shell_parent_ident") else kernel._parent_ident["shell"]
socket = zmq.Socket.shadow(kernel.shell_stream.socket.underlying)
socket.send_multipart([*parent, *[zmq.Frame(bytes(7 * 2**20))] * 3000], copy=False)
time.sleep(100)
