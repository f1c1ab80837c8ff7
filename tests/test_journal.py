"""A file that only grows: what two writers, threads and a machine that dies can do to it."""

import json
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tfcourse import journal


@pytest.fixture
def path(tmp_path):
    return tmp_path / "folder" / "log.jsonl"


def read(path):
    return [json.loads(line) for line in journal.lines(path)]


def test_an_event_is_a_line_and_the_folder_is_made(path):
    journal.append(path, {"event": "started"})
    journal.append(path, {"event": "ended", "why": "ü\n\r\u2028"}, durable=True)
    assert path.read_bytes().count(b"\n") == 2
    assert read(path) == [{"event": "started"}, {"event": "ended", "why": "ü\n\r\u2028"}]


def test_without_a_file_there_are_no_lines_and_none_is_made(path):
    assert journal.lines(path) == []
    assert not path.parent.exists()


def test_empty_lines_are_none(path):
    path.parent.mkdir()
    path.write_bytes(b"\n\n{}\n\n")
    assert journal.lines(path) == [b"{}"]


@pytest.mark.parametrize("torn", [b'{"event": "sta', b'{"event": "whole"}', b"{", b"\x00" * 30])
def test_half_a_line_of_a_machine_that_died_does_not_take_the_next_along(path, torn):
    journal.append(path, {"event": "first"})
    with path.open("ab") as file:
        file.write(torn)
    journal.append(path, {"event": "next"})
    lines = journal.lines(path)
    assert json.loads(lines[0]) == {"event": "first"}
    assert lines[1] == torn
    assert json.loads(lines[2]) == {"event": "next"}


def test_what_is_there_is_never_written_again(path):
    journal.append(path, {"event": "first"})
    before, inode = path.read_bytes(), path.stat().st_ino
    journal.append(path, {"event": "next"})
    assert path.read_bytes().startswith(before)
    assert path.stat().st_ino == inode


APPEND = """
import sys
from pathlib import Path
from tfcourse import journal

for number in range(100):
    journal.append(Path(sys.argv[1]), {"who": sys.argv[2], "number": number, "more": sys.argv[2] * 20_000})
"""


def test_two_writers_at_once_lose_and_mix_nothing(path):
    running = [subprocess.Popen([sys.executable, "-c", APPEND, str(path), who]) for who in "ab"]
    assert [process.wait(120) for process in running] == [0, 0]
    events = read(path)
    for who in "ab":
        assert [event["number"] for event in events if event["who"] == who] == list(range(100))


def test_only_one_thread_is_inside(path):
    path.parent.mkdir()
    inside, most = [], []

    def enter(number):
        with journal.alone(path):
            inside.append(number)
            most.append(len(inside))
            time.sleep(0.001)  # whoever could enter would do so now
            inside.remove(number)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(enter, range(200)))
    assert set(most) == {1}


def test_files_of_other_names_do_not_wait_for_one_another(path):
    path.parent.mkdir()
    with journal.alone(path), journal.alone(path.with_name("other.jsonl")):
        pass


def test_an_error_inside_lets_the_next_in(path):
    path.parent.mkdir()
    with pytest.raises(ZeroDivisionError), journal.alone(path):
        raise ZeroDivisionError
    with journal.alone(path):
        pass


HOLD = """
import sys
from pathlib import Path
from tfcourse import journal

with journal.alone(Path(sys.argv[1])):
    print("inside", flush=True)
    sys.stdin.read()
"""


@pytest.mark.skipif(journal.fcntl is None, reason="NO LOCKS TESTED: this system has none")
@pytest.mark.parametrize("end", ["leave", "kill"])
def test_only_one_process_is_inside_and_a_dead_one_is_not(path, end):
    path.parent.mkdir()
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    entered = threading.Event()

    def enter():
        with journal.alone(path):
            entered.set()

    with holder:
        assert holder.stdout.readline() == "inside\n"
        thread = threading.Thread(target=enter)
        thread.start()
        assert not entered.wait(0.3)
        holder.stdin.close() if end == "leave" else holder.kill()
        assert entered.wait(60)
        thread.join()
