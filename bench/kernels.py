"""How soon a kernel is ready, and what it costs in memory: warm and confined, beside cold."""

from __future__ import annotations

import asyncio
import os
import statistics
import time
from pathlib import Path

from jupyter_client.manager import AsyncKernelManager

from tfcourse.grading.client import connect
from tfcourse.grading.engine import Engine
from tfcourse.kernels.hosted import host_kernel
from tfcourse.kernels.limits import Limits

IMPORT = "import tensorflow"
WARM, COLD, AT_ONCE = 15, 5, 4


def ready() -> dict:
    """Return seconds from asking for a kernel until `import tensorflow` has run in it, in turn."""
    return asyncio.run(_ready())


async def _ready() -> dict:
    seconds: dict[str, list[float]] = {"warm, confined": [], "cold": []}
    memory: list[float] = []
    async with Engine(None, workers=AT_ONCE) as engine:
        await engine.server()
        for turn in range(WARM):
            began = time.perf_counter()
            kernel, client = await _warm(engine)
            seconds["warm, confined"].append(time.perf_counter() - began)
            client.stop_channels()
            await asyncio.to_thread(kernel.close)
            if turn % (WARM // COLD) == 0:
                began = time.perf_counter()
                manager = AsyncKernelManager(kernel_name="python3")
                await manager.start_kernel()
                client = manager.client()
                client.start_channels()
                await client.wait_for_ready(timeout=120)
                await _run(client, IMPORT)
                seconds["cold"].append(time.perf_counter() - began)
                if turn == 0:
                    memory.append(_private(manager.provisioner.pid))
                client.stop_channels()
                await manager.shutdown_kernel(now=True)
        kernels = [await _warm(engine) for _ in range(AT_ONCE)]
        warm = []
        for kernel, client in kernels:
            reply = await _run(client, "print(__import__('os').getpid())")
            del reply
            warm.append(_private(_process_of(kernel)))
        for kernel, client in kernels:
            client.stop_channels()
            await asyncio.to_thread(kernel.close)
    return {
        "seconds": {name: [round(value, 3) for value in values] for name, values in seconds.items()},
        "median": {name: round(statistics.median(values), 3) for name, values in seconds.items()},
        "private_megabytes": {"each of four warm": [round(value) for value in warm], "cold": round(memory[0])},
    }


async def _warm(engine: Engine):
    uid = engine._uids.get_nowait()
    kernel = await host_kernel(
        await engine.server(), limits=Limits(), confined=engine.confined, uid=uid, environment={"PATH": "/usr/bin"}
    )
    engine._uids.put(uid)
    client = await connect(kernel.connection)
    await _run(client, IMPORT)
    return kernel, client


async def _run(client, code: str):
    message = client.execute(code)
    while True:
        reply = await client.shell_channel.get_msg(timeout=120)
        if reply["parent_header"].get("msg_id") == message:
            assert reply["content"]["status"] == "ok", reply["content"]
            return reply


def _process_of(kernel) -> int:
    """Return the kernel's process, as numbered here: the one that works in its folder."""
    folder = os.fstat(kernel.hosted.folder)
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                found = os.stat(f"/proc/{entry.name}/cwd")
            except OSError:
                continue
            if (found.st_dev, found.st_ino) == (folder.st_dev, folder.st_ino):
                return int(entry.name)
    raise LookupError("the kernel's process")


def _private(process: int) -> float:
    """Return the megabytes that a process shares with nobody."""
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith(("Private_Clean", "Private_Dirty"))) / 1024


if __name__ == "__main__":
    print(ready())
