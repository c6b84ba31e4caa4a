"""One image file: pixels of every kind come out as they went in, and whatever is wrong is said."""

import io
import struct
import zlib
from collections.abc import Callable, Iterator
from itertools import cycle
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageOps

from engine.data.image_files.image_decoding import DecodedImage, decode, look_at, why_refused
from engine.data.image_form import AS_IS, Background, Fit, ImageForm
from tests.engine.data.pictures import image_bytes, noise

GREY, RGB = noise(5, 7, 1), noise(5, 7)
ALPHA = np.where(noise(5, 7, 1) < 128, 0, 255).astype(np.uint8)


def read(content: bytes, wanted: ImageForm = AS_IS) -> DecodedImage:
    return decode(io.BytesIO(content), wanted)


def refusal(content: bytes, wanted: ImageForm = AS_IS) -> str:
    """Why a file is refused, which it must be."""
    with pytest.raises(Exception) as caught:  # noqa: PT011 - of any type; the words are looked at
        read(content, wanted)
    return why_refused(caught.value)


def written(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def turned(kind: str, orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    blocks = np.kron(noise(2, 3), np.ones((16, 16, 1), np.uint8))
    return image_bytes(blocks, kind, exif=exif.tobytes(), quality=100)


def examples() -> Iterator[bytes]:
    """Make files of each format, with every kind of pixels that it has."""
    smooth = Image.fromarray(np.full((8, 8, 3), (200, 100, 50), np.uint8))
    palette = Image.fromarray(np.arange(35, dtype=np.uint8).reshape(5, 7) % 4, "P")
    palette.putpalette(noise(1, 4).tobytes())
    yield from (image_bytes(GREY, kind) for kind in ("PNG", "BMP", "GIF"))
    yield from (image_bytes(RGB, kind) for kind in ("PNG", "BMP"))
    for alpha in (ALPHA, np.full_like(ALPHA, 255), noise(5, 7, 1)):
        yield image_bytes(np.dstack([RGB, alpha]))
        yield image_bytes(np.dstack([RGB, alpha]), "WEBP", lossless=True)
        yield image_bytes(np.dstack([GREY, alpha]))
    yield from (written(smooth.convert(mode), "JPEG") for mode in ("L", "RGB", "CMYK"))
    yield from (written(palette), written(palette, transparency=2))
    for mode, key in (("1", 0), ("L", 7), ("RGB", (1, 2, 3))):
        image = Image.new(mode, (3, 2), "white")
        image.putpixel((1, 0), key)
        yield written(image, transparency=key)
    for kind in ("MPO", "PNG", "WEBP", "GIF"):  # of several images, the first
        yield written(smooth, kind, save_all=True, append_images=[Image.new("RGB", (8, 8))])
    yield from (turned(kind, each) for kind in ("JPEG", "PNG", "WEBP") for each in range(1, 9))


BACKGROUNDS: dict[Background, int] = {"black": 0, "grey": 128, "white": 255}
SEEN = [*zip(examples(), cycle(BACKGROUNDS))]


@pytest.mark.parametrize("number", range(len(SEEN)))
def test_pixels_are_those_that_pillow_shows_on_the_background(number: int) -> None:
    content, background = SEEN[number]
    value = BACKGROUNDS[background]
    opened = Image.open(io.BytesIO(content))
    upright = ImageOps.exif_transpose(opened)
    shown = upright.convert("RGB").convert("RGBA")
    if upright.has_transparency_data:
        shown = upright.convert("RGBA")
    behind = Image.new("RGBA", upright.size, (value, value, value, 255))
    wanted = Image.alpha_composite(behind, shown).convert("RGB")
    found = read(content, ImageForm(0, "rgb", "fit", background))
    assert np.abs(found.pixels.transpose(1, 2, 0) - np.asarray(wanted, int)).max() <= 1
    assert found.transparent == (np.asarray(shown)[..., 3].min() < 255)
    assert found.turned == (opened.getexif().get(0x0112, 1) > 1)
    assert not found.resized
    grey = opened.mode in ("1", "L", "LA")
    assert look_at(io.BytesIO(content)) == (*upright.size, grey)


def test_half_transparent_grey_pixels_are_mixed_with_the_background() -> None:
    half = np.dstack([np.full((2, 2), 100, np.uint8), np.full((2, 2), 51, np.uint8)])
    picture = read(image_bytes(half), ImageForm(0, "grey", "fit", "white"))
    assert picture.pixels.ravel().tolist() == [round(100 * 0.2 + 255 * 0.8)] * 4
    assert picture.transparent


def test_sixteen_bits_are_brought_to_eight_and_not_cut_off() -> None:
    values = np.array([[0, 256, 32767], [32768, 65280, 65535]], np.uint16)
    picture = read(image_bytes(values), ImageForm(0, "grey"))
    assert picture.pixels[0].tolist() == [[0, 1, 127], [128, 255, 255]]


@pytest.mark.filterwarnings("ignore:::PIL")
@pytest.mark.parametrize("damage", [slice(6, 14), slice(14, 22), slice(22, 40), slice(6, 60)])
def test_damaged_exif_data_turns_nothing(damage: slice) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x011A] = 72.0
    data = bytearray(exif.tobytes())
    data[damage] = b"\xff" * len(data[damage])
    content = image_bytes(RGB, "JPEG", exif=bytes(data))
    picture = read(content, ImageForm(0, "rgb"))
    whole = np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))
    if picture.turned:  # what is damaged is not the orientation
        whole = np.rot90(whole, -1)
    assert np.array_equal(picture.pixels.transpose(1, 2, 0), whole)


