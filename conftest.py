"""What all tests share: a cache of practice data and a waiting process of their own, never a user's."""

import os
import shutil
import signal
import socket
import struct
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Name the folders in the environment, which pytest-xdist's workers and all processes of the tests inherit."""
    if hasattr(config, "workerinput"):
        return
    # Below /tmp, where there is one: the socket's path must be short.
    folder = Path(tempfile.mkdtemp(prefix="tfcourse-", dir="/tmp" if Path("/tmp").is_dir() else None))  # noqa: S108
    os.environ["TFCOURSE_CACHE"] = str(folder / "cache")
    os.environ["XDG_RUNTIME_DIR"] = str(folder)
    config.add_cleanup(lambda: _remove(folder))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is marked ``everything``, unless everything is asked for."""
    if os.environ.get("TFCOURSE_TEST_ALL"):
        return
    left = [item for item in items if item.get_closest_marker("everything")]
    config.hook.pytest_deselected(items=left)
    items[:] = [item for item in items if item not in left]


def _remove(folder: Path) -> None:
    for path in folder.glob("tfcourse-*/*.sock"):
        with suppress(OSError), socket.socket(socket.AF_UNIX) as sock:
            sock.connect(str(path))
            process, _, _ = struct.unpack("3i", sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
            os.kill(process, signal.SIGTERM)
    shutil.rmtree(folder, ignore_errors=True)
