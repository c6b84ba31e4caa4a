"""Decode many image files, or take what was decoded of the same files before."""

import hashlib
import io
import logging
import math
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import BinaryIO

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.array_types import Shape
from engine.data.image_files.bulk_decoding import DecodedImages, decode_images, each_by_all_cores
from engine.data.image_files.file_room import FileRoom
from engine.data.image_files.image_cache import ImageCache
from engine.data.image_files.image_decoding import MOST_BYTES, why_refused
from engine.data.image_files.listing import ImageEntry
from engine.data.image_form import ImageForm
from engine.data.images import LARGE
from engine.data.parts import Refused
from engine.data.reading import Report

WORTH_SECONDS = 0.5  # what is decoded sooner is not kept
_DECODERS = (
    *("image_form.py", "image_files/image_decoding.py"),
    *("image_files/bulk_decoding.py", "image_files/kept_decoding.py"),
)  # in engine/data
_HELD_BYTES = 32_000_000  # of images in a file that are in memory while they are decoded
_USUAL_BYTES = 1 << 18  # of most image files
_HALF = 32  # hexadecimal digits of a key, for the names and for the contents
_logger = logging.getLogger(__name__)


class _Rest(msgspec.Struct, frozen=True):
    """What is kept of DecodedImages beside the images."""

    places: list[int]
    refused: list[Refused]
    turned: tuple[str, ...]
    transparent: tuple[str, ...]
    resized: tuple[str, ...]
    notes: tuple[str, ...]


def decode_once(
    files: Sequence[ImageEntry],
    form: ImageForm,
    source: str,
    report: Report,
    kept: ImageCache | None = None,
) -> DecodedImages:
    """Return what `decode_images` makes of files, from the cache if it has it.

    The cache knows the files by their names and content. What it does not know by the names is read
    once, and its content noted meanwhile. Raises what `decode_images` raises.
    """
    kept = kept or ImageCache()
    try:
        names = _names_key(files, form)
    except OSError:  # the sources of the decoders cannot be read
        return decode_images(files, form, source, report)
    if kept.may_have(names):
        contents = each_by_all_cores(_digest, files, lambda _: report(0, len(files)))
        if (found := _recall(kept, _key(names, contents))) is not None:
            return found
    started = time.perf_counter()
    watched = [_Watched(file) for file in files]
    entries = [each.entry for each in watched]
    with _Room(kept, report) as room:
        made = decode_images(entries, form, source, room.report, room.reserve)
        if any(each.changed for each in watched):
            return made
        key = _key(names, (each.content for each in watched))
        if room.file is not None:  # the images need not stay in memory
            images = kept.adopt(key, room.file, made.images.shape, _rest_of(made))
            return made if images is None else replace(made, images=images)
    if time.perf_counter() - started >= WORTH_SECONDS:
        kept.save(key, np.asarray(made.images), _rest_of(made))
    return made


class _Room:
    """Memory of a file for very many images while they are decoded."""

    def __init__(self, kept: ImageCache, report: Report) -> None:
        self._kept, self._report = kept, report
        self._released = self._step = 0
        self.file: FileRoom | None = None

    def reserve(self, shape: Shape) -> NDArray[np.uint8] | None:
        """Return the room for images of some shape; None if they fit into memory."""
        if math.prod(shape) <= LARGE:
            return None
        self.file = self._kept.reserve(shape)
        self._step = max(1, _HELD_BYTES // math.prod(shape[1:]))
        return None if self.file is None else self.file.images

    def report(self, done: int, total: int) -> None:
        """Hand a report on, and give memory back now and then."""
        if self.file is not None and done >= self._released + self._step:
            self.file.release()
            self._released = done
        self._report(done, total)

    def __enter__(self) -> "_Room":
        return self

    def __exit__(self, *_fault: object) -> None:
        if self.file is not None:
            self._kept.discard(self.file)


class _Watched:
    """A file that notes its content when it is read, and whether that has `changed` since."""

    def __init__(self, file: ImageEntry) -> None:
        self._file = file
        self.content = b""
        self.changed = False
        self.entry = ImageEntry(file.name, self._open)

    def _open(self) -> BinaryIO:
        try:
            content = _read(self._file)
        except Exception as fault:
            self._note(_failure(fault))
            raise
        self._note(hashlib.sha256(content).digest())
        return io.BytesIO(content)

    def _note(self, content: bytes) -> None:
        self.changed |= self.content not in (b"", content)
        self.content = content


def _read(file: ImageEntry) -> bytes:
    with file.open() as stream:
        content = stream.read(_USUAL_BYTES)  # memory is taken for as much as may be read
        return content if len(content) < _USUAL_BYTES else content + stream.read(MOST_BYTES)


def _digest(file: ImageEntry) -> bytes:
    """Return what tells the content of a file from any other; of one that fails, how it does."""
    try:
        return hashlib.sha256(_read(file)).digest()
    except Exception as fault:  # whatever it is, it is the file's
        return _failure(fault)


def _failure(fault: Exception) -> bytes:
    return why_refused(fault).encode()


def _names_key(files: Sequence[ImageEntry], form: ImageForm) -> str:
    """Name what decoded images follow from beside the content: names, form, what decodes them."""
    digest = hashlib.sha256(repr((_decoder(), form, len(files))).encode())
    for file in files:
        digest.update(repr(file.name).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()[:_HALF]


def _key(names: str, contents: Iterable[bytes]) -> str:
    """Name all that decoded images follow from."""
    digest = hashlib.sha256()
    for content in contents:
        digest.update(repr(content).encode())
    return names + digest.hexdigest()[:_HALF]


@cache
def _decoder() -> str:
    """Name the sources that decode images, and the version of Pillow."""
    import PIL

    digest = hashlib.sha256(PIL.__version__.encode())
    for name in _DECODERS:
        digest.update((Path(__file__).parents[1] / name).read_bytes())
    return digest.hexdigest()


def _recall(kept: ImageCache, key: str) -> DecodedImages | None:
    found = kept.load(key)
    if found is None:
        return None
    images, rest = found
    try:
        held = msgspec.json.decode(rest, type=_Rest)
    except msgspec.MsgspecError as fault:
        _logger.warning("What is kept beside decoded images is not used (%s).", fault)
        return None
    places = np.array(held.places, np.int64)
    if len(places) != len(images):
        return None
    return DecodedImages(
        images,
        places,
        tuple(held.refused),
        held.turned,
        held.transparent,
        held.resized,
        held.notes,
    )


def _rest_of(made: DecodedImages) -> bytes:
    rest = _Rest(
        made.places.tolist(),
        list(made.refused),
        made.turned,
        made.transparent,
        made.resized,
        made.notes,
    )
    return msgspec.json.encode(rest)
