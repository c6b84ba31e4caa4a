"""Decode one image file: what Pillow reads of five formats, in the form that is wanted.

Nothing in a file is trusted. The formats are told by how the files begin, and Pillow's classes are
called directly: `Image.open` would warn of large images on stderr before their size can be asked.
"""

import io
import math
import re
from typing import TYPE_CHECKING, BinaryIO, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.data.image_form import GREY_VALUES, ImageForm, in_mode, picture_in_form
from engine.errors import in_one_line

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFile import ImageFile as OpenImage

Kind = Literal["PNG", "JPEG", "BMP", "GIF", "WEBP"]

MOST_BYTES = 128 << 20  # of a file
MOST_PIXELS = 64_000_000  # of an image, which are 256 MB for Pillow
_HEAD = 256 << 10  # bytes, in which nearly every file says its size
_BEGINNINGS: dict[Kind, bytes] = {
    "PNG": rb"\x89PNG",
    "JPEG": rb"\xff\xd8\xff",
    "BMP": rb"BM",
    "GIF": rb"GIF8",
    "WEBP": rb"RIFF....WEBP",
}
MAY_PASS = ("The file is gone", "The image does not fit", "The file cannot be read")  # reasons
_GREY_MODES = ("1", "L", "LA", "La")
_DRAFT = 1.5  # times the size that is wanted is enough to shrink from: 1 of 255 beside the whole
_ORIENTATION = 0x0112  # a tag of EXIF
_EXIF_OF_PNG = ("exif", "xmp", "XML:com.adobe.xmp", "Raw profile type exif")


class UnfitError(Exception):
    """A file is sound, perhaps, but none that is read. The text is a sentence."""


class ImageHead(NamedTuple):
    """What the head of an image file says: its size as it is to be seen, and whether it is grey."""

    width: int
    height: int
    grey: bool


class DecodedImage(NamedTuple):
    """A decoded image (channels, height, width), and what was done to it."""

    pixels: NDArray[np.uint8]
    turned: bool
    transparent: bool
    resized: bool


def look_at(stream: BinaryIO) -> ImageHead:
    """Read the head of an image file. Raises whatever is wrong with it."""
    head = stream.read(_HEAD)
    try:
        return _look(head)
    except UnfitError:
        raise
    except Exception:
        whole = head + _rest(stream, head)
        if len(whole) == len(head):
            raise
        return _look(whole)  # of some files the head is long, and that of WebP is the whole


def decode(stream: BinaryIO, form: ImageForm) -> DecodedImage:
    """Decode an image file and bring the image to a form. Raises whatever is wrong with it."""
    image = _verified(stream)
    size = image.size
    if image.format == "JPEG" and form.size:
        enough = math.ceil(_DRAFT * form.size)
        image.draft(image.mode, (enough, enough))
    solid, transparent = _without_transparency(image, GREY_VALUES[form.background])
    orientation = _orientation(image)  # of a PNG it may come after the pixels
    pixels = picture_in_form(_turned(solid, orientation), form)
    resized = size not in (pixels.shape[1:], pixels.shape[:0:-1])
    return DecodedImage(pixels, orientation > 1, transparent, resized)


def decode_rgba(stream: BinaryIO) -> NDArray[np.uint8]:
    """Decode an image file as red, green, blue and cover (height, width, 4).

    Raises whatever is wrong with it.
    """
    image = _verified(stream)
    image.load()
    if not image.has_transparency_data:
        solid, _ = _without_transparency(image, 0)
        rgba = solid.convert("RGB").convert("RGBA")
    else:
        rgba = image.convert("RGBA")
    return np.array(_turned(rgba, _orientation(image)))


def why_refused(fault: Exception) -> str:
    """Say in a sentence why an image file was not read."""
    if isinstance(fault, UnfitError):
        return str(fault)
    if isinstance(fault, FileNotFoundError):
        return "The file is gone, or its link leads nowhere."
    if isinstance(fault, MemoryError):
        return "The image does not fit into memory."
    if isinstance(fault, OSError) and fault.strerror:
        return f"The file cannot be read: {fault.strerror}."
    words = in_one_line(fault, 200)
    if isinstance(fault, EOFError) or "truncated" in words.lower():
        return f"The file is cut off ({words})."
    return f"The file is damaged ({words})."


