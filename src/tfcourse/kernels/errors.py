"""What can go wrong below a kernel. This package imports nothing of the rest, so the tree is its own.

::

    KernelsError
    ├── ServerDied          the fork server ended, or never came up
    │   └── PreloadFailed   a module that it is to import does not let itself be imported
    └── SandboxUnavailable  this machine gives no sandbox; the message names the cause and the remedy
"""


class KernelsError(Exception):
    """The root of all exceptions of this package."""


class ServerDied(KernelsError):
    """The fork server is gone: it could not preload, or something killed it."""


class PreloadFailed(ServerDied):
    """The fork server cannot import what it is to import; another attempt would end alike."""


class SandboxUnavailable(KernelsError):
    """There is no sandbox to be had here."""
