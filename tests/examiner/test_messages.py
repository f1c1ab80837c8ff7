"""The wire: what is sent arrives as it was, and what is wrong is a ProtocolError, whatever it is."""

import json
import random
import socket
import struct
import threading
import tracemalloc

import numpy as np
import pytest

from tfcourse.errors import GraderBroken
from tfcourse.examiner.messages import (
    MOST_PARTS,
    ConnectionEnded,
    Message,
    ProtocolError,
    encode,
    receive,
    send,
)

MOST = 2**20
ARRAYS = [
    np.arange(6, dtype="float32").reshape(2, 3),
    np.arange(6, dtype=">i8")[::2],
    np.asfortranarray(np.arange(12.0).reshape(3, 4)),
    np.array(3.5),
    np.array(True),
    np.zeros((0, 3), "uint8"),
    np.zeros((3, 0, 2)),
    np.array(["grün", "", "two\nlines"]),
    np.array([], dtype=str),
    np.zeros(3, "U0"),
    np.array([b"raw", b"bytes"]),
    np.array([1 + 2j, 0]),
    np.array([np.nan, np.inf, -0.0]),
    np.array([1, 2], np.longdouble),
    np.array([1, 2], np.float16),
    np.ones((1,) * 32, "int8"),
]


@pytest.fixture
def pair():
    ours, theirs = socket.socketpair()
    for end in (ours, theirs):
        end.settimeout(10)
    with ours, theirs:
        yield ours, theirs


def through(pair, data, most_bytes=MOST):
    """Send bytes, hang up, and return what is received."""
    ours, theirs = pair

    def write():
        # Who refuses a message does not read it to its end.
        try:
            ours.sendall(data)
            ours.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    writer = threading.Thread(target=write)
    writer.start()
    try:
        return receive(theirs, most_bytes)
    finally:
        theirs.close()
        writer.join(10)
        assert not writer.is_alive()


def test_a_message_arrives_as_it_was(pair):
    header = {"type": "open", "check": "week05.signs_cnn", "text": "grün\u2028\x00", "numbers": [1, -2.5, None, True]}
    found = through(pair, encode(header, ARRAYS, [b"", b"\x00\xff" * 1000]))
    assert found.header == header
    assert found.blobs == (b"", b"\x00\xff" * 1000)
    for sent, array in zip(ARRAYS, found.arrays, strict=True):
        assert array.shape == sent.shape
        assert array.dtype.kind == sent.dtype.kind
        np.testing.assert_array_equal(array, sent)
        assert array.flags.aligned


def test_arrays_that_arrive_are_the_kernels_own(pair):
    (array,) = through(pair, encode({}, [np.zeros(3)])).arrays
    array += 1
    assert array.tolist() == [1, 1, 1]


def test_small_floats_of_tensorflow_become_float32(pair):
    import ml_dtypes

    sent = np.array([1.5, -2.0], ml_dtypes.bfloat16)
    (found,) = through(pair, encode({}, [sent])).arrays
    assert (found.dtype, found.tolist()) == (np.float32, [1.5, -2.0])


def test_an_array_is_a_npy_file_that_numpy_reads():
    import io

    data = encode({}, [ARRAYS[0]])
    found = np.load(io.BytesIO(data[data.index(b"\x93NUMPY") :]), allow_pickle=False)
    np.testing.assert_array_equal(found, ARRAYS[0])


def test_what_numpy_writes_is_read(pair):
    import io

    for array in (np.arange(3), np.zeros((2, 3)), np.array(1.0), np.array(["a"])):
        file = io.BytesIO()
        np.save(file, array)
        (found,) = through(socket.socketpair(), frame(parts=[file.getvalue()])).arrays
        np.testing.assert_array_equal(found, array)


def test_messages_follow_each_other(pair):
    ours, theirs = pair
    for number in range(3):
        send(ours, {"number": number}, [np.full(number, number)])
    assert [receive(theirs, MOST).header["number"] for _ in range(3)] == [0, 1, 2]


