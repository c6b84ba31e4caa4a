"""Decode image files once: what was decoded of the same files before is kept, a `.npy` each.

An error of the cache is never raised: the images are decoded again, which costs time only.
"""

import contextlib
import hashlib
import logging
import math
import os
import re
import shutil
import time
import uuid
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import msgspec
import numpy as np
from numpy.lib import format as npy

from engine.array_types import Shape
from engine.data.image_files.bulk_decoding import DecodedImages, decode_images
from engine.data.image_files.image_decoding import MAY_PASS
from engine.data.image_files.listing import ImageEntry
from engine.data.image_form import ImageForm
from engine.data.images import LARGE, Bytes, ImageFile, Images, LazyImages
from engine.data.parts import Refused
from engine.data.reading import Report, unheard
from engine.paths import home, read_preferences

WORTH_SECONDS = 0.5  # what is decoded sooner is not kept
_DECODERS = (
    "image_form.py",
    *(f"image_files/{name}.py" for name in ("image_decoding", "bulk_decoding", "image_cache")),
)
_OURS = re.compile(r"[0-9a-f]{64}\..+|limit")  # also of older versions
_ABANDONED_SECONDS = 3600.0  # no writing takes that long
_SPARE = 2  # times the room that very many images take must be free on the disk
_logger = logging.getLogger(__name__)
_Names = tuple[str, ...]
# What stands behind the images in a file: their places, and the other fields of DecodedImages.
_Rest = tuple[list[int], tuple[Refused, ...], _Names, _Names, _Names, _Names]


def cache_folder() -> Path:
    """Return where decoded images are kept."""
    return home() / "cache" / "images"


def decode_once(
    files: Sequence[ImageEntry], form: ImageForm, source: str, report: Report
) -> DecodedImages:
    """Return what `decode_images` makes of files, from the cache if it has it.

    The cache knows the files by their names, sizes and times. Very many images stay in a file.
    Raises what `decode_images` raises.
    """
    try:
        key = _key(files, form, report)
    except OSError:  # a file is gone, or the sources of the decoders cannot be read
        return decode_images(files, form, source, report)
    path = cache_folder() / f"{key}.npy"
    if (found := _load(path)) is not None:
        return found
    enforce_cap()
    started, aside = time.perf_counter(), path.with_name(f"{key}.{uuid.uuid4().hex}")
    try:
        made = decode_images(files, form, source, report, lambda shape: _reserve(aside, shape))
        in_file = aside.exists()
        if in_file or time.perf_counter() - started >= WORTH_SECONDS:
            with contextlib.suppress(OSError):
                unsure = any(each.reason.startswith(MAY_PASS) for each in made.refused)
                kept = not unsure and key == _key(files, form, unheard)
                made = _kept(made, aside, path if kept else None, in_file=in_file)
        return made
    finally:
        with contextlib.suppress(OSError):
            aside.unlink(missing_ok=True)  # what uses it may go on


def enforce_cap(needed: int = 0) -> bool:
    """Remove the least recently used images until so many bytes more are within the cap.

    What killed programs and older versions have left goes too. Return whether there is room.
    """
    kept = []
    with contextlib.suppress(OSError), os.scandir(cache_folder()) as entries:
        for entry in entries:
            with contextlib.suppress(OSError):
                if _OURS.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
                    status = entry.stat(follow_symlinks=False)
                    if entry.name.endswith(".npy"):
                        kept.append((status.st_atime_ns, status.st_size, entry.path))
                    elif time.time() - status.st_mtime > _ABANDONED_SECONDS:
                        os.unlink(entry.path)
    room = _cap() - needed
    for _, size, path in sorted(kept, reverse=True) if room >= 0 else ():
        room -= size
        if room < 0:
            with contextlib.suppress(OSError):
                os.unlink(path)
    return _cap() >= needed


def _cap() -> int:
    """Return how many bytes are kept at most."""
    return read_preferences().images_megabytes * 1_000_000


