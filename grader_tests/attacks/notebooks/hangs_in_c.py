"""Computes in C code that looks at no signal."""

# /// expected
# ending = "unresponsive"
# reason = "did not stop when it was interrupted"
# ///

# %% first
import hashlib

hashlib.pbkdf2_hmac("sha256", b"password", b"salt", 2**31 - 1)