def _verified(stream: BinaryIO) -> "OpenImage":
    """Read an image file to its end, but decode no pixel yet."""
    head = stream.read(_HEAD)
    _kind(head)  # what is no image is not read to its end
    content = head + _rest(stream, head)
    image = _opened(content)
    if image.format == "PNG":
        # The checksums of its pixels are not looked at when they are decoded.
        image.verify()
        image = _opened(content)
    return image


def _rest(stream: BinaryIO, head: bytes) -> bytes:
    """Read what follows the head of a file, which may be packed to a thousandth of its size."""
    rest = stream.read(MOST_BYTES + 1 - len(head))
    if len(head) + len(rest) > MOST_BYTES:
        raise UnfitError(f"The file is larger than {MOST_BYTES >> 20} MB.")
    return rest


def _look(content: bytes) -> ImageHead:
    image = _opened(content)
    width, height = image.size
    if _orientation(image) >= 5:
        width, height = height, width
    return ImageHead(width, height, image.mode in _GREY_MODES or image.mode.startswith("I"))


def _kind(content: bytes) -> Kind:
    """Tell the format of an image file by its beginning."""
    if not content:
        raise UnfitError("The file is empty.")
    for kind, beginning in _BEGINNINGS.items():
        if re.match(beginning, content, re.DOTALL):
            return kind
    raise UnfitError("It is no PNG, JPEG, BMP, GIF or WebP image, whatever its name says.")


def _opened(content: bytes) -> "OpenImage":
    """Read the head of a file. Raises UnfitError for another format or an image too large."""
    from PIL.BmpImagePlugin import BmpImageFile
    from PIL.GifImagePlugin import GifImageFile
    from PIL.JpegImagePlugin import JpegImageFile
    from PIL.PngImagePlugin import PngImageFile
    from PIL.WebPImagePlugin import WebPImageFile

    classes: dict[Kind, type[OpenImage]] = {
        "PNG": PngImageFile,
        "JPEG": JpegImageFile,
        "BMP": BmpImageFile,
        "GIF": GifImageFile,
        "WEBP": WebPImageFile,
    }
    image = classes[_kind(content)](io.BytesIO(content))
    width, height = image.size
    if width * height > MOST_PIXELS:
        raise UnfitError(
            f"The image has {width:,} × {height:,} pixels; at most {MOST_PIXELS // 10**6} million "
            "are read."
        )
    return image


def _orientation(image: "OpenImage") -> int:
    """Return how an image is to be turned, 1 to 8 as EXIF has it; 1, not at all, if unknown.

    EXIF data that is damaged says nothing: the image itself may be sound.
    """
    if image.format == "PNG" and image.info.keys().isdisjoint(_EXIF_OF_PNG):
        return 1  # Pillow would read all pixels to look behind them
    try:
        found = int(image.getexif().get(_ORIENTATION, 1))
    except Exception:  # Pillow raises ZeroDivisionError, struct.error and more
        return 1
    return found if 1 <= found <= 8 else 1


def _turned(image: "Image", orientation: int) -> "Image":
    """Turn and mirror an image, as ImageOps.exif_transpose does, which fails on damaged EXIF."""
    from PIL.Image import Transpose

    turns = {
        2: Transpose.FLIP_LEFT_RIGHT,
        3: Transpose.ROTATE_180,
        4: Transpose.FLIP_TOP_BOTTOM,
        5: Transpose.TRANSPOSE,
        6: Transpose.ROTATE_270,
        7: Transpose.TRANSVERSE,
        8: Transpose.ROTATE_90,
    }
    return image.transpose(turns[orientation]) if orientation in turns else image


def _without_transparency(image: "Image", background: int) -> tuple["Image", bool]:
    """Return an image in grey or RGB on a background, and whether it had transparent pixels."""
    from PIL import Image, ImageChops

    image.load()
    if image.mode.startswith("I"):  # 16 bits, of which convert() would cut off the upper ones
        return Image.fromarray((np.asarray(image) >> 8).clip(0, 255).astype(np.uint8)), False
    if not image.has_transparency_data:
        return in_mode(image, "L" if image.mode in _GREY_MODES else "RGB"), False
    image = image if image.mode == "RGBA" else image.convert("RGBA")
    alpha, solid = image.getchannel("A"), image.convert("RGB")
    if alpha.getextrema()[0] == 255:
        return solid, False
    solid.paste((background,) * 3, (0, 0, *image.size), ImageChops.invert(alpha))
    return solid, True
