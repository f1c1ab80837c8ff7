"""Writes garbage into every socket that it holds, below ZeroMQ."""

# /// expected
# ending = "kernel died|too much output|complete"
# reason = "connection was cut|hung up|The cell stopped"
# ///

# %% first
import os
import socket
import stat

for descriptor in range(3, 200):
    try:
        if stat.S_ISSOCK(os.fstat(descriptor).st_mode):
            sock = socket.socket(fileno=os.dup(descriptor))
            sock.setblocking(False)
            sock.send(b"\x06\xff" + os.urandom(10_000))
    except OSError:
        pass
