"""Memory is bounded from outside: by control groups where they can be had, by counting elsewhere."""

import os
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from stand_in import alive, outside_number, wait_until

from tfcourse.kernels import cgroups, watch
from tfcourse.kernels.limits import MEGABYTE, Limits
from tfcourse.kernels.watch import Watch

WAIT = "print('here', flush=True); input()\n"
SMALL = Limits(memory_megabytes=64, processes=50, disk_megabytes=32)


@pytest.fixture(params=["groups", "counting"])
def watching(request, box):
    """Start a process that waits, watched in one way or the other; everything is gone afterwards."""
    if request.param == "groups" and cgroups.groups_here() is None:
        pytest.skip("no control groups can be made here")
    started = []

    def start(code, limits=SMALL):
        confined = box.start(WAIT + textwrap.dedent(code), limits)
        assert confined.line() == "here"
        watcher = Watch(limits, groups=request.param == "groups")
        assert watcher.counted == (request.param == "counting")
        watcher.add(confined.number)
        started.append((confined, watcher))
        return confined, watcher

    yield start
    for confined, watcher in started:
        if alive(confined.number):
            confined.kill()
        watcher.close()


def reason(watcher, seconds=20.0):
    """Poll as a grader does until there is a reason to kill."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if (said := watcher.poll()) is not None:
            return said
        time.sleep(0.05)
    return None


class TestBoth:
    def test_a_modest_kernel_is_left_in_peace(self, watching):
        confined, watcher = watching("data = bytearray(20 * 2**20); print('done', flush=True); input()")
        confined.say("")
        assert confined.line() == "done"
        assert watcher.poll() is None
        assert 20 * MEGABYTE <= watcher.used() < 40 * MEGABYTE

    def test_a_memory_bomb_is_found(self, watching):
        confined, watcher = watching(
            """
            import time
            data = []
            while True:
                data.append(bytearray(b"x") * 2**20)
                time.sleep(0.002)
            """
        )
        confined.say("")
        assert reason(watcher) == "it needed more than 64 MB of memory"

    def test_so_is_one_of_many_small_processes(self, watching):
        confined, watcher = watching(
            """
            import os, time
            for _ in range(20):
                if os.fork() == 0:
                    data = bytearray(b"x") * (10 * 2**20)
                    time.sleep(60)
                time.sleep(0.02)
            time.sleep(60)
            """
        )
        confined.say("")
        assert reason(watcher) == "it needed more than 64 MB of memory"

    def test_so_is_one_of_shared_memory(self, watching):
        confined, watcher = watching(
            """
            import mmap, time
            data = []
            while True:
                data.append(mmap.mmap(-1, 2**20))
                data[-1].write(b"x" * 2**20)
                time.sleep(0.002)
            """
        )
        confined.say("")
        assert reason(watcher) == "it needed more than 64 MB of memory"

    def test_so_is_one_that_was_handed_to_a_daemon(self, watching):
        confined, watcher = watching(
            """
            import os, time
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    data = []
                    while True:
                        data.append(bytearray(b"x") * 2**20)
                        time.sleep(0.002)
                os._exit(0)
            time.sleep(60)
            """
        )
        confined.say("")
        assert reason(watcher) == "it needed more than 64 MB of memory"

    def test_files_count_for_they_lie_in_memory(self, watching):
        confined, watcher = watching(
            """
            import time
            with open("/dev/shm/file", "wb") as file:
                file.write(bytes(30 * 2**20))
            print("written", flush=True)
            input()
            data = []
            for _ in range(60):
                data.append(bytearray(b"x") * 2**20)
                time.sleep(0.005)
            time.sleep(60)
            """
        )
        confined.say("")
        assert confined.line() == "written"
        assert watcher.poll() is None
        assert 30 * MEGABYTE <= watcher.used() < 55 * MEGABYTE
        confined.say("")
        assert reason(watcher) == "it needed more than 64 MB of memory"

    def test_what_it_shares_with_the_fork_server_is_not_its_own(self, watching):
        _, watcher = watching("")
        assert watcher.used() < 12 * MEGABYTE

    def test_after_the_end_there_is_no_reason(self, watching):
        confined, watcher = watching("")
        confined.say("")
        assert confined.status() == 0
        assert watcher.poll() is None

    def test_closing_twice_is_not_once_too_often(self, watching):
        _, watcher = watching("")
        watcher.close()
        watcher.close()


class TestGroups:
    @pytest.fixture(autouse=True)
    def place(self, box):
        place = cgroups.groups_here()
        if place is None:
            pytest.skip("no control groups can be made here")
        return place

    def ours(self, place):
        return [folder for parent in place.parents for folder in parent.glob(f"{cgroups.PREFIX}-*-{os.getpid()}-*")]

    def test_a_group_ends_with_its_watch(self, place, watching, request):
        if "groups" not in request.node.name:
            pytest.skip("there is no group when memory is counted")
        confined, watcher = watching("import time; time.sleep(60)")
        assert len(self.ours(place)) == len(place.parents)
        assert not watcher.killed_for_memory()
        watcher.close()
        assert self.ours(place) == []
        assert wait_until(lambda: not alive(confined.number))

    def test_what_a_killed_grader_left_is_removed(self, place):
        code = """
