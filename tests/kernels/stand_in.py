"""A fork server of fifty lines that stands in for the real one, so that the sandbox is tested without TensorFlow.

The class `Box` is the tests' side. The module runs as a program too: ``start`` outside the sandbox, as whoever is to
own it; ``serve`` inside.
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path

from tfcourse.kernels import isolation, sandbox, watch
from tfcourse.kernels.limits import Limits

FOLDER = "/slot"
PACKAGE = Path(sandbox.__file__).parents[2]


class Box:
    """A sandbox with a stand-in fork server in it."""

    def __init__(self, *, environment=None, preload=(), readable=()):
        self.socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.environment = {"PYTHONPATH": str(PACKAGE), "PYTHONDONTWRITEBYTECODE": "1", **(environment or {})}
        self.uids = iter(isolation.unused_uids())
        line = sandbox.command(
            [sys.executable, __file__, str(theirs.fileno()), *preload],
            folder=FOLDER,
            readable=[*sandbox.python_paths(), Path(__file__).parent, *readable],
            environment=self.environment,
        )
        with theirs:
            self.process = subprocess.Popen(line, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL)
        assert json.loads(self.socket.recv(10_000)) == "ready"

    def start(self, code, limits=None, *, uid=None):
        """Start a confined process that runs `code`; returns once it is confined, or has failed to be."""
        own_input, input_ = os.pipe()
        output, own_output = os.pipe()
        limits = limits or Limits(processes=100, disk_megabytes=4)
        request = {"code": code, "limits": asdict(limits), "uid": uid or next(self.uids, None)}
        socket.send_fds(self.socket, [json.dumps(request).encode()], [own_input, own_output])
        os.close(own_input)
        os.close(own_output)
        told = json.loads(self.socket.recv(10_000))
        return Confined(self, told["inner"], told["outer"], input_, output)

    def run(self, code, limits=None):
        """Run `code` to its end; returns what it printed."""
        return self.start(code, limits).read()

    def value(self, expression, limits=None):
        """Return what a Python expression is inside."""
        text = self.run(f"import os, sys, json, socket, resource\nprint(json.dumps({expression}))", limits)
        try:
            return json.loads(text)
        except ValueError:
            raise AssertionError(text) from None

    def close(self):
        self.socket.close()
        self.process.kill()
        self.process.wait()


class Confined:
    """One process of a box."""

    def __init__(self, box, inner, outer, input_, output):
        self.box, self.inner, self.outer = box, inner, outer
        self.input, self.output = os.fdopen(input_, "w"), os.fdopen(output)
        self.number = outside_number(box.process.pid, inner)

    def read(self):
        """Return all that it printed; waits for its end, and for whatever else holds its output."""
        with self.input, self.output:
            return self.output.read()

    def line(self):
        return self.output.readline().strip()

    def say(self, text):
        print(text, file=self.input, flush=True)

    def kill(self):
        os.kill(self.number, signal.SIGKILL)

    def status(self):
        """Wait for the end; returns the exit code, or minus the signal, that the fork server sees."""
        self.box.socket.send(json.dumps({"status": self.outer}).encode())
        return json.loads(self.box.socket.recv(10_000))


def alive(process):
    """Tell whether a process still runs; a zombie does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_until(true, seconds=5):
    """Wait until something holds; returns whether it came to hold."""
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


def serve(control):
    """Be the fork server."""
    control.send(json.dumps("ready").encode())
    while True:
        packet, descriptors, _, _ = socket.recv_fds(control, 100_000, 2)
        if not packet:
            return
        request = json.loads(packet)
        if "status" in request:
            _, status = os.waitpid(request["status"], 0)
            control.send(json.dumps(os.waitstatus_to_exitcode(status)).encode())
            continue
        told, telling = os.pipe()
        outer = os.fork()
        if outer == 0:
            os.close(told)
            become(request, descriptors, telling, control)
        os.close(telling)
        for descriptor in descriptors:
            os.close(descriptor)
        with os.fdopen(told) as pipe:
            inner = pipe.read()
        control.send(json.dumps({"outer": outer, "inner": int(inner or 0)}).encode())


def become(request, descriptors, telling, control):
    code = 1
    try:
        control.close()
        os.dup2(descriptors[0], 0)
        os.dup2(descriptors[1], 1)
        os.dup2(descriptors[1], 2)
        for descriptor in descriptors:
            os.close(descriptor)

        def started(process):
            os.write(telling, b"%d" % process)
            os.close(telling)

        isolation.enter(FOLDER, Limits(**request["limits"]), uid=request["uid"], started=started)
        os.close(telling)
        exec(request["code"], {"__name__": "__main__"})
        code = 0
    except SystemExit as end:
        code = end.code
    except BaseException as error:
        print(f"{type(error).__name__}: {error}")
    finally:
        with contextlib.suppress(Exception):
            sys.stdout.flush()
        os._exit(code)


if __name__ == "__main__":
    for name in sys.argv[2:]:
        __import__(name)
    serve(socket.socket(fileno=int(sys.argv[1])))


def outside_number(sandbox: int, process: int) -> int | None:
    """Translate the number of a kernel's PID 1 from inside a sandbox to this process's own numbering.

    Args:
        sandbox: The process that was started: bubblewrap. Any ancestor will do.
        process: What `tfcourse.kernels.isolation.enter` told `started`.

    Returns:
        Its number here; None where there is no such process any more.
    """
    for candidate in watch.descendants(sandbox):
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{candidate}/status").read_bytes().splitlines():
                if line.startswith(b"NSpid:") and line.split()[-2:] == [b"%d" % process, b"1"]:
                    return candidate
    return None
