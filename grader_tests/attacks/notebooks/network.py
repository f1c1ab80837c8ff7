"""Calls services of this machine, name servers, and other processes, by every family of sockets."""

# /// expected
# refused = 12
# reason = "The cell stopped with NotImplementedError"
# ///

# %% first
import os
import socket
import subprocess
import urllib.request


def connect(family, kind, address, protocol=0):
    with socket.socket(family, kind, protocol) as sock:
        sock.settimeout(2)
        sock.connect(address)
        sock.send(b"hello")
        return address


attempt("loopback", lambda: connect(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", int("{{port}}"))))
attempt("loopback, version 6", lambda: connect(socket.AF_INET6, socket.SOCK_STREAM, ("::1", int("{{port}}"))))
attempt("datagrams", lambda: connect(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", int("{{port}}"))))
attempt("the internet", lambda: connect(socket.AF_INET, socket.SOCK_STREAM, ("1.1.1.1", 53)))
attempt("names", lambda: socket.getaddrinfo("localhost.example.org", 80))
attempt("the web", lambda: urllib.request.urlopen("http://127.0.0.1:{{port}}/", timeout=2))
attempt("an abstract socket", lambda: connect(socket.AF_UNIX, socket.SOCK_STREAM, "\0{{abstract}}"))
attempt("a named socket", lambda: connect(socket.AF_UNIX, socket.SOCK_STREAM, "{{named}}"))
attempt("the virtual machine's host", lambda: socket.socket(40, socket.SOCK_STREAM))
attempt("raw packets", lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW))
attempt("raw addresses", lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1))
attempt("the kernel's audit", lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 9))
attempt("the kernel's events", lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 15))
attempt("cryptography", lambda: socket.socket(38, socket.SOCK_SEQPACKET))
attempt("bluetooth", lambda: socket.socket(31, socket.SOCK_RAW))
attempt("interfaces", lambda: [name for _, name in socket.if_nameindex() if name != "lo"][0])