import os, signal
from tfcourse.kernels.watch import Watch
from tfcourse.kernels.limits import Limits
watch = Watch(Limits())
print("made", os.getpid(), flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
        said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False).stdout.split()
        left = [folder for parent in place.parents for folder in parent.glob(f"{cgroups.PREFIX}-*-{said[1]}-*")]
        assert len(left) == len(place.parents)
        cgroups.remove_stale(place)
        assert not any(folder.exists() for folder in left)

    def test_the_group_of_a_living_grader_stays(self, place):
        group = cgroups.Group(place, Limits())
        try:
            cgroups.remove_stale(place)
            assert len(self.ours(place)) == len(place.parents)
        finally:
            group.close()
        assert self.ours(place) == []

    def test_the_kernel_counts_what_it_kills(self, watching, request):
        if "groups" not in request.node.name:
            pytest.skip("there is no group when memory is counted")
        confined, watcher = watching("data = bytearray(b'x') * (200 * 2**20)")
        confined.say("")
        assert wait_until(watcher.killed_for_memory)

    def test_processes_are_bounded_too(self, place, box):
        if len(place.parents) == 1 and place.version == 1:
            pytest.skip("no pids hierarchy here")
        group = cgroups.Group(place, Limits(processes=33))
        try:
            bounds = [folder / "pids.max" for folder in group._folders if (folder / "pids.max").exists()]
            assert [bound.read_text().strip() for bound in bounds] == ["33"]
        finally:
            group.close()

    def test_without_a_place_memory_is_counted(self, monkeypatch):
        monkeypatch.setattr(watch, "groups_here", lambda: None)
        assert Watch(SMALL).counted

    def test_a_place_that_refuses_is_not_a_place(self, monkeypatch, tmp_path):
        monkeypatch.setattr(cgroups, "_candidates", lambda: iter([cgroups.Place(2, (tmp_path,))]))
        cgroups.groups_here.cache_clear()
        try:
            assert cgroups.groups_here() is None
            assert list(tmp_path.iterdir()) == [] or all(path.is_dir() for path in tmp_path.iterdir())
        finally:
            cgroups.groups_here.cache_clear()


class TestWhereGroupsAre:
    """Read from what the kernel says of hierarchies on various machines."""

    @pytest.fixture
    def machine(self, tmp_path, monkeypatch):
        def make(own, mounts, files):
            for name, text in files.items():
                path = tmp_path / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            monkeypatch.setattr(cgroups, "_own_groups", lambda: iter(own.items()))
            rows = [(version, controllers, (root, tmp_path / folder)) for version, controllers, root, folder in mounts]
            monkeypatch.setattr(cgroups, "_mounts", lambda: iter(rows))
            return [
                (place.version, *(str(folder.relative_to(tmp_path)) for folder in place.parents))
                for place in cgroups._candidates()
            ]

        return make

    def test_version_2_is_looked_for_upwards_from_our_own(self, machine):
        said = machine(
            {"": "/user/session"},
            [(2, set(), "/", "unified")],
            {
                "unified/user/session/cgroup.subtree_control": "",
                "unified/user/cgroup.subtree_control": "cpu memory pids",
                "unified/cgroup.subtree_control": "memory",
            },
        )
        assert said == [(2, "unified/user"), (2, "unified")]

    def test_version_1_has_a_hierarchy_for_each_controller(self, machine):
        said = machine(
            {"memory": "/job/1", "pids": "/job/1"}, [(1, {"memory"}, "/", "memory"), (1, {"pids"}, "/", "pids")], {}
        )
        assert said == [(1, "memory/job/1", "pids/job/1"), (1, "memory/job/1")]

    def test_in_a_container_the_mount_begins_at_its_own_group(self, machine):
        said = machine({"memory": "/docker/abc/job"}, [(1, {"memory"}, "/docker/abc", "memory")], {})
        assert said == [(1, "memory/job")]

    def test_without_hierarchies_there_is_nowhere(self, machine):
        assert machine({}, [], {}) == []