@pytest.mark.parametrize(
    "array",
    [
        np.array([{}, None]),
        np.array([("a", 1)], dtype=[("name", "U1"), ("value", "i4")]),
        np.array(["2026-01-01"], "datetime64[D]"),
        np.array([1], "timedelta64[s]"),
        np.array([b"12"], "V2"),
    ],
    ids=["objects", "records", "dates", "durations", "raw"],
)
def test_what_is_no_number_and_no_text_is_not_sent(array):
    with pytest.raises(GraderBroken, match="Expected arrays of numbers or text; found dtype"):
        encode({}, [array])


@pytest.mark.parametrize("header", [{"x": float("nan")}, {"x": float("inf")}, {"x": b""}, {"x": 10**5000}, {1j: 0}])
def test_what_is_no_json_is_not_sent(header):
    with pytest.raises(GraderBroken, match="Expected a message of plain JSON values"):
        encode(header)


def test_hanging_up_between_messages_is_told_apart(pair):
    with pytest.raises(ConnectionEnded):
        through(pair, b"")


def test_sending_to_nobody(pair):
    ours, theirs = pair
    theirs.close()
    with pytest.raises(ConnectionEnded):
        send(ours, {}, [np.zeros(2**20)])


# ---------------------------------------------------------------------------- what is refused


def frame(header=None, parts=(), *, text=None, magic=b"TFC1", header_size=None, size=None, arrays=None, blobs=()):
    """Return a frame, any piece of which may be a lie."""
    body = b"".join(part + bytes(-len(part) % 64) for part in parts)
    arrays = [len(part) for part in parts] if arrays is None else arrays
    envelope = {"header": {} if header is None else header, "arrays": arrays, "blobs": list(blobs)}
    text = json.dumps(envelope).encode() if text is None else text
    lengths = (len(text) if header_size is None else header_size, len(body) if size is None else size)
    return struct.pack("!4sIQ", magic, *lengths) + text + body


def npy(descr="'<f8'", shape="(2,)", data=bytes(16), fortran="False", magic=b"\x93NUMPY\x01\x00", text=None):
    text = f"{{'descr': {descr}, 'fortran_order': {fortran}, 'shape': {shape}, }}\n" if text is None else text
    return magic + struct.pack("<H", len(text)) + text.encode("latin-1") + data


