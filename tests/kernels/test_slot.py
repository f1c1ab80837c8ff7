"""A working folder seen from outside: no path leads anywhere else."""

import os
import socket

import pytest

from tfcourse.kernels import slot


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "slot").mkdir()
    descriptor = os.open(tmp_path / "slot", os.O_RDONLY | os.O_DIRECTORY)
    yield descriptor
    os.close(descriptor)


def test_files_come_back_as_they_went_in(folder):
    files = {"data.csv": b"a,b\n1,2\n", "folder/deep/more.bin": bytes(range(256)), "empty": b""}
    slot.put(folder, files)
    assert slot.take(folder, 1000) == (files, True)


@pytest.mark.parametrize("path", ["../out", "/etc/motd", "a/../../b", "a//b", "", ".", "a/."])
def test_no_path_leads_out(folder, path):
    with pytest.raises(ValueError, match="within the folder"):
        slot.put(folder, {path: b"x"})


def test_a_link_in_the_way_is_not_followed(folder, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    os.symlink(tmp_path / "elsewhere", "link", dir_fd=folder)
    with pytest.raises(OSError):
        slot.put(folder, {"link/file": b"x"})
    os.symlink(tmp_path / "target", "file", dir_fd=folder)
    with pytest.raises(OSError):
        slot.put(folder, {"file": b"x"})
    assert list((tmp_path / "elsewhere").iterdir()) == []
    assert not (tmp_path / "target").exists()


def test_only_regular_files_are_taken(folder, tmp_path):
    (tmp_path / "secret").write_text("key")
    slot.put(folder, {"kept": b"1", "__pycache__/left.pyc": b"2", ".ipynb_checkpoints/left.ipynb": b"3"})
    os.symlink(tmp_path / "secret", "link", dir_fd=folder)
    os.symlink(tmp_path, "folder", dir_fd=folder)
    os.mkfifo(tmp_path / "slot" / "pipe")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "slot" / "s"))
        assert slot.take(folder, 1000) == ({"kept": b"1"}, False)


def test_what_does_not_fit_is_left_out(folder):
    slot.put(folder, {"a": b"1" * 60, "b": b"2" * 60, "c": b"3" * 30})
    assert slot.take(folder, 100) == ({"a": b"1" * 60, "c": b"3" * 30}, False)
    assert slot.take(folder, 1000, most_files=2) == ({"a": b"1" * 60, "b": b"2" * 60}, False)


def test_a_sparse_file_costs_no_memory(folder):
    with open(os.open("huge", os.O_CREAT | os.O_WRONLY, dir_fd=folder), "wb") as file:
        file.truncate(2**40)
    assert slot.take(folder, 1000) == ({}, False)


def test_a_name_that_is_no_text_is_left_out(folder):
    os.close(os.open(b"\xff\xfe", os.O_CREAT | os.O_WRONLY, dir_fd=folder))
    slot.put(folder, {"kept": b"1"})
    files, _ = slot.take(folder, 1000)
    assert files == {"kept": b"1"}


def test_a_tree_without_an_end_is_cut(folder):
    where = os.dup(folder)
    for _ in range(200):
        os.mkdir("d", dir_fd=where)
        deeper = os.open("d", os.O_RDONLY | os.O_DIRECTORY, dir_fd=where)
        os.close(where)
        where = deeper
    os.close(where)
    slot.put(folder, {"kept": b"1"})
    assert slot.take(folder, 1000) == ({"kept": b"1"}, False)
