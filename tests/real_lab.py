"""The real `tfcourse lab` in a process of its own, and a headless Chromium to look at it."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import urllib.request

import pytest

from tfcourse.course import ROOT_VARIABLE, WORK_VARIABLE
from tfcourse.kernels import warm

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
MARKS = [
    pytest.mark.slow,
    pytest.mark.browser,
    pytest.mark.skipif(
        BROWSER is None, reason="NO BROWSER TESTED: install Chromium (Debian: apt-get install chromium)"
    ),
]


def start_lab(root, folder, **more):
    """Start `tfcourse lab` on a built course; return its address and its process.

    Its configuration and its log lie in `folder`; `more` are environment variables.
    """
    environment = {name: value for name, value in os.environ.items() if name not in {WORK_VARIABLE, warm.SWITCH}}
    environment |= {ROOT_VARIABLE: str(root), "JUPYTER_CONFIG_DIR": str(folder / "jupyter"), **more}
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    arguments = [
        "--no-browser",
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        "--IdentityProvider.token=t",
    ]
    if hasattr(os, "getuid") and os.getuid() == 0:
        arguments.append("--allow-root")
    path = folder / f"lab-{port}.log"
    with path.open("wb") as log:
        command = [sys.executable, "-m", "tfcourse", "lab", *arguments]
        process = subprocess.Popen(command, cwd=root, env=environment, stdout=log, stderr=log)
    for _ in range(600):
        if process.poll() is not None:
            break
        if answers(f"http://127.0.0.1:{port}/api?token=t"):
            return f"http://127.0.0.1:{port}/?token=t", process
        wait(process, 0.2)
    process.terminate()
    raise AssertionError(path.read_text())


def answers(address):
    """Tell whether somebody answers there."""
    try:
        urllib.request.urlopen(address, timeout=1).close()
    except OSError:
        return False
    return True


def wait(process, seconds):
    """Wait for a process's end, but not for long."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(seconds)


@contextlib.contextmanager
def chromium():
    """A browser for as long as the block lasts."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="NO BROWSER TESTED: playwright is not installed")
    switches = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=switches)
        yield browser
        browser.close()
