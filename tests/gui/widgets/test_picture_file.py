"""Pictures from files: read, refused in one sentence, turned grey."""

import os
import struct
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtGui import QColor, QImage

from engine.data.image_files.image_decoding import MOST_BYTES
from engine.errors import DataError
from gui.widgets.drawing_canvas import PICTURE_FILTER, grey_values, in_square, read_picture


def picture(width: int = 40, height: int = 30, colour: str = "#3264c8") -> QImage:
    image = QImage(width, height, QImage.Format.Format_ARGB32)
    image.fill(QColor(colour))
    return image


@pytest.mark.parametrize("ending", ["png", "jpg", "bmp", "gif", "webp"])
def test_a_colour_picture_becomes_grey(tmp_path: Path, ending: str) -> None:
    """0.299, 0.587 and 0.114 of red 50, green 100 and blue 200 are 96.45."""
    path = tmp_path / f"photo.{ending}"
    Image.new("RGB", (40, 30), (50, 100, 200)).save(path)
    assert f"*.{ending}" in PICTURE_FILTER
    grey = grey_values(read_picture(path.rename(tmp_path / "any.png")), 280)  # whatever it says
    assert grey.shape == (210, 280)
    assert np.abs(grey.astype(int) - 96).max() <= 2


def refusal(path: Path) -> str:
    with pytest.raises(DataError) as caught:
        read_picture(path)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_what_is_no_picture_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.png"
    path.write_text("not a picture")
    assert refusal(path) == (
        "notes.png: It is no PNG, JPEG, BMP, GIF or WebP image, whatever its name says. Choose "
        "another picture."
    )
    assert "none.png does not exist" in refusal(tmp_path / "none.png")
    assert "is a folder" in refusal(tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="needs pipes and devices among the files")
def test_a_pipe_or_a_device_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.png")
    (tmp_path / "y.png").symlink_to("/dev/zero")
    for name in ("x.png", "y.png"):
        assert "is not a regular file" in refusal(tmp_path / name)


def jpeg_of_noise(path: Path, side: int = 200) -> bytes:
    noise = np.random.default_rng(0).integers(0, 256, (side, side), dtype=np.uint8)
    assert QImage(noise.data, side, side, side, QImage.Format.Format_Grayscale8).save(str(path))
    return path.read_bytes()


def test_a_damaged_picture_is_refused(tmp_path: Path) -> None:
    """Also a JPEG with a whole thumbnail before the pixels, whose end is not that of the picture.

    A JPEG may have more after its end, and bytes that fill up before a segment.
    """
    path, small = tmp_path / "half.jpg", jpeg_of_noise(tmp_path / "small.jpg", 16)
    whole = jpeg_of_noise(path)
    thumbnail = b"\xff\xe5" + struct.pack(">H", 2 + len(small)) + small
    for before in (b"", thumbnail, b"\xff\xff"):
        data = whole[:2] + before + whole[2:]
        path.write_bytes(data + b"made by a camera" * 500 + b"\xff\xda")
        assert read_picture(path).width() == 200
        path.write_bytes(data[: len(data) * 2 // 3])
        assert refusal(path).startswith("half.jpg: The file is cut off")
    path = tmp_path / "half.png"
    picture().save(str(path))
    path.write_bytes(path.read_bytes()[:60])
    assert refusal(path).startswith("half.png: The file is ")


def test_what_is_huge_is_refused_before_it_takes_memory(tmp_path: Path) -> None:
    """A file of some bytes that says it holds 30,000 × 30,000 pixels, and one of many bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 30_000, 30_000, 8, 0, 0, 0, 0))
    content = chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    path = tmp_path / "huge.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + header + content)
    assert "The image has 30,000 × 30,000 pixels; at most 64 million are read." in refusal(path)
    path = tmp_path / "huge.bmp"
    with path.open("wb") as file:
        file.truncate(MOST_BYTES + 1)
    assert "huge.bmp is larger than 134 MB" in refusal(path)


def test_a_small_picture_is_enlarged_pixel_by_pixel_and_a_large_one_averaged() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (28, 28), dtype=np.uint8)
    stripes = np.zeros((560, 560), dtype=np.uint8)
    stripes[::2] = 255
    for given, room in ((np.kron(pixels, np.ones((10, 10))), 1), (np.full((280, 280), 127), 2)):
        source = pixels if room == 1 else stripes
        side, form = len(source), QImage.Format.Format_Grayscale8
        grey = grey_values(QImage(source.data, side, side, side, form), 280)
        assert np.abs(grey.astype(int) - given).max() <= room


@pytest.mark.parametrize(("ink", "paper"), [("#000000", 255), ("#ffffff", 0)])
def test_a_transparent_picture_gets_paper_for_its_ink(ink: str, paper: int) -> None:
    image = QImage(20, 20, QImage.Format.Format_ARGB32)
    image.fill(QColor(0, 0, 0, 0))
    for y in range(8, 12):
        image.setPixelColor(10, y, QColor(ink))
    grey = grey_values(image, 20)
    assert grey[0, 0] == paper
    assert grey[9, 10] == 255 - paper


def test_a_picture_of_another_shape_stands_in_the_middle() -> None:
    ink = np.full((10, 4), 9, dtype=np.uint8)
    square = in_square(ink, 10)
    assert square.shape == (10, 10)
    assert (square[:, 3:7] == 9).all()
    assert square.sum() == ink.sum()


def test_a_gif_keeps_its_transparency_and_a_webp_is_turned_upright(tmp_path: Path) -> None:
    drawn = np.zeros((6, 4), np.uint8)
    drawn[0] = 1
    gif = Image.fromarray(drawn, "P")
    gif.putpalette([0, 0, 0, 250, 20, 30])
    gif.save(tmp_path / "x.gif", transparency=0)
    image = read_picture(tmp_path / "x.gif")
    assert image.pixelColor(2, 0).getRgb() == (250, 20, 30, 255)
    assert image.pixelColor(2, 5).alpha() == 0
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise by a quarter
    photo = Image.new("RGB", (16, 8), (10, 10, 10))
    photo.paste((240, 240, 240), (0, 0, 8, 8))
    photo.save(tmp_path / "x.webp", exif=exif, lossless=True)
    image = read_picture(tmp_path / "x.webp")
    assert (image.width(), image.height()) == (8, 16)
    assert image.pixelColor(4, 4).red() > 200 > 50 > image.pixelColor(4, 12).red()
