"""Pictures from files, the clipboard and other programs, as grey values."""

from pathlib import Path

import numpy as np
from PySide6.QtCore import QBuffer, QIODevice, QMimeData, Qt
from PySide6.QtGui import QColor, QImage, QImageReader, QPainter

from engine.errors import DataError
from engine.files.untrusted_read import read_file
from gui.widgets.pictures import Bytes

PICTURE_FILTER = "Pictures (*.png *.jpg *.jpeg *.bmp)"
DROPPED = (".png", ".jpg", ".jpeg", ".bmp")  # what other files are, the window may know
_FORMATS = ("png", "jpeg", "bmp")
_MOST_BYTES = 64_000_000
_MOST_PIXELS = 50_000_000  # 200 MB while they are read


def find_picture(data: QMimeData, endings: tuple[str, ...] = ("",)) -> Path | QImage | None:
    """Find a picture in what was dragged or copied: one file whose name ends so, or pixels."""
    paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
    if len(paths) == 1 and paths[0].name.lower().endswith(endings):
        return paths[0]
    return QImage(data.imageData()) if data.hasImage() else None


def read_picture(path: Path) -> QImage:
    """Read a PNG, JPEG or BMP file.

    Raises DataError if it is none of these, is no file, is damaged, or is larger than 50 million
    pixels.
    """
    name = path.name
    data = read_file(path, _MOST_BYTES, DataError)
    buffer = QBuffer()
    buffer.setData(data)
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer)
    reader.setDecideFormatFromContent(True)
    reader.setAutoTransform(True)
    if not reader.canRead() or bytes(reader.format().data()).decode() not in _FORMATS:
        raise DataError(f"{name} is not a PNG, JPEG or BMP picture. Choose one of these.")
    if reader.format() == b"jpeg" and not _has_end(data):
        raise DataError(f"{name} is damaged: its end is missing. Choose another file.")
    pixels = reader.size()
    if pixels.width() * pixels.height() > _MOST_PIXELS:
        raise DataError(
            f"{name} has {pixels.width():,}×{pixels.height():,} pixels, more than 50 million. "
            "Make it smaller first."
        )
    image = reader.read()
    if image.isNull():
        raise DataError(f"{name} is damaged: its picture cannot be read. Choose another file.")
    return image


def _has_end(jpeg: bytes) -> bool:
    """Return whether the end marker follows the pixels. Qt shows what there is without it.

    Segments before the pixels are passed over, for a thumbnail in them has an end of its own; after
    the end some cameras write what is no part of the picture.
    """
    at = 2  # after the marker of the start
    while at + 1 < len(jpeg) and jpeg[at : at + 2] != b"\xff\xda":
        is_segment = jpeg[at] == 0xFF and jpeg[at + 1] not in (0x00, 0xFF)
        at += 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big") if is_segment else 1
    return jpeg.find(b"\xff\xd9", at) >= 0


def grey_values(image: QImage, side: int) -> Bytes:
    """Turn a picture into grey values (h, w) that fit into a square of `side`.

    Where it is transparent it gets the paper that its ink needs: light for dark ink, else dark.
    Small pictures are enlarged pixel by pixel, so that nothing is blurred.
    """
    larger = max(image.width(), image.height()) > side
    smooth = Qt.TransformationMode.SmoothTransformation
    mode = smooth if larger else Qt.TransformationMode.FastTransformation
    image = image.scaled(side, side, Qt.AspectRatioMode.KeepAspectRatio, mode)
    pixels = image.convertToFormat(QImage.Format.Format_RGBA8888)
    rows = np.frombuffer(pixels.constBits(), np.uint8).reshape(pixels.height(), -1)
    rgba = rows[:, : 4 * pixels.width()].reshape(pixels.height(), pixels.width(), 4).astype(float)
    grey = rgba[:, :, :3] @ [0.299, 0.587, 0.114]
    cover = rgba[:, :, 3] / 255
    if cover.min() < 1 and cover.any():
        paper = 0.0 if (grey * cover).sum() / cover.sum() > 127.5 else 255.0
        grey = grey * cover + paper * (1 - cover)
    values: Bytes = grey.round().astype(np.uint8)
    return values


def colour_values(image: QImage, side: int, paper: str) -> Bytes:
    """Turn a picture into colours (side, side, 3): as large as it fits, in the middle of paper."""
    larger = max(image.width(), image.height()) > side
    smooth = Qt.TransformationMode.SmoothTransformation
    mode = smooth if larger else Qt.TransformationMode.FastTransformation
    image = image.scaled(side, side, Qt.AspectRatioMode.KeepAspectRatio, mode)
    square = QImage(side, side, QImage.Format.Format_RGB888)
    square.fill(QColor(paper))
    painter = QPainter(square)
    painter.drawImage((side - image.width()) // 2, (side - image.height()) // 2, image)
    painter.end()
    rows = np.frombuffer(square.constBits(), np.uint8).reshape(side, -1)
    return rows[:, : 3 * side].reshape(side, side, 3).copy()


def in_square(ink: Bytes, side: int) -> Bytes:
    """Put ink (h, w) into the middle of a square of paper."""
    square = np.zeros((side, side), dtype=np.uint8)
    top, left = ((side - length) // 2 for length in ink.shape)
    square[top : top + ink.shape[0], left : left + ink.shape[1]] = ink
    return square