FORGED = {
    "another magic": frame(magic=b"HTTP"),
    "a header of 4 GB": frame(header_size=2**32 - 1),
    "a body of 2**64 bytes": frame(size=2**64 - 1),
    "a body one byte too large": frame(size=MOST + 1),
    "a body that never comes": frame(size=MOST, arrays=[MOST]),
    "a header that never comes": frame(header_size=2**20),
    "a body without parts": frame(size=64) + bytes(64),
    "parts without a body": frame(arrays=[64]),
    "parts of negative size": frame(arrays=[128, -64], parts=[bytes(64)]),
    "parts of a size that is none": frame(arrays=[64.0], parts=[bytes(64)]),
    "parts of size true": frame(arrays=[True], parts=[b"x"]),
    "more parts than are allowed": frame(arrays=[0] * (MOST_PARTS + 1)),
    "sizes that are no list": frame(arrays={"0": 64}, parts=[bytes(64)]),
    "no JSON": frame(text=b"{'header': 1}"),
    "no UTF-8": frame(text=b'{"header": "\xff"}'),
    "a list": frame(text=b"[]"),
    "another envelope": frame(text=b'{"header": {}, "arrays": []}'),
    "a header that is no dict": frame(header=[1]),
    "NaN": frame(text=b'{"header": {"x": NaN}, "arrays": [], "blobs": []}'),
    "a bracket avalanche": frame(text=b"[" * 200_000),
    "a number avalanche": frame(text=b'{"header": {"x": ' + b"9" * 100_000 + b'}, "arrays": [], "blobs": []}'),
    "no npy": frame(parts=[b"PK\x03\x04" + bytes(60)]),
    "an empty npy": frame(parts=[b""]),
    "npy 3.0": frame(parts=[npy(magic=b"\x93NUMPY\x03\x00")]),
    "a pickle": frame(parts=[npy(descr="'|O'")]),
    "records": frame(parts=[npy(descr="[('a', '<f8')]")]),
    "dates": frame(parts=[npy(descr="'<M8[s]'")]),
    "raw data": frame(parts=[npy(descr="'|V8'")]),
    "a dtype that there is not": frame(parts=[npy(descr="'<f5'")]),
    "an integer of 16 bytes": frame(parts=[npy(descr="'<i16'", shape="(1,)")]),
    "text of no width and any shape": frame(parts=[npy(descr="'<U0'", shape="(1000000000000,)", data=b"")]),
    "text of any width": frame(parts=[npy(descr="'<U999999999'", shape="(0,)", data=b"")]),
    "Fortran's order": frame(parts=[npy(fortran="True")]),
    "a shape larger than its data": frame(parts=[npy(shape="(3,)")]),
    "a shape smaller than its data": frame(parts=[npy(shape="(1,)")]),
    "a shape beyond all memory": frame(parts=[npy(shape="(1099511627776, 1099511627776)")]),
    "a shape of no elements beyond all memory": frame(parts=[npy(shape="(0, 9999999999999)", data=b"")]),
    "33 dimensions": frame(parts=[npy(shape="(" + "1, " * 33 + ")", data=bytes(8))]),
    "a negative shape": frame(parts=[npy(shape="(-2,)")]),
    "code for a shape": frame(parts=[npy(shape="__import__('os').getpid(),")]),
    "nested brackets": frame(parts=[npy(text="{'descr': " + "(" * 9_000)]),
    "a header longer than the file": frame(parts=[b"\x93NUMPY\x01\x00\xff\xff"]),
    "booleans that are neither": frame(parts=[npy(descr="'|b1'", data=b"\x01\xff")]),
    "text that is no text": frame(parts=[npy(descr="'<U2'", data=b"\xff" * 16)]),
    "a half prefix": b"TFC1\x00",
    "a browser": b"GET / HTTP/1.1\r\nHost: examiner\r\n\r\n",
}


@pytest.mark.parametrize("data", FORGED.values(), ids=FORGED)
def test_forged_messages_are_refused_at_little_cost(pair, data):
    tracemalloc.start()
    try:
        with pytest.raises(ProtocolError) as refused:
            through(pair, data)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert not isinstance(refused.value, ConnectionEnded)
    assert len(str(refused.value)) < 5_000
    assert peak < 16 * 2**20


@pytest.mark.parametrize("seed", range(300))
def test_no_damage_gives_anything_but_a_message_or_a_protocol_error(pair, seed):
    """Random bytes, and messages with random bytes changed, cut out, put in, or cut off."""
    rng = random.Random(seed)
    whole = encode({"type": "answer", "check": "week01.double", "values": [1, [2.5, None]]}, ARRAYS[:8], [b"abc"])
    data = bytearray(rng.randbytes(rng.randrange(300)) if seed % 5 == 0 else whole)
    for _ in range(rng.randrange(1, 6) if seed % 5 else 0):
        at = rng.randrange(len(data))
        change = rng.randrange(4)
        if change == 0:
            data[at] = rng.randrange(256)
        elif change == 1:
            del data[at : at + rng.randrange(1, 40)]
        elif change == 2:
            data[at:at] = rng.randbytes(rng.randrange(1, 40))
        else:
            del data[at:]
        if not data:
            break
    try:
        found = through(pair, bytes(data))
    except ProtocolError:
        return
    assert isinstance(found, Message)
    for array in found.arrays:
        assert array.dtype.kind in "biufcSU"
        array.tolist()
