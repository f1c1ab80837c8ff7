"""The filter of system calls: interpreted here instruction by instruction, and tried out in a confined process."""

import errno
import platform

import pytest
from stand_in import Box

from tfcourse.kernels import seccomp
from tfcourse.kernels.limits import Limits

ALLOWED = "allowed"
KILLED = "killed"


def verdict(machine, number, *arguments, audit=None):
    """Run the filter as the kernel does: return what becomes of a call, an error number where it fails."""
    words = {seccomp.NUMBER: number, seccomp.ARCHITECTURE: audit or machine.audit}
    for index, argument in enumerate((*arguments, 0, 0, 0)):
        words[16 + 8 * index] = argument & 0xFFFFFFFF
    program = seccomp.program(machine)
    position, loaded = 0, 0
    while True:
        operation, if_true, if_false, operand = program[position]
        assert 0 <= if_true <= 255
        assert 0 <= if_false <= 255
        position += 1
        if operation == seccomp.LOAD:
            loaded = words[operand]
        elif operation == seccomp.RETURN:
            if operand == seccomp.ALLOW:
                return ALLOWED
            if operand == seccomp.KILL:
                return KILLED
            assert operand & 0xFFFF0000 == seccomp.FAIL
            return operand & 0xFFFF
        else:
            true = {
                seccomp.EQUAL: loaded == operand,
                seccomp.GREATER: loaded > operand,
                seccomp.ANY_BIT: loaded & operand != 0,
            }[operation]
            position += if_true if true else if_false


@pytest.fixture(params=seccomp.MACHINES)
def machine(request):
    return seccomp.MACHINES[request.param]


class TestTheProgram:
    def test_what_is_denied_is_not_permitted_and_all_else_is_allowed(self, machine):
        denied = {row[machine.column] for row in seccomp.DENIED.values()} - {None}
        looked_into = {machine.clone3, machine.socket, machine.socketpair}
        for number in range(seccomp.LAST_KNOWN + 1):
            if number in denied:
                assert verdict(machine, number) == errno.EPERM, number
            elif number not in looked_into:
                assert verdict(machine, number) == ALLOWED, number

    def test_no_number_stands_for_two_calls(self, machine):
        numbers = [row[machine.column] for row in seccomp.DENIED.values() if row[machine.column] is not None]
        others = [machine.clone, machine.clone3, machine.socket, machine.socketpair, machine.personality, machine.ioctl]
        assert len({*numbers, *others}) == len(numbers) + len(others)

    @pytest.mark.parametrize("number", [seccomp.LAST_KNOWN + 1, 0x40000000 + 41, 0xFFFFFFFF])
    def test_future_calls_and_those_of_x32_do_not_exist(self, machine, number):
        assert verdict(machine, number) == errno.ENOSYS

    def test_another_architecture_ends_the_process(self, machine):
        for audit in (0x40000003, 0x40000028, *(m.audit for m in seccomp.MACHINES.values() if m is not machine)):
            assert verdict(machine, 1, audit=audit) == KILLED

    @pytest.mark.parametrize("bit", [17, 25, 26, 27, 28, 29, 30])
    def test_clone_makes_threads_and_processes_but_no_namespace(self, machine, bit):
        signal, thread = 17, 0x3D0F00
        assert verdict(machine, machine.clone, signal) == ALLOWED
        assert verdict(machine, machine.clone, thread) == ALLOWED
        assert verdict(machine, machine.clone, thread | 1 << bit) == errno.EPERM
        assert verdict(machine, machine.clone3) == errno.ENOSYS

    def test_sockets_have_one_of_four_families(self, machine):
        for call in (machine.socket, machine.socketpair):
            for family in range(64):
                expected = ALLOWED if family in (1, 2, 10, 16) else errno.EAFNOSUPPORT
                assert verdict(machine, call, family, 1, 0) == expected, family

    def test_netlink_tells_addresses_and_nothing_else(self, machine):
        for protocol in range(1, 24):
            assert verdict(machine, machine.socket, 16, 3, protocol) == errno.EPROTONOSUPPORT

    def test_nobody_types_into_a_terminal_or_changes_the_personality(self, machine):
        assert verdict(machine, machine.ioctl, 0, 0x5412) == errno.EPERM
        assert verdict(machine, machine.ioctl, 0, 0x541C) == errno.EPERM
        assert verdict(machine, machine.ioctl, 0, 0x5401) == ALLOWED
        assert verdict(machine, machine.personality, 0) == ALLOWED
        assert verdict(machine, machine.personality, 0xFFFFFFFF) == ALLOWED
        assert verdict(machine, machine.personality, 0x0040000) == errno.EPERM

    @pytest.mark.parametrize(
        ("name", "number"),
        [
            ("shmget", 29),
            ("ptrace", 101),
            ("keyctl", 250),
            ("unshare", 272),
            ("memfd_create", 319),
            ("bpf", 321),
            ("userfaultfd", 323),
            ("io_uring_setup", 425),
        ],
    )
    def test_every_call_named_as_dangerous_is_denied(self, name, number):
        """By their numbers in the kernel's table for x86-64, so that our own table is not its own witness."""
        assert verdict(seccomp.MACHINES["x86_64"], number) == errno.EPERM, name


