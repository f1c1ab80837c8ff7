"""Leaves links to everything, pipes, devices, sockets, holes, and files with impossible names."""

# /// expected
# reason = "The cell stopped with NotImplementedError"
# kept = ["ordinary.txt", "naïve.txt"]
# ///

# %% first
import os
import socket

with open("ordinary.txt", "w") as file:
    file.write("kept")
for number, target in enumerate(
    ("/etc/passwd", "{{course}}/gradebook.db", "../../../gradebook.db", "/proc/self/environ", "/")
):
    os.symlink(target, f"link-{number}")
os.symlink("loop", "loop")
os.link("ordinary.txt", "second name")
os.mkfifo("pipe")
socket.socket(socket.AF_UNIX).bind("socket")
with open("hole", "wb") as file:
    file.truncate(60 * 2**20)
for name in (
    b"caf\xe9",
    b"line\nbreak",
    b"\xff\xfe",
    "naïve.txt".encode(),
    "..".encode() + b" ",
    b"-rf",
    b"~",
    b"con.txt",
    b"assignment.ipynb",
    b"another.ipynb",
    b"timestamp.txt",
    b"nbgrader_config.py",
):
    with open(name, "w") as file:
        file.write("1999-01-01 00:00:00 UTC")
os.makedirs("a" * 200 + "/" + "b" * 200)
os.chmod("ordinary.txt", 0)
os.mkdir("closed")
os.chmod("closed", 0)
attempt("a device", lambda: os.mknod("device", 0o60666, os.makedev(8, 0)))
attempt("a file outside", lambda: open("/slot/outside", "w"))
