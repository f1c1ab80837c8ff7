"""Data sets, one module each: ``make_NAME(n, *, seed)`` generates, ``load_NAME()`` reads a bundled one."""