class TestCounting:
    def test_too_many_processes_are_a_reason(self, box):
        confined = box.start(
            WAIT
            + """
import threading, time
for _ in range(20):
    threading.Thread(target=time.sleep, args=[60], daemon=True).start()
print("started", flush=True)
time.sleep(60)
"""
        )
        confined.line()
        watcher = Watch(Limits(processes=10), groups=False)
        watcher.add(confined.number)
        assert watcher.poll() is None
        confined.say("")
        assert confined.line() == "started"
        assert watcher.poll() == "it had more than 10 processes and threads"
        watcher.close()
        confined.kill()

    def test_siblings_count_for_nothing(self, box):
        first = box.start(WAIT + "data = bytearray(b'x') * (50 * 2**20); print('done', flush=True); input()")
        second = box.start(WAIT)
        watchers = []
        for confined in (first, second):
            confined.line()
            watchers.append(Watch(SMALL, groups=False))
            watchers[-1].add(confined.number)
        first.say("")
        assert first.line() == "done"
        assert watchers[0].used() > 50 * MEGABYTE
        assert watchers[1].used() < 12 * MEGABYTE
        first.kill()
        first.status()
        # Fewer share the server's pages now, so everyone's share has grown; what is theirs alone has not.
        assert watchers[1].used() < 12 * MEGABYTE
        for watcher in watchers:
            watcher.close()
        second.kill()

    def test_an_exact_count_waits_its_turn(self, box, monkeypatch):
        confined = box.start(WAIT)
        confined.line()
        count = watch.Count(confined.number)
        taken = []
        monkeypatch.setattr(count, "exact", lambda: taken.append(time.sleep(0.05)) or 0)
        assert not count.exceeds(0)
        assert not count.exceeds(0)
        assert len(taken) == 1
        time.sleep(watch.PATIENCE * 0.05 + 0.05)
        assert not count.exceeds(0)
        assert len(taken) == 2
        count.close()
        confined.kill()

    def test_nobody_waits_while_the_machine_is_short_of_memory(self, box, monkeypatch):
        confined = box.start(WAIT)
        confined.line()
        count = watch.Count(confined.number)
        monkeypatch.setattr(count, "exact", lambda: time.sleep(0.05) or 0)
        assert not count.exceeds(0)
        monkeypatch.setattr(watch, "SPARE", 1.1)
        assert count.exceeds(0)
        count.close()
        confined.kill()

    def test_where_the_kernels_own_view_is_out_of_reach_its_descendants_are_walked(self, box):
        confined = box.start(
            "import os, time\nif os.fork() == 0:\n    data = bytearray(b'x') * (20 * 2**20)\n    time.sleep(60)\n"
            "time.sleep(0.3); print('here', flush=True); input()"
        )
        confined.line()
        count = watch.Count(confined.number)
        exact = count.exact()
        assert exact > 20 * MEGABYTE
        count.close()
        assert abs(count.exact() - exact) < 5 * MEGABYTE
        confined.kill()


class TestNumbers:
    def test_a_number_inside_is_translated(self, box):
        confined = box.start(WAIT)
        confined.line()
        status = Path(f"/proc/{confined.number}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("NSpid:"))
        assert line.split()[-2:] == [str(confined.inner), "1"]
        confined.kill()

    def test_one_that_has_ended_is_none(self, box):
        assert outside_number(box.process.pid, 999_999) is None


def test_a_process_without_a_namespace_is_counted_with_its_children_alone():
    """Everything else on this machine, and what lies on its disks, is none of its own."""
    program = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', CHILD]); input()"
    child = "x = b'1' * 150_000_000; print('ready', flush=True); input()"
    command = [sys.executable, "-c", program.replace("CHILD", repr(child))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        watch = Watch(Limits(memory_megabytes=100), groups=False, confined=False)
        watch.add(process.pid)
        assert process.stdout.readline() == b"ready\n"
        assert 150_000_000 < watch.used() < 250_000_000
        assert "100 MB" in watch.poll()
        watch.close()
        process.kill()
    roomy = Watch(Limits(memory_megabytes=100), groups=False, confined=False)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        roomy.add(process.pid)
        assert roomy.poll() is None
        process.kill()
    roomy.close()
