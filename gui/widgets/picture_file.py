"""Pictures from files, the clipboard and other programs, as grey values or in colour."""

import io
from pathlib import Path

import numpy as np
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from engine.data.image_files.image_decoding import MOST_BYTES, decode_rgba, why_refused
from engine.data.image_files.listing import ENDINGS
from engine.errors import DataError
from engine.files.untrusted_read import read_file
from gui.widgets.pictures import Bytes

PICTURE_FILTER = f"Pictures ({' '.join(f'*{ending}' for ending in ENDINGS)})"
DROPPED = ENDINGS  # what other files are, the window may know


def find_picture(data: QMimeData, endings: tuple[str, ...] = ("",)) -> Path | QImage | None:
    """Find a picture in what was dragged or copied: one file whose name ends so, or pixels."""
    paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
    if len(paths) == 1 and paths[0].name.lower().endswith(endings):
        return paths[0]
    return QImage(data.imageData()) if data.hasImage() else None


def read_picture(path: Path) -> QImage:
    """Read an image file as those of data sets are read.

    Raises DataError if it is none, is no file, is damaged, or is too large.
    """
    data = read_file(path, MOST_BYTES, DataError)
    try:
        rgba = decode_rgba(io.BytesIO(data))
    except Exception as fault:  # Pillow raises what it likes
        raise DataError(f"{path.name}: {why_refused(fault)} Choose another picture.") from fault
    height, width, _ = rgba.shape
    return QImage(rgba.data, width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()


def grey_values(image: QImage, side: int) -> Bytes:
    """Turn a picture into grey values (h, w) that fit into a square of `side`.

    Where it is transparent it gets the paper that its ink needs: light for dark ink, else dark.
    Small pictures are enlarged pixel by pixel, so that nothing is blurred.
    """
    image = _scaled(image, side)
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
    image = _scaled(image, side)
    square = QImage(side, side, QImage.Format.Format_RGB888)
    square.fill(QColor(paper))
    painter = QPainter(square)
    painter.drawImage((side - image.width()) // 2, (side - image.height()) // 2, image)
    painter.end()
    rows = np.frombuffer(square.constBits(), np.uint8).reshape(side, -1)
    return rows[:, : 3 * side].reshape(side, side, 3).copy()


def _scaled(image: QImage, side: int) -> QImage:
    """Return a picture as large as it fits into a square; pixels stay pixels where it grows."""
    modes = Qt.TransformationMode
    larger = max(image.width(), image.height()) > side
    mode = modes.SmoothTransformation if larger else modes.FastTransformation
    return image.scaled(side, side, Qt.AspectRatioMode.KeepAspectRatio, mode)


def in_square(ink: Bytes, side: int) -> Bytes:
    """Put ink (h, w) into the middle of a square of paper."""
    square = np.zeros((side, side), dtype=np.uint8)
    top, left = ((side - length) // 2 for length in ink.shape)
    square[top : top + ink.shape[0], left : left + ink.shape[1]] = ink
    return square
