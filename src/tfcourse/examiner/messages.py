"""The wire between a kernel and the examiner: frames of a JSON header, ``.npy`` arrays and raw bytes.

A frame is::

    prefix    4 bytes "TFC1", length of the header (4 bytes), length of the body (8 bytes), big-endian
    header    UTF-8 JSON: {"header": …, "arrays": [bytes of each], "blobs": [bytes of each]}
    body      the arrays as .npy files, then the blobs, each at the next multiple of 64 bytes

The other end may be anybody's code. So whatever is declared is compared with a bound before memory is
taken for it, nothing is ever unpickled or evaluated, and whatever is wrong is a `ProtocolError`.
"""

from __future__ import annotations

import json
import math
import re
import socket
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tfcourse.checks.records import Array
from tfcourse.errors import GraderBroken, TfcourseError

MOST_HEADER = 2**20
"""Bytes of a header that are accepted from a learner's process."""
MOST_PARTS = 20_000
"""Arrays and blobs of one message."""
_MAGIC = b"TFC1"
_PREFIX = struct.Struct("!4sIQ")
_ALIGNMENT = 64
_CHUNK = 2**20
_MOST_DIMENSIONS = 32
_LARGEST_DIMENSION = 2**40
_NPY_MAGIC = b"\x93NUMPY\x01\x00"
_NPY_HEADER = re.compile(
    r"\{'descr': '(?P<dtype>[<|][biufcSU]\d{1,9})', 'fortran_order': False, "
    r"'shape': \((?P<shape>(?:\d{1,13}, ?)*(?:\d{1,13})?),?\), \} *\n"
)
"""What NumPy itself writes for a plain array. NumPy reads this with Python's parser; we do not."""
_WIDTHS = {
    "b": {1},
    "i": {1, 2, 4, 8},
    "u": {1, 2, 4, 8},
    "f": {2, 4, 8, np.dtype(np.longdouble).itemsize},
    "c": {8, 16, np.dtype(np.clongdouble).itemsize},
}
_LARGEST_CODE_POINT = 0x10FFFF


class ProtocolError(TfcourseError):
    """The other end of a socket sent what it must not. No verdict on anybody: who receives it decides."""


class ConnectionEnded(ProtocolError):
    """The other end has hung up, between two messages."""


@dataclass(frozen=True)
class Message:
    """One message, as it was received.

    Args:
        header: Plain JSON values; what they mean is still to be checked.
        arrays: Of plain dtypes: booleans, numbers and text.
        blobs: Raw bytes.
        size: Bytes of the body.
    """

    header: Mapping[str, Any]
    arrays: tuple[Array, ...] = ()
    blobs: tuple[bytes, ...] = ()
    size: int = 0


def encode(header: Mapping[str, Any], arrays: Sequence[Array] = (), blobs: Sequence[bytes] = ()) -> bytes:
    """Return one message as bytes.

    Args:
        header: JSON values; no NaN and no infinity.
        arrays: Of booleans, numbers or text. TensorFlow's small floats become float32, which holds them exactly.
        blobs: Raw bytes.

    Raises:
        GraderBroken: Something of it cannot be sent.
    """
    parts = [_encode_array(array) for array in arrays] + [bytes(blob) for blob in blobs]
    sizes = [len(part) for part in parts]
    envelope = {"header": header, "arrays": sizes[: len(arrays)], "blobs": sizes[len(arrays) :]}
    try:
        text = json.dumps(envelope, allow_nan=False, separators=(",", ":")).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise GraderBroken(f"Expected a message of plain JSON values; found: {error}.") from error
    body = [piece for part in parts for piece in (part, bytes(-len(part) % _ALIGNMENT))]
    size = sum(map(len, body))
    if len(text) >= 2**32:
        raise GraderBroken(f"Expected a message's header below 4 GB; found {len(text):,} bytes.")
    return b"".join([_PREFIX.pack(_MAGIC, len(text), size), text, *body])


def send(
    sock: socket.socket, header: Mapping[str, Any], arrays: Sequence[Array] = (), blobs: Sequence[bytes] = ()
) -> None:
    """Send one message.

    Raises:
        GraderBroken: Something of it cannot be sent.
        ConnectionEnded: The other end has hung up.
    """
    send_encoded(sock, encode(header, arrays, blobs))


