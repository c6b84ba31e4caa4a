"""Decode image files once: what was decoded of the same files before is kept, a `.npy` each.

An error of the cache is never raised: the images are decoded again, which costs time only.
"""

import contextlib
import hashlib
import logging
import math
import os
import queue
import re
import threading
import time
import uuid
import warnings
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import NamedTuple, TypeVar

import msgspec
import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from engine.array_types import Shape
from engine.data.image_files.image_decoding import (
    MAY_PASS,
    ImageHead,
    UnfitError,
    decode,
    look_at,
    why_refused,
)
from engine.data.image_files.listing import ImageEntry
from engine.data.image_form import ImageForm, room_for
from engine.data.images import LARGE, Bytes, ImageFile, Images, LazyImages
from engine.data.parts import Refused
from engine.data.reading import Report, unheard
from engine.errors import DataError
from engine.machine.cores import usable_cores
from engine.paths import home, read_preferences

LARGEST_AS_IS = 256  # pixels a side of images that keep their size unasked
USUAL_SIZE = 32  # of images that differ in size, if no size is chosen
_TOGETHER = 16  # files that a thread takes at a time
_GLANCE = 0.2  # s between two looks at whether the reading shall end
_LAST_SECONDS = 5.0  # that the end of the reading waits for the files that are being read
THREAD = "decoding"
T = TypeVar("T")
U = TypeVar("U")
WORTH_SECONDS = 0.5  # what is decoded sooner is not kept
_DECODERS = (
    "image_form.py",
    *(f"image_files/{name}.py" for name in ("image_decoding", "image_cache")),
)
_OURS = re.compile(r"[0-9a-f]{64}\..+|limit")  # also of older versions
_ABANDONED_SECONDS = 3600.0  # no writing takes that long
_logger = logging.getLogger(__name__)
_Names = tuple[str, ...]
# What stands behind the images in a file: their places, and the other fields of DecodedImages.
_Rest = tuple[list[int], tuple[Refused, ...], _Names, _Names, _Names, _Names]


@dataclass(frozen=True, eq=False)
class DecodedImages:
    """Images (n, channels, height, width), where in the list of files each was, and the rest.

    `turned`, `transparent` and `resized` are names of files, `notes` sentences, as in Parts.
    """

    images: Images
    places: NDArray[np.int64]
    refused: tuple[Refused, ...]
    turned: tuple[str, ...]
    transparent: tuple[str, ...]
    resized: tuple[str, ...]
    notes: tuple[str, ...]


class _Outcome(NamedTuple):
    """What became of one file; `refused` says why there is no image of it."""

    refused: str = ""
    turned: bool = False
    transparent: bool = False
    resized: bool = False
    coloured: bool = False


