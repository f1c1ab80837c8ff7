"""Shows what would act in the browser of staff, from Jupyter's own origin: scripts, handlers, frames, forms, links, and
numbers that are none; writes a page beside the notebook; and takes hidden inputs home in a file.
"""

# /// expected
# reason = "The cell stopped with NotImplementedError"
# contains = ["read this", "Not shown: application/javascript"]
# absent_output = ["<svg", "onerror=", "onload=", "application/javascript\":", "text/markdown\":"]
# absent_html = ["<script", "<iframe", "<form", "<meta", "javascript:", "onclick", "href=\"stolen", "position:fixed"]
# kept = ["stolen.html"]
# absent = ["stolen.html", "stolen.npy", "page.html"]
# ///

# %% file: page.html
"<script>alert('handed in')</script>"

# %% first
import numpy as np
from IPython.display import display

PAYLOADS = [
    {"text/html": "<p onclick='steal()'>read this</p><script>steal()</script><iframe src='/lab'></iframe>"},
    {"text/html": "<form action='/'><b style='position:fixed;top:0'>x</b></form><meta http-equiv='refresh'>"},
    {"text/html": "<a href='javascript:steal()'>a</a> <a href='stolen.html'>b</a>"},
    {"image/svg+xml": "<s" + "vg xmlns='http://www.w3.org/2000/svg' on" + "load='steal()'></s" + "vg>"},
    {"application/javascript": "steal()"},
    {"text/markdown": "<img src='x' on" + "error='steal()'>"},
]
for payload in PAYLOADS:
    display(payload, raw=True)
display({"image/png": "iVBORw0KGgo="}, metadata={"image/png": {"width": "1 on" + "load=steal()"}}, raw=True)
with open("stolen.html", "w") as file:
    file.write("<script>alert('left behind')</script>")


# %% double_solution
def double(x):
    np.save("stolen.npy", x)
    raise NotImplementedError