def send_encoded(sock: socket.socket, message: bytes) -> None:
    """Send what `encode` returned.

    Raises:
        ConnectionEnded: The other end has hung up.
    """
    try:
        sock.sendall(message)
    except OSError as error:
        raise ConnectionEnded(f"Expected to send a message; the connection is broken: {error}.") from error


def receive(sock: socket.socket, most_bytes: int, *, most_header: int = MOST_HEADER) -> Message:
    """Wait for one message.

    Args:
        sock: A blocking stream socket.
        most_bytes: Largest body that is accepted.
        most_header: Largest header that is accepted.

    Raises:
        ConnectionEnded: The other end has hung up.
        ProtocolError: What came is no message, or too large.
    """

    def read(count: int, *, first: bool = False) -> memoryview:
        return _read(sock, count, may_end=first)

    return _message(read, most_bytes, most_header)


def decode(content: bytes) -> Message:
    """Return what `encode` returned as bytes: of a file of ours, say.

    Raises:
        ProtocolError: It is no message.
    """
    left = memoryview(content)

    def read(count: int, *, first: bool = False) -> memoryview:
        nonlocal left
        piece, left = left[:count], left[count:]
        if len(piece) < count:
            raise ProtocolError(f"Expected {count:,} bytes; found {len(piece):,}.")
        return piece

    return _message(read, len(content), len(content))


def _message(read: Any, most_bytes: int, most_header: int) -> Message:
    magic, header_size, size = _PREFIX.unpack(read(_PREFIX.size, first=True))
    if magic != _MAGIC:
        raise ProtocolError(f"Expected a message; found bytes that begin with {bytes(magic)!r}.")
    if header_size > most_header:
        raise ProtocolError(f"Expected a header of at most {most_header:,} bytes; found {header_size:,} declared.")
    if size > most_bytes:
        raise ProtocolError(f"Expected a message of at most {most_bytes:,} bytes; found {size:,} declared.")
    envelope = _parse_json(bytes(read(header_size)))
    array_sizes, blob_sizes = _sizes(envelope, "arrays"), _sizes(envelope, "blobs")
    padded = [part + -part % _ALIGNMENT for part in array_sizes + blob_sizes]
    if len(padded) > MOST_PARTS:
        raise ProtocolError(f"Expected at most {MOST_PARTS:,} parts; found {len(padded):,}.")
    if sum(padded) != size:
        raise ProtocolError(f"Expected parts of {size:,} bytes together, as declared; found {sum(padded):,}.")
    header = envelope["header"]
    if not isinstance(header, dict):
        raise ProtocolError(f"Expected a header of named values; found {type(header).__name__}.")
    pieces = list(_cut(read(size), array_sizes + blob_sizes, padded))
    arrays = tuple(_decode_array(piece) for piece in pieces[: len(array_sizes)])
    return Message(header, arrays, tuple(bytes(piece) for piece in pieces[len(array_sizes) :]), size)


def _read(sock: socket.socket, count: int, *, may_end: bool = False) -> memoryview:
    """Read exactly `count` bytes. Memory that nothing is written to is not taken from the machine."""
    buffer = np.empty(count, np.uint8).data
    done = 0
    while done < count:
        try:
            received = sock.recv_into(buffer[done:], min(count - done, _CHUNK))
        except OSError as error:
            raise ConnectionEnded(f"The connection is broken: {error}.") from error
        if not received:
            if may_end and not done:
                raise ConnectionEnded("The other end has hung up.")
            raise ProtocolError(f"Expected {count:,} bytes; the connection ended after {done:,}.")
        done += received
    return buffer


