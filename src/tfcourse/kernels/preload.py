"""What a fork server imports so that a kernel starts sooner, whatever else it imports."""

PRELOAD = (
    "tfcourse.kernels.kernel",
    # What a kernel imports in its first milliseconds.
    "ipykernel.ipkernel",
    "ipykernel.debugger",
    "IPython.core.completerlib",
    "IPython.core.debugger",
    "IPython.core.oinspect",
    "IPython.extensions.storemagic",
    "ipykernel.datapub",
    "ipykernel.subshell_manager",
)
"""Modules that make a kernel start sooner; not every version has them all."""
