"""Control groups divide processors among kernels, however many processes each has."""

import subprocess
import sys
import time

import pytest

from tfcourse.kernels.cgroups import Group, groups_here
from tfcourse.kernels.limits import Limits

FEW = "import os\nfor _ in range(5): os.fork(); os.setsid() if os.getpid() != os.getsid(0) else None\nwhile True: pass"


@pytest.fixture
def place():
    found = groups_here()
    if found is None or not any((parent / "cpu.shares").exists() for parent in found.parents):
        pytest.skip("no control groups here that divide processors")
    return found


def test_a_crowd_gets_no_more_than_a_single_process(place):
    groups, processes = [], []
    seconds = []
    try:
        for program in ("while True: pass", FEW):
            group = Group(place, Limits())
            groups.append(group)
            waiting = "import sys, os\nsys.stdin.readline()\nos.sched_setaffinity(0, [min(os.sched_getaffinity(0))])\n"
            process = subprocess.Popen([sys.executable, "-c", waiting + program], stdin=subprocess.PIPE, text=True)
            processes.append(process)
            group.add(process.pid)
        for process in processes:
            process.stdin.write("go\n")
            process.stdin.close()
        time.sleep(0.3)
        before = _processor_seconds(processes[0].pid)
        time.sleep(1.5)
        seconds.append(_processor_seconds(processes[0].pid) - before)
    finally:
        for group in groups:
            group.close()
        for process in processes:
            process.kill()
            process.wait()
    # One against 32 on the same processor: a fair half would be 0.75 s, a 33rd 0.05 s.
    assert seconds[0] > 0.3


def _processor_seconds(process):
    with open(f"/proc/{process}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100