def _parse_json(text: bytes) -> dict[str, Any]:
    try:
        found = json.loads(text.decode("utf-8"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise ProtocolError(f"Expected a header in JSON; found: {error}.") from error
    if not isinstance(found, dict) or set(found) != {"header", "arrays", "blobs"}:
        raise ProtocolError("Expected an envelope with header, arrays and blobs; found something else.")
    return found


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _sizes(envelope: Mapping[str, Any], name: str) -> list[int]:
    sizes = envelope[name]
    if not isinstance(sizes, list) or not all(type(size) is int and 0 <= size < 2**62 for size in sizes):
        raise ProtocolError(f"Expected the sizes of {name}; found something else.")
    return sizes


def _cut(body: memoryview, sizes: Iterable[int], padded: Iterable[int]) -> Iterable[memoryview]:
    at = 0
    for size, step in zip(sizes, padded, strict=True):
        yield body[at : at + size]
        at += step


def _encode_array(array: Array) -> bytes:
    if array.dtype.kind == "V" and array.dtype.type is not np.void:
        array = array.astype(np.float32)  # bfloat16 and its like, which .npy files do not know
    if array.dtype.kind == "U" and array.dtype.itemsize == 0:
        array = array.astype("U1")
    if array.dtype.kind not in "biufcSU" or array.dtype.itemsize == 0:
        raise GraderBroken(f"Expected arrays of numbers or text; found dtype {array.dtype}.")
    array = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<")).reshape(array.shape)
    shape = f"({array.shape[0]},)" if array.ndim == 1 else str(array.shape)
    text = f"{{'descr': '{array.dtype.str}', 'fortran_order': False, 'shape': {shape}, }}"
    padding = -(len(_NPY_MAGIC) + 2 + len(text) + 1) % _ALIGNMENT
    line = f"{text}{' ' * padding}\n".encode("ascii")
    return b"".join([_NPY_MAGIC, struct.pack("<H", len(line)), line, array.tobytes()])


def _decode_array(part: memoryview) -> Array:
    start = len(_NPY_MAGIC) + 2
    if len(part) < start or bytes(part[: len(_NPY_MAGIC)]) != _NPY_MAGIC:
        raise ProtocolError("Expected an array in the .npy format, version 1.0; found something else.")
    (length,) = struct.unpack("<H", part[len(_NPY_MAGIC) : start])
    found = _NPY_HEADER.fullmatch(bytes(part[start : start + length]).decode("latin-1"))
    if found is None:
        raise ProtocolError("Expected a plain array of numbers or text; found another .npy header.")
    dtype = _dtype(found["dtype"])
    shape = tuple(int(size) for size in found["shape"].replace(" ", "").split(",") if size)
    if len(shape) > _MOST_DIMENSIONS or any(size > _LARGEST_DIMENSION for size in shape):
        raise ProtocolError(f"Expected an array of a shape that can be; found {shape}.")
    data = part[start + length :]
    if math.prod(shape) * dtype.itemsize != len(data):
        raise ProtocolError(f"Expected {math.prod(shape) * dtype.itemsize:,} bytes of data; found {len(data):,}.")
    try:
        array = np.frombuffer(data, dtype=dtype).reshape(shape) if len(data) else np.empty(shape, dtype)
    except (ValueError, OverflowError, MemoryError) as error:
        raise ProtocolError(f"Expected an array of a shape that can be; found {shape}.") from error
    _check_values(array, data)
    return array


def _dtype(name: str) -> np.dtype[Any]:
    kind, width = name[1], int(name[2:])
    if kind in _WIDTHS and width not in _WIDTHS[kind]:
        raise ProtocolError(f"Expected a dtype that there is; found {name}.")
    # An element of no width would let a shape be as large as it likes.
    if not 0 < width <= 2**24:
        raise ProtocolError(f"Expected text of a width from 1 to {2**24:,}; found {name}.")
    return np.dtype(name)


def _check_values(array: Array, data: memoryview) -> None:
    """Refuse bytes that are no value of the dtype: NumPy takes them as they come, and trips later."""
    if array.dtype.kind == "b" and len(data) and int(np.frombuffer(data, np.uint8).max()) > 1:
        raise ProtocolError("Expected booleans of 0 and 1; found other bytes.")
    if array.dtype.kind == "U" and len(data) and int(np.frombuffer(data, "<u4").max()) > _LARGEST_CODE_POINT:
        raise ProtocolError("Expected text; found what is no character.")
