"""Decode many image files, by all cores, into one array."""

import math
import queue
import threading
import time
import warnings
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Shape
from engine.data.image_files.image_decoding import (
    ImageHead,
    UnfitError,
    decode,
    look_at,
    why_refused,
)
from engine.data.image_files.listing import ImageEntry
from engine.data.image_form import ImageForm, room_for
from engine.data.images import Images
from engine.data.parts import Refused
from engine.data.reading import Report
from engine.errors import DataError
from engine.machine.cores import usable_cores

LARGEST_AS_IS = 256  # pixels a side of images that keep their size unasked
USUAL_SIZE = 32  # of images that differ in size, if no size is chosen
_TOGETHER = 16  # files that a thread takes at a time
_GLANCE = 0.2  # s between two looks at whether the reading shall end
_LAST_SECONDS = 5.0  # that the end of the reading waits for the files that are being read
THREAD = "decoding"

T = TypeVar("T")
U = TypeVar("U")


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


class _Fate(NamedTuple):
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

    def fill(row: int) -> _Fate:
        return _decode_into(images[row], files[places[row]], settled, form.colour == "as_is")

    heard = partial(report, total=len(places))
    fates = dict(zip(places, each_by_all_cores(fill, range(len(places)), heard), strict=True))
    refused |= {place: fate.refused for place, fate in fates.items() if fate.refused}
    listed = tuple(Refused(files[place].name, refused[place]) for place in sorted(refused))
    kept = {place: fate for place, fate in fates.items() if not fate.refused}
    if not kept:
        raise DataError(
            f"{source} has no image that can be read, such as {listed[0].file}: {listed[0].reason}"
        )

    def names(marks: Callable[[_Fate], bool]) -> tuple[str, ...]:
        return tuple(files[place].name for place, fate in kept.items() if marks(fate))

    rows = [row for row, place in enumerate(places) if place in kept]
    one_channel = form.colour == "as_is" and not any(fate.coloured for fate in kept.values())
    return DecodedImages(
        _tidied(images, rows, one_channel, in_place=given is not None),
        np.array(list(kept), np.int64),
        listed,
        names(lambda fate: fate.turned),
        names(lambda fate: fate.transparent),
        names(lambda fate: fate.resized),
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
) -> _Fate:
    """Decode a file into its place in the array."""
    try:
        with file.open() as stream:
            picture = decode(stream, form)
        if picture.pixels.shape != pixels.shape:
            raise UnfitError("The image has another size than the file says at its beginning.")
    except Exception as fault:  # whatever it is, it is the file's
        return _Fate(why_refused(fault))
    pixels[...] = picture.pixels
    coloured = look_for_colour and bool((pixels != pixels[:1]).any())
    return _Fate("", picture.turned, picture.transparent, picture.resized, coloured)


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