def test_a_resolution_of_zero_does_not_keep_a_photo_from_being_turned() -> None:
    # ImageOps.exif_transpose divides by it.
    exif = b"Exif\0\0II*\0\x08\0\0\0\x02\0"
    exif += struct.pack("<HHIHH", 0x0112, 3, 1, 6, 0) + struct.pack("<HHII", 0x011A, 5, 1, 38)
    exif += struct.pack("<III", 0, 72, 0)
    content = image_bytes(RGB, "JPEG", exif=exif)
    picture = read(content, ImageForm(0, "rgb"))
    assert picture.turned
    assert picture.pixels.shape == (3, 7, 5)


@pytest.mark.parametrize("fit", ["fit", "crop", "stretch"])
def test_a_large_photo_is_shrunk_as_a_whole_one_is(fit: Fit) -> None:
    waves = np.sin(np.arange(800)[:, np.newaxis] / 150) * np.cos(np.arange(1200) / 200)
    pixels = np.repeat((waves * 100 + 128).astype(np.uint8)[..., np.newaxis], 3, axis=2)
    wanted = ImageForm(24, "rgb", fit)
    exact = read(image_bytes(pixels), wanted)
    drafted = read(image_bytes(pixels, "JPEG", quality=95), wanted)
    assert drafted.pixels.shape == exact.pixels.shape == (3, 24, 24)
    difference = np.abs(drafted.pixels.astype(int) - exact.pixels)
    assert np.median(difference) <= 2
    assert drafted.resized


def png(width: int, height: int, pixels: bytes = b"") -> bytes:
    """Return a grey PNG of one bit whose head says any size, with any pixels."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        checksum = zlib.crc32(kind + content)
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(pixels)) + chunk(b"IEND", b"")


def gif(width: int, height: int) -> bytes:
    return b"GIF89a" + struct.pack("<HHBBB", width, height, 0, 0, 0) + b";"


def bmp(width: int, height: int) -> bytes:
    head = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54 + 9, 0, 0, 54) + head + bytes(9)


def jpeg(width: int, height: int) -> bytes:
    content = bytearray(image_bytes(RGB, "JPEG"))
    at = content.index(b"\xff\xc0")
    content[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(content)


@pytest.mark.parametrize("make", [png, bmp, jpeg])
@pytest.mark.parametrize("size", [(65535, 65535), (10_000, 10_000), (65535, 1300)])
def test_images_of_too_many_pixels_are_refused_by_their_head(
    make: Callable[[int, int], bytes], size: tuple[int, int]
) -> None:
    said = refusal(make(*size))
    assert said == (f"The image has {size[0]:,} × {size[1]:,} pixels; at most 64 million are read.")


@pytest.mark.parametrize("make", [png, gif, bmp])
@pytest.mark.parametrize("size", [(0, 0), (0, 5), (5, 0), (40, 40)])
def test_heads_without_their_pixels_are_refused(
    make: Callable[[int, int], bytes], size: tuple[int, int]
) -> None:
    said = refusal(make(*size), ImageForm(8))
    assert said.startswith("The file is")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "BMP", "GIF", "WEBP"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_files_that_are_cut_off_are_refused(kind: str, share: float) -> None:
    whole = image_bytes(noise(40, 40), kind)
    said = refusal(whole[: int(share * len(whole))])
    assert said.startswith(("The file is cut off", "The file is damaged"))
    assert "\n" not in said


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF"])
def test_files_whose_end_is_lost_to_zeros_are_no_black_images(kind: str) -> None:
    # As a disk leaves them that failed while they were copied.
    whole = image_bytes(np.kron(noise(8, 8), np.ones((16, 16, 1), np.uint8)), kind)
    half = len(whole) // 2
    said = refusal(whole[:half] + bytes(len(whole) - half))
    assert said.startswith(("The file is cut off", "The file is damaged"))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "The file is empty."),
        (b"%PDF-1.4 and so on", "It is no PNG, JPEG, BMP, GIF or WebP image"),
        (b"II*\0\x08\0\0\0", "It is no PNG, JPEG, BMP, GIF or WebP image"),
        (b"\x89PNG", "The file is damaged"),
    ],
)
def test_what_is_no_image_is_refused(content: bytes, said: str) -> None:
    assert refusal(content).startswith(said)


@pytest.mark.parametrize("kind", ["JPEG", "WEBP"])
def test_a_long_head_is_read_to_its_end(kind: str) -> None:
    pixels = noise(400, 500)
    content = image_bytes(pixels, kind, **({"lossless": True} if kind == "WEBP" else {}))
    if kind == "JPEG":  # colour profiles and previews stand before the size
        segment = b"\xff\xe2" + struct.pack(">H", 65_000) + bytes(64_998)
        content = content[:2] + segment * 6 + content[2:]
    assert len(content) > 300_000
    look = look_at(io.BytesIO(content))
    assert look == (500, 400, False)
