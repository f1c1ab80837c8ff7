"""What is in a model's file: its configuration and its version, or what the file is instead of a model."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tfcourse.checks import keras2
from tfcourse.errors import LearnerMistake

MOST_UNPACKED = 512 * 2**20
"""Bytes that a file's parts may hold once they are unpacked."""
MOST_CONFIGURATION = 4 * 2**20
"""Bytes of the description of a model's layers."""
_MOST_PARTS = 1_000
SAVE = 'model.save("model.keras")'
_AGAIN = f"Save it again with {SAVE}."
_DOWNLOAD = "Download the file itself: on GitHub, that is Download raw file."
_HDF5, _ZIP = b"\x89HDF\r\n\x1a\n", b"PK"
_BEGINNINGS: tuple[tuple[bytes, str, str], ...] = (
    (b"version https://git-lfs", "a pointer of Git LFS", "Fetch the model itself with git lfs pull."),
    (b"<!doctype html", "a web page", _DOWNLOAD),
    (b"<html", "a web page", _DOWNLOAD),
    (b"{", "text in JSON", f"A model with its weights is saved with {SAVE}."),
    (b"\x80", "a Python pickle", f"A model is saved with {SAVE}."),
    (b"\x1f\x8b", "an archive packed with gzip", "Unpack it, and hand over the model's file."),
    (b"", "something else", _AGAIN),
)
"""How files begin that are no models, what they are, and what to do; the first that fits."""


@dataclass(frozen=True)
class Saved:
    """What a model's file says of itself.

    Args:
        configuration: Of its layers, as it stands in the file.
        version: Of the Keras that wrote it: ``"2.15.0"``, say. Empty where the file does not tell.
        sizes: Features that each Normalization of a ``.h5`` has adapted to.
    """

    configuration: Any
    version: str
    sizes: Mapping[str, int] = field(default_factory=dict)

    @property
    def old(self) -> bool:
        """Whether Keras 2 wrote it, or an older one."""
        return self.version.split(".")[0] in ("1", "2")


def read(content: bytes, format: str) -> Saved:
    """Return what a model's file says of itself, after a look at what it would unpack to.

    Args:
        content: Of the file.
        format: ``keras`` or ``h5``, as its name says.

    Raises:
        LearnerMistake: It is no such file, or too large once it is unpacked.
    """
    _check_kind(content, format)
    try:
        return _read_keras(content) if format == "keras" else _read_h5(content)
    except LearnerMistake:
        raise
    except Exception as error:  # a damaged file fails in many ways, none of them ours
        raise LearnerMistake(
            f"Expected a .{format} file; found one that is damaged or was cut off. {_AGAIN}"
        ) from error


def _check_kind(content: bytes, format: str) -> None:
    """Refuse what does not begin like such a file."""
    beginning = content[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if content.startswith({"keras": _ZIP, "h5": _HDF5}[format]):
        return
    if not content:
        raise LearnerMistake(f"Expected a .{format} file; found an empty one. {_AGAIN}")
    for begins, other in ((_HDF5, "h5"), (_ZIP + b"\x03\x04", "keras")):
        if content.startswith(begins):
            raise LearnerMistake(
                f"Expected a .{format} file; found one that begins like a .{other} file. "
                f"Rename it to end in .{other}. Does that not help? {_AGAIN}"
            )
    what, remedy = next((what, remedy) for begins, what, remedy in _BEGINNINGS if beginning.startswith(begins))
    raise LearnerMistake(f"Expected a .{format} file; found {what}. {remedy}")


def _read_keras(content: bytes) -> Saved:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = archive.infolist()
        _check_unpacked(sum(entry.file_size for entry in entries), len(entries))
        names = archive.namelist()
        if "config.json" not in names:
            raise _other_archive(names)
        configuration = json.loads(_part(archive, "config.json"))
        try:
            version = str(json.loads(_part(archive, "metadata.json"))["keras_version"])
        except (KeyError, TypeError, ValueError):
            version = ""
        return Saved(configuration, version)


def _part(archive: zipfile.ZipFile, name: str) -> bytes:
    if archive.getinfo(name).file_size > MOST_CONFIGURATION:
        _check_unpacked(MOST_UNPACKED + 1)
    return archive.read(name)


def _other_archive(names: list[str]) -> LearnerMistake:
    inside = next((name for name in names if name.endswith((".keras", ".h5", "saved_model.pb", "config.json"))), "")
    if inside.endswith("saved_model.pb"):
        found, remedy = "an archive with a SavedModel in it", f"Save the model with {SAVE} instead."
    elif inside and not inside.endswith("config.json"):
        found, remedy = f"an archive with {inside[:60]} in it", "Unpack it, and hand over that file."
    elif inside:
        found, remedy = f"an archive whose parts are in a folder, {inside[:60]}", _AGAIN
    else:
        found, remedy = f"an archive without a model, of {', '.join(names[:3])[:60] or 'no files'}", _AGAIN
    return LearnerMistake(f"Expected a .keras file; found {found}. {remedy}")


def _read_h5(content: bytes) -> Saved:
    import h5py  # type: ignore[import-untyped]

    sizes: list[int] = []
    adapted: dict[str, int] = {}

    def note_size(name: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset):
            sizes.append(int(item.nbytes))
            parts = name.split("/")
            if parts[0] == "model_weights" and parts[-1] == "mean:0":
                adapted[parts[1]] = int(item.size)

    with h5py.File(io.BytesIO(content), "r") as file:
        file.visititems(note_size)
        _check_unpacked(sum(sizes))
        text = file.attrs.get("model_config")
        if text is None:
            raise LearnerMistake(
                "Expected a file with a whole model; found one without its layers: weights alone, perhaps. "
                f"Save it with {SAVE}."
            )
        version = file.attrs.get("keras_version", "")
        version = version.decode() if isinstance(version, bytes) else str(version)
        return Saved(json.loads(text), version, adapted)


def _check_unpacked(size: int, parts: int = 0) -> None:
    if size > MOST_UNPACKED or parts > _MOST_PARTS:
        raise LearnerMistake(
            f"Expected a model file that unpacks to at most {MOST_UNPACKED / 2**20:.1f} MB in {_MOST_PARTS:,} parts; "
            f"found more. Save it again with {SAVE}."
        )


def write(path: Path, content: bytes, configuration: Any, *, old: bool) -> None:
    """Write a ``.keras`` file with another configuration, and with its weights where Keras 3 looks for them.

    Args:
        path: Where to.
        content: Of the file as it was.
        configuration: That it is to have.
        old: Whether Keras 2 wrote it.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as archive, zipfile.ZipFile(path, "w") as mended:
        for name in archive.namelist():
            part = json.dumps(configuration).encode() if name == "config.json" else archive.read(name)
            mended.writestr(name, _with_parts_renamed(part) if old and name.endswith(".weights.h5") else part)


def _with_parts_renamed(content: bytes) -> bytes:
    """Return weights whose groups have the names that Keras 3 gives them."""
    import h5py

    weights = io.BytesIO(content)
    with h5py.File(weights, "r+") as file:
        found: list[str] = []
        file.visit(lambda name: found.append(name) if name.split("/")[-1] in keras2.PARTS else None)
        for name in found:
            above, _, last = name.rpartition("/")
            file.move(name, f"{above}/{keras2.PARTS[last]}")
    return weights.getvalue()