class TestInAConfinedProcess:
    @pytest.mark.parametrize("name", seccomp.DENIED)
    def test_each_denied_call_fails(self, box, name):
        machine = seccomp.MACHINES[platform.machine()]
        number = seccomp.DENIED[name][machine.column]
        if number is None:
            pytest.skip(f"there is no {name} on {platform.machine()}")
        said = box.run(
            f"""
import ctypes
library = ctypes.CDLL(None, use_errno=True)
print(library.syscall({number}, 0, 0, 0, 0, 0, 0), ctypes.get_errno())
"""
        )
        assert said.split() == ["-1", str(errno.EPERM)]

    def test_no_namespace_by_clone_nor_by_clone3(self, box):
        said = box.run(
            f"""
import ctypes
library = ctypes.CDLL(None, use_errno=True)
for flag in (0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000):
    result = library.syscall({seccomp.MACHINES[platform.machine()].clone}, ctypes.c_ulong(flag | 17), 0, 0, 0, 0)
    if result == 0:
        library._exit(0)
    print(result, ctypes.get_errno())
print(library.syscall(435, ctypes.create_string_buffer(88), 88), ctypes.get_errno())
"""
        ).splitlines()
        assert said == [f"-1 {errno.EPERM}"] * 7 + [f"-1 {errno.ENOSYS}"]

    def test_only_ordinary_sockets(self, box):
        said = box.run(
            """
import socket
vsock, alg, packet, bluetooth, can = 40, 38, 17, 31, 29
for family in (vsock, alg, packet, bluetooth, can):
    try:
        socket.socket(family, socket.SOCK_RAW)
    except OSError as error:
        print(error.errno)
print([socket.socket(family).family.value for family in (socket.AF_UNIX, socket.AF_INET, socket.AF_INET6)])
print(len(socket.if_nameindex()))
"""
        ).splitlines()
        assert said == [str(errno.EAFNOSUPPORT)] * 5 + ["[1, 2, 10]", "1"]

    @pytest.mark.skipif(platform.machine() != "x86_64", reason="32-bit calls by int 0x80 are a matter of x86")
    def test_a_32_bit_call_ends_the_process(self, box):
        confined = box.start(
            """
import ctypes, mmap
# mov eax, 20 (getpid); int 0x80; ret
page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
page.write(bytes.fromhex("b814000000cd80c3"))
ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))()
print("went on")
"""
        )
        assert "went on" not in confined.read()
        assert confined.status() == -31  # SIGSYS

    def test_threads_subprocesses_and_multiprocessing_work(self, box):
        said = box.run(
            """
import asyncio, concurrent.futures, multiprocessing, os, subprocess, sys, threading
heard = []
thread = threading.Thread(target=heard.append, args=["thread"])
thread.start()
thread.join()
print(heard)
print(subprocess.run([sys.executable, "-c", "print('subprocess')"], capture_output=True, text=True).stdout.strip())
print(subprocess.run("echo shell | cat", shell=True, capture_output=True, text=True).stdout.strip())
with multiprocessing.get_context("fork").Pool(2) as pool:
    print(pool.map(abs, [-1, -2, -3]))
with concurrent.futures.ThreadPoolExecutor(4) as pool:
    print(list(pool.map(abs, [-4, -5])))
async def program():
    process = await asyncio.create_subprocess_exec("echo", "asyncio", stdout=asyncio.subprocess.PIPE)
    return (await process.communicate())[0].decode().strip()
print(asyncio.run(program()))
from multiprocessing import shared_memory
memory = shared_memory.SharedMemory(create=True, size=1000)
memory.buf[0] = 7
print(memory.buf[0])
memory.close()
memory.unlink()
"""
        )
        assert said.splitlines() == ["['thread']", "subprocess", "shell", "[1, 2, 3]", "[4, 5]", "asyncio", "7"]

    @pytest.mark.slow
    def test_tensorflow_trains_saves_and_loads_a_model(self, needs_sandbox):
        box = Box(environment={"KERAS_HOME": "/tmp", "MPLCONFIGDIR": "/tmp"}, preload=["tensorflow", "keras"])
        try:
            said = box.run(
                """
import keras, numpy as np, os
print(os.getpid())
keras.utils.set_random_seed(1)
x = np.random.default_rng(1).normal(size=(256, 3))
y = x @ np.array([1.0, -2.0, 0.5])
model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
model.compile(optimizer=keras.optimizers.Adam(0.1), loss="mse", jit_compile=True)
print(model.fit(x, y, epochs=20, verbose=0).history["loss"][-1] < 0.05)
model.save("model.keras")
again = keras.models.load_model("model.keras", compile=False)
print(np.allclose(again.predict(x, verbose=0), model.predict(x, verbose=0)))
import tensorflow as tf
print(sum(int(value) for value in tf.data.Dataset.range(10).map(lambda v: v + 1, num_parallel_calls=4).prefetch(2)))
""",
                Limits(),
            )
            assert said.splitlines()[-4:] == ["1", "True", "True", "55"], said
        finally:
            box.close()


class TestAnUnknownMachine:
    def test_is_refused_with_its_name(self, monkeypatch):
        monkeypatch.setattr(platform, "machine", lambda: "riscv64")
        with pytest.raises(OSError, match="found riscv64"):
            seccomp.install()
