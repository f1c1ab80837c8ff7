"""Sends one message whose end never comes: frame after frame of the same 7 MB, which take no memory here."""

# /// expected
# ending = "too much output"
# reason = "a message of more than 8 MB"
# ///

# %% first
import time

import zmq

thread = get_ipython().kernel.iopub_thread
frame = zmq.Frame(bytes(7 * 2**20))
thread.schedule(lambda: thread.socket.send_multipart([frame] * 3000, copy=False))
time.sleep(100)