@contextmanager
def _without_warnings() -> Iterator[None]:
    """Keep Pillow from writing to stderr what it thinks of EXIF data."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="PIL")
        yield


@_without_warnings()
def decode_images(
    files: Sequence[ImageEntry],
    form: ImageForm,
    source: str,
    report: Report,
    room: Callable[[Shape], NDArray[np.uint8] | None] = lambda _shape: None,
) -> DecodedImages:
    """Decode files to one form: this is all that happens between a list of files and their images.

    `room` may give other memory for the images (n, channels, height, width) than the usual; what
    they fill in the end is its beginning. Files that cannot be read are refused, and never end the
    reading.
    Raises DataError if none is left, or if they take too much memory.
    """
    refused: dict[int, str] = {}
    looks: list[ImageHead] = []
    if not form.size or form.colour == "as_is":
        found = list(each_by_all_cores(_look, files, lambda _: report(0, len(files))))
        refused = {place: look for place, look in enumerate(found) if isinstance(look, str)}
        looks = [look for look in found if isinstance(look, ImageHead)]
    places = [place for place in range(len(files)) if place not in refused]
    settled, shape, notes = _settle(form, looks)
    given = room((len(places), *shape))
    images = room_for(len(places), shape, source) if given is None else given

    def fill(row: int) -> _Outcome:
        return _decode_into(images[row], files[places[row]], settled, form.colour == "as_is")

    each = range(len(places))
    decoded = each_by_all_cores(fill, each, lambda done: report(done, len(places)))
    outcomes = dict(zip(places, decoded, strict=True))
    refused |= {place: outcome.refused for place, outcome in outcomes.items() if outcome.refused}
    listed = tuple(Refused(files[place].name, refused[place]) for place in sorted(refused))
    kept = {place: outcome for place, outcome in outcomes.items() if not outcome.refused}
    if not kept:
        raise DataError(
            f"{source} has no image that can be read, such as {listed[0].file}: {listed[0].reason}"
        )

    def names(marks: Callable[[_Outcome], bool]) -> tuple[str, ...]:
        return tuple(files[place].name for place, outcome in kept.items() if marks(outcome))

    rows = [row for row, place in enumerate(places) if place in kept]
    one_channel = form.colour == "as_is" and not any(outcome.coloured for outcome in kept.values())
    return DecodedImages(
        _tidied(images, rows, one_channel, in_place=given is not None),
        np.array(list(kept), np.int64),
        listed,
        names(lambda outcome: outcome.turned),
        names(lambda outcome: outcome.transparent),
        names(lambda outcome: outcome.resized),
        notes,
    )


def _settle(
    form: ImageForm, looks: Sequence[ImageHead]
) -> tuple[ImageForm, Shape, tuple[str, ...]]:
    """Decide what a form leaves open: return the form, the shape of each image, and notes."""
    if form.colour == "as_is":
        form = replace(form, colour="grey" if all(look.grey for look in looks) else "rgb")
    sizes = {(look.height, look.width) for look in looks}
    notes: tuple[str, ...] = ()
    height, width = next(iter(sizes), (0, 0))
    if not form.size and (len(sizes) > 1 or max(height, width) > LARGEST_AS_IS):
        form = replace(form, size=USUAL_SIZE)
        notes = (_note_on_sizes(sizes),)
    return form, form.shape_of((1, height, width)), notes


def _note_on_sizes(sizes: Collection[tuple[int, int]]) -> str:
    ordered = [f"{width}×{height}" for height, width in sorted(sizes, key=math.prod)]
    found = f"{ordered[0]} to {ordered[-1]}" if len(ordered) > 1 else ordered[0]
    return (
        f"The images have {found} pixels, so all were brought to {USUAL_SIZE}×{USUAL_SIZE}. Choose "
        "another size if you like."
    )


def _look(file: ImageEntry) -> ImageHead | str:
    try:
        with file.open() as stream:
            return look_at(stream)
    except Exception as fault:  # whatever it is, it is the file's
        return why_refused(fault)


def _decode_into(
    pixels: NDArray[np.uint8], file: ImageEntry, form: ImageForm, look_for_colour: bool
) -> _Outcome:
    """Decode a file into its place in the array."""
    try:
        with file.open() as stream:
            picture = decode(stream, form)
        if picture.pixels.shape != pixels.shape:
            raise UnfitError("The image has another size than the file says at its beginning.")
    except Exception as fault:  # whatever it is, it is the file's
        return _Outcome(why_refused(fault))
    pixels[...] = picture.pixels
    coloured = look_for_colour and bool((pixels != pixels[:1]).any())
    return _Outcome("", picture.turned, picture.transparent, picture.resized, coloured)


def _tidied(
    images: NDArray[np.uint8], rows: Sequence[int], one_channel: bool, in_place: bool
) -> NDArray[np.uint8]:
    """Close the gaps of refused files, and keep one channel if that says all."""
    channels = 1 if one_channel else images.shape[1]
    shape = len(rows), channels, *images.shape[2:]
    tidied = images.reshape(-1)[: math.prod(shape)].reshape(shape)
    for row, source in enumerate(rows):
        if row != source or channels < images.shape[1]:
            tidied[row] = images[source, :channels]
    return tidied.copy() if one_channel and not in_place else tidied  # the rest is given back


def each_by_all_cores(
    work: Callable[[T], U], items: Sequence[T], heard: Callable[[int], None]
) -> Iterator[U]:
    """Give what the work makes of each item, in their order, the cores sharing it.

    `heard` is told how many are done, and may raise something to end it.
    """
    ended, made = threading.Event(), queue.SimpleQueue[tuple[int, list[U], BaseException | None]]()
    firsts = range(0, len(items), _TOGETHER)
    left = iter(firsts)  # each thread takes the next group, as long as there are any

    def share() -> None:
        for first in left:
            group = items[first : first + _TOGETHER]
            try:
                values = [work(item) for item in group if not ended.is_set()]
                made.put((first, values, None))
            except BaseException as fault:  # raised anew where the results are waited for
                made.put((first, [], fault))
            if ended.is_set():
                return

    # A disk that no longer answers holds up such threads, but not the end of the program.
    threads = [
        threading.Thread(target=share, name=THREAD, daemon=True) for _ in range(usable_cores())
    ]
    try:
        done = 0
        heard(done)
        for thread in threads:
            thread.start()
        found: dict[int, tuple[list[U], BaseException | None]] = {}
        for first in firsts:
            while first not in found:
                try:
                    place, values, fault = made.get(timeout=_GLANCE)
                    found[place] = values, fault
                except queue.Empty:
                    heard(done)  # which may end the waiting
            results, fault = found.pop(first)
            if fault is not None:
                raise fault
            yield from results
            done += len(results)
            heard(done)
    finally:
        ended.set()
        end = time.monotonic() + _LAST_SECONDS
        for thread in threads:
            if thread.ident is not None:
                thread.join(max(0.0, end - time.monotonic()))


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