def _reserve(aside: Path, shape: Shape) -> Bytes | None:
    """Return memory of a new file for images that are too many to be held; None for fewer.

    None too where the disk has no room, or a system cannot reserve it.
    """
    if math.prod(shape) <= LARGE or not hasattr(os, "posix_fallocate"):
        return None
    try:
        aside.parent.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(aside.parent).free < _SPARE * math.prod(shape):
            raise OSError("the disk is nearly full")
        images = npy.open_memmap(aside, "w+", np.uint8, shape)
        with aside.open("r+b") as file:
            # Where the disk gets full under memory that is written to, a program is killed.
            os.posix_fallocate(file.fileno(), 0, os.fstat(file.fileno()).st_size)
    except OSError as fault:
        _logger.warning("Decoded images cannot be kept in a file (%s).", fault)
        with contextlib.suppress(OSError):
            aside.unlink(missing_ok=True)
        return None
    memory: Bytes = images
    return memory


def _kept(made: DecodedImages, aside: Path, path: Path | None, *, in_file: bool) -> DecodedImages:
    """Write images beside their place and, if they may be kept, put them there.

    Those `in_file` are there already, and are read from there.
    """
    fields = made.places.tolist(), made.refused, made.turned, made.transparent, made.resized
    rest = msgspec.json.encode((*fields, made.notes))
    images = np.asarray(made.images)
    if not in_file and (path is None or images.nbytes > _cap()):
        return made
    try:
        aside.parent.mkdir(parents=True, exist_ok=True)
        with aside.open("r+b" if in_file else "xb") as file:
            npy.write_array_header_1_0(file, npy.header_data_from_array_1_0(images))
            start = file.tell()
            if in_file:  # they fill its beginning
                file.seek(start + images.nbytes)
            else:
                file.write(np.ascontiguousarray(images).data)
            file.write(rest)
            file.truncate()
        if path is not None and enforce_cap(aside.stat().st_size):
            aside = aside.replace(path)
    except OSError as fault:
        _logger.warning("Decoded images cannot be kept (%s).", fault)
        return made
    return replace(made, images=_stored(aside, start, images.shape)) if in_file else made


def _stored(path: Path, start: int, shape: Shape) -> Images:
    return LazyImages(ImageFile(path, start, shape))


def _load(path: Path) -> DecodedImages | None:
    """Return what a file of the cache holds; None if it is not there, or damaged."""
    if not path.is_file():
        return None
    try:
        images = npy.open_memmap(path, "r")
        start = images.offset
        with path.open("rb") as file:
            file.seek(start + images.nbytes)
            places, refused, *marks = msgspec.json.decode(file.read(), type=_Rest)
        if images.dtype != np.uint8 or images.ndim != 4 or len(images) != len(places):
            raise ValueError("it holds something else")
        # When it was used; another time of writing would say that it was changed.
        os.utime(path, ns=(time.time_ns(), path.stat().st_mtime_ns))
        large = images.nbytes > LARGE
        held = _stored(path, start, images.shape) if large else np.array(images)
    except Exception as fault:  # whatever it is, it is the file's
        _logger.warning("%s is not used (%s). The images are decoded anew.", path, fault)
        return None
    return DecodedImages(held, np.array(places, np.int64), refused, *marks)


def _key(files: Sequence[ImageEntry], form: ImageForm, report: Report) -> str:
    """Name all that decoded images follow from: files, form and decoder; raise OSError."""
    digest = hashlib.sha256(repr((_decoder(), form, len(files))).encode())
    for place, file in enumerate(files):
        if place % 1000 == 0:
            report(0, len(files))
        digest.update(repr((file.name, file.state())).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


@cache
def _decoder() -> str:
    """Name the sources that decode images, and the version of Pillow."""
    import PIL

    digest = hashlib.sha256(PIL.__version__.encode())
    for name in _DECODERS:
        digest.update((Path(__file__).parents[1] / name).read_bytes())
    return digest.hexdigest()
