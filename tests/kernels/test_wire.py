"""ZeroMQ's protocol by hand: it understands libzmq, and nothing that it hears takes more than it may."""

import asyncio
import os
import socket
import threading
import tracemalloc

import pytest
import zmq

from tfcourse.kernels.wire import LARGEST_MESSAGE, MOST_COMMANDS, MOST_FRAMES, Broken, Channel, TooLarge

GREETING = b"\xff" + bytes(8) + b"\x7f\x03\x00" + b"NULL".ljust(20, b"\0") + bytes(32)
READY = b"\x04\x1a\x05READY\x0bSocket-Type\x00\x00\x00\x04XPUB"


@pytest.fixture
def context():
    context = zmq.Context()
    yield context
    context.destroy(linger=0)


def run(work):
    return asyncio.run(asyncio.wait_for(work, 20))


def bound(context, kind, tmp_path):
    """Return a libzmq socket, and the path where it listens."""
    sock = context.socket(kind)
    sock.setsockopt(zmq.SNDHWM, 0)
    sock.bind(f"ipc://{tmp_path / 's'}")
    return sock, str(tmp_path / "s")


def stranger(tmp_path, *pieces):
    """Listen where a kernel would, say something to the first that calls, and hang up when it does."""
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(tmp_path / "s"))
    server.listen()

    def talk():
        with server, server.accept()[0] as sock:
            try:
                for piece in pieces:
                    sock.sendall(piece)
                while sock.recv(2**16):
                    pass
            except OSError:
                pass

    threading.Thread(target=talk, daemon=True).start()
    return str(tmp_path / "s")


def frame(body, flags=0):
    return bytes((flags | 2,)) + len(body).to_bytes(8, "big") + body


def test_requests_and_replies_arrive_as_they_were(context, tmp_path):
    router, path = bound(context, zmq.ROUTER, tmp_path)
    message = [b"", b"short", b"x" * 255, b"x" * 256, os.urandom(2**20)]

    async def talk():
        channel = await Channel.open(path, "DEALER", b"me")
        channel.send(message)
        heard = await asyncio.to_thread(router.recv_multipart)
        router.send_multipart([heard[0], *reversed(heard[1:])])
        reply = await channel.receive()
        channel.close()
        return heard, reply

    heard, reply = run(talk())
    assert heard == [b"me", *message]
    assert reply == message[::-1]


@pytest.mark.parametrize("kind", [zmq.PUB, zmq.XPUB])
def test_subscriber_hears_everything_in_order(context, tmp_path, kind):
    publisher, path = bound(context, kind, tmp_path)

    async def talk():
        channel = await Channel.open(path, "SUB")
        await asyncio.sleep(0.2)  # libzmq takes note of the subscription
        for number in range(500):
            publisher.send_multipart([b"topic", str(number).encode()])
        heard = [await channel.receive() for _ in range(500)]
        channel.close()
        return heard

    assert run(talk()) == [[b"topic", str(number).encode()] for number in range(500)]


def test_waiting_can_be_cancelled_and_loses_nothing(context, tmp_path):
    router, path = bound(context, zmq.ROUTER, tmp_path)

    async def talk():
        channel = await Channel.open(path, "DEALER", b"me")
        channel.send([b"hello"])
        await asyncio.to_thread(router.recv_multipart)
        heard = []
        for number in range(20):
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(channel.receive(), 0.01)
            router.send_multipart([b"me", bytes([number]) * 2**20])
            heard.append(await channel.receive())
        channel.close()
        return heard

    assert [len(part) for (part,) in run(talk())] == [2**20] * 20


def test_an_endless_message_of_many_frames_takes_no_memory(context, tmp_path):
    router, path = bound(context, zmq.ROUTER, tmp_path)

    async def talk():
        channel = await Channel.open(path, "DEALER", b"me")
        channel.send([b"hello"])
        await asyncio.to_thread(router.recv_multipart)
        tracemalloc.start()
        part = zmq.Frame(bytes(LARGEST_MESSAGE // 2))
        sending = asyncio.to_thread(router.send_multipart, [b"me", *[part] * 100], copy=False)
        _, error = await asyncio.gather(sending, channel.receive(), return_exceptions=True)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return error, peak, channel.ended.done()

    error, peak, ended = run(talk())
    assert isinstance(error, TooLarge)
    assert ended
    assert peak < 3 * LARGEST_MESSAGE


def test_what_nobody_asks_for_is_not_read_ahead(context, tmp_path):
    publisher, path = bound(context, zmq.XPUB, tmp_path)

    async def talk():
        channel = await Channel.open(path, "SUB")
        await asyncio.sleep(0.2)
        part = zmq.Frame(bytes(2**20))
        tracemalloc.start()
        for _ in range(50):
            publisher.send(part, copy=False)
        await asyncio.sleep(0.5)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        heard = [len((await channel.receive())[0]) for _ in range(50)]
        channel.close()
        return peak, heard

    peak, heard = run(talk())
    assert heard == [2**20] * 50
    assert peak < 5 * 2**20


@pytest.mark.parametrize(
    ("pieces", "error"),
    [
        ([b"HTTP/1.1 200 OK" + bytes(100)], Broken),
        ([GREETING[:20]], None),
        ([GREETING.replace(b"NULL\0", b"PLAIN")], Broken),
        ([GREETING.replace(b"\x7f\x03", b"\x7f\x01")], Broken),
        ([GREETING, b"\x00\x05READY"], Broken),
        ([GREETING, b"\x06" + (2**40).to_bytes(8, "big")], Broken),
        ([GREETING, b"\xf0\x00"], Broken),
    ],
)
def test_whoever_shakes_hands_wrongly_is_not_talked_to(tmp_path, pieces, error):
    path = stranger(tmp_path, *pieces)
    with pytest.raises(error or TimeoutError):
        asyncio.run(asyncio.wait_for(Channel.open(path, "SUB"), 2))


@pytest.mark.parametrize(
    ("pieces", "error"),
    [
        ([b"\x02" + (2**63).to_bytes(8, "big")], TooLarge),
        ([b"\x02" + (LARGEST_MESSAGE + 1).to_bytes(8, "big")], TooLarge),
        ([b"\x01\x00" * (MOST_FRAMES + 1)], TooLarge),
        ([b"\x04\x00" * (MOST_COMMANDS + 1)], Broken),
        ([b"\x80\x00"], Broken),
        ([os.urandom(10) + b"\xff" * 100], Broken),
        ([frame(bytes(LARGEST_MESSAGE // 2 + 1), 1)] * 2, TooLarge),
    ],
)
def test_whoever_breaks_the_rules_is_hung_up_on(tmp_path, pieces, error):
    path = stranger(tmp_path, GREETING + READY, *pieces)

    async def talk():
        channel = await Channel.open(path, "SUB")
        with pytest.raises(Broken) as raised:
            await channel.receive()
        with pytest.raises(Broken):
            await channel.receive()  # and it stays so
        channel.close()
        return raised.value

    assert isinstance(run(talk()), error)


def test_what_was_said_before_the_end_is_heard(tmp_path):
    path = stranger(tmp_path, GREETING + READY, frame(b"last words"), b"\x80")

    async def talk():
        channel = await Channel.open(path, "SUB")
        await asyncio.wait_for(asyncio.shield(channel.ended), 5)
        heard = await channel.receive()
        with pytest.raises(Broken):
            await channel.receive()
        return heard

    assert run(talk()) == [b"last words"]
