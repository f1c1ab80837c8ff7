"""ZeroMQ's protocol by hand, at the owner's end of a kernel that nobody trusts.

libzmq bounds each frame of a message, but neither the frames of one message nor their sum: a kernel that sends one
frame again and again as "more to come" fills its owner's memory without using any of its own. Here a message is
bounded as a whole, nothing is read ahead, and no C code parses what a stranger wrote.

ZMTP 3.0 (https://rfc.zeromq.org/spec/23/), over Unix sockets, without a mechanism: what `DEALER` and `SUB` need.
"""

from __future__ import annotations

import asyncio
import contextlib
import struct
from typing import Literal

LARGEST_MESSAGE = 8 * 2**20
"""Bytes of a message from a kernel, all frames together. A larger one ends the connection."""
MOST_FRAMES = 1_000
MOST_COMMANDS = 100
"""Commands of the protocol itself that are passed over; an honest peer sends none."""
_MORE, _LONG, _COMMAND = 1, 2, 4
_SIGNATURE = b"\xff" + bytes(8) + b"\x7f"
_GREETING = _SIGNATURE + b"\x03\x00" + b"NULL".ljust(20, b"\0") + bytes(32)
_LARGEST_COMMAND = 2**16


class Broken(Exception):
    """The connection has ended."""


class TooLarge(Broken):
    """A message is larger than `LARGEST_MESSAGE`, or has more frames than `MOST_FRAMES`."""


class Channel:
    """One connection to a kernel's socket.

    ::

        channel = await Channel.open("/run/k-1", "DEALER")
        channel.send([b"a", b"message"])
        reply = await channel.receive()
        channel.close()

    Attributes:
        ended: Done when the connection has ended; holds why.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self.ended: asyncio.Future[Broken] = asyncio.get_running_loop().create_future()
        # One message at a time: what waits longer waits in the kernel, and counts as the kernel's memory.
        self._received: asyncio.Queue[list[bytes] | None] = asyncio.Queue(1)
        self._task: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, path: str, kind: Literal["DEALER", "SUB"], identity: bytes = b"") -> Channel:
        """Connect, and shake hands; `SUB` subscribes to everything.

        Args:
            path: Of the Unix socket.
            kind: What the other end is to take us for.
            identity: What it is to call us.

        Raises:
            Broken: Whoever is there does not speak this protocol, or hung up.
            OSError: Nobody is there.
        """
        channel = cls(*await asyncio.open_unix_connection(path))
        try:
            await channel._shake_hands(kind, identity)
        except BaseException:
            channel.close()
            raise
        channel._task = asyncio.create_task(channel._receive())
        return channel

    def send(self, frames: list[bytes]) -> None:
        """Send one message."""
        for index, frame in enumerate(frames):
            self._write(frame, _MORE if index + 1 < len(frames) else 0)

    async def receive(self) -> list[bytes]:
        """Wait for the next message. Nothing is lost where the waiting is cancelled.

        Raises:
            Broken: The connection has ended; or `TooLarge`.
        """
        frames = None if self.ended.done() and self._received.empty() else await self._received.get()
        if frames is None:
            raise self.ended.result()
        return frames

    def close(self) -> None:
        """Hang up."""
        if self._task is not None:
            self._task.cancel()
        self._end(Broken("closed"))
        self._writer.close()

    async def _shake_hands(self, kind: str, identity: bytes) -> None:
        self._writer.write(_GREETING)
        try:
            greeting = await self._reader.readexactly(len(_GREETING))
            if (
                greeting[0] != 0xFF
                or greeting[9] != 0x7F
                or greeting[10] < 3
                or not greeting[12:].startswith(b"NULL\0")
            ):
                raise Broken(f"Expected ZeroMQ's greeting; found {greeting[:12]!r}.")
            properties = {b"Socket-Type": kind.encode(), b"Identity": identity}
            ready = b"\x05READY" + b"".join(
                struct.pack("!B", len(name)) + name + struct.pack("!I", len(value)) + value
                for name, value in properties.items()
            )
            self._write(ready, _COMMAND)
            flags, body = await self._frame(_LARGEST_COMMAND)
        except (asyncio.IncompleteReadError, OSError) as error:
            raise Broken(f"The connection ended in the handshake: {error!r}") from error
        if not flags & _COMMAND or not body.startswith(b"\x05READY"):
            raise Broken(f"Expected ZeroMQ's handshake; found {body[:20]!r}.")
        if kind == "SUB":
            self.send([b"\x01"])

    async def _receive(self) -> None:
        """Take messages as they are asked for, until the connection ends."""
        frames: list[bytes] = []
        left = LARGEST_MESSAGE
        commands = 0
        try:
            while True:
                flags, body = await self._frame(left)
                if flags & _COMMAND:
                    commands += 1
                    if commands > MOST_COMMANDS:
                        raise Broken(f"more than {MOST_COMMANDS} commands")  # noqa: TRY301
                    continue  # nothing that concerns us
                frames.append(body)
                left -= len(body)
                if len(frames) > MOST_FRAMES:
                    raise TooLarge(f"a message of more than {MOST_FRAMES} frames")
                if not flags & _MORE:
                    await self._received.put(frames)
                    frames, left = [], LARGEST_MESSAGE
        except Broken as error:
            self._end(error)
        except (asyncio.IncompleteReadError, OSError) as error:
            self._end(Broken(f"the other end hung up: {error!r}"))
        # Whoever waits is told; a message that waits is still to be had.
        with contextlib.suppress(asyncio.QueueFull):
            self._received.put_nowait(None)
        self._writer.close()

    async def _frame(self, most: int) -> tuple[int, bytes]:
        """Read one frame of at most `most` bytes: its flags and its body."""
        (flags,) = await self._reader.readexactly(1)
        if flags & ~(_MORE | _LONG | _COMMAND):
            raise Broken(f"Expected a frame's flags; found {flags:#x}.")
        size = int.from_bytes(await self._reader.readexactly(8 if flags & _LONG else 1), "big")
        if size > most:
            raise TooLarge(f"a message of more than {LARGEST_MESSAGE >> 20} MB")
        return flags, await self._reader.readexactly(size)

    def _write(self, body: bytes, flags: int) -> None:
        if len(body) < 256:
            self._writer.write(bytes((flags, len(body))))
        else:
            self._writer.write(bytes((flags | _LONG,)) + struct.pack("!Q", len(body)))
        self._writer.write(body)

    def _end(self, why: Broken) -> None:
        if not self.ended.done():
            self.ended.set_result(why)
