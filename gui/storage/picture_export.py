"""Picture export: SVG, PNG and CSV files, the question for a file, and how it is written."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRect, QSize, SignalInstance
from PySide6.QtGui import QColor, QFont, QFontInfo, QImage, QImageWriter, QPainter
from PySide6.QtWidgets import QFileDialog, QWidget

from engine.errors import LayerscopeError, ProjectError
from engine.files.atomic import ProgressReport, write_file
from gui.background.jobs import CancelledError
from gui.background.waiting import look, wait_for
from gui.theme import small_font
from gui.widgets.messages import ask_to_replace

Paint = Callable[[QPainter], None]
FILTERS = {
    ".svg": "SVG drawing (*.svg)",
    ".png": "PNG picture (*.png)",
    ".csv": "CSV table (*.csv)",
}
_DOTS = 96  # px per inch, as browsers have it
_RATIO = 2.0  # sharp in print
_WIDEST = 30_000  # px that an image may have


def to_svg(size: QSize, paint: Paint, title: str, description: str) -> bytes:
    """Paint on white as SVG 1.1, the first version in which Qt cuts off what it is told to."""
    from PySide6.QtSvg import QSvgGenerator  # the start of the window does not need it

    from gui.storage.svg_readers import for_any_reader

    buffer = _open_buffer()
    generator = QSvgGenerator(QSvgGenerator.SvgVersion.Svg11)
    generator.setResolution(_DOTS)
    generator.setOutputDevice(buffer)
    generator.setSize(size)
    generator.setViewBox(QRect(0, 0, size.width(), size.height()))
    generator.setTitle(title)
    generator.setDescription(description)
    painter = QPainter(generator)
    painter.fillRect(QRect(0, 0, size.width(), size.height()), QColor("white"))
    painter.setFont(file_font())
    paint(painter)
    painter.end()
    family = f'font-family="{file_font().family()}'.encode()
    return for_any_reader(bytes(buffer.data().data()).replace(family, family + b", sans-serif"))


def to_png(size: QSize, paint: Paint) -> bytes:
    """Paint on white as PNG, twice as fine as on the screen where that is not too wide."""
    ratio = min(_RATIO, _WIDEST / size.width())
    image = QImage(size * ratio, QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    painter = QPainter(image)
    painter.scale(ratio, ratio)
    painter.setFont(file_font())
    paint(painter)
    painter.end()
    buffer = _open_buffer()
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    return bytes(buffer.data().data())


def file_font() -> QFont:
    """Return the small font in pixels, since the points of a screen and of a file differ."""
    font = small_font()
    font.setPixelSize(QFontInfo(font).pixelSize())
    return font


def ask_for_file(
    parent: QWidget, title: str, suggested: Path, endings: Sequence[str]
) -> Path | None:
    """Ask where to export to, as one of the formats of these endings; None if nowhere."""
    filters = ";;".join(FILTERS[ending] for ending in endings)
    name, chosen = QFileDialog.getSaveFileName(parent, title, str(suggested), filters)
    if not name:
        return None
    path = Path(name)
    if path.suffix.lower() in endings:
        return path
    ending = next((each for each in endings if each[1:] in chosen.lower()), endings[0])
    path = path.with_name(path.name + ending)
    # The dialog asked about the name without its ending.
    there = look(lambda: os.path.exists(path), otherwise=True)
    return None if there and not ask_to_replace(parent, path.name) else path


def export(
    path: Path,
    data: bytes,
    what: str,
    exported: SignalInstance,
    refused: SignalInstance,
    parent: QWidget,
) -> bool:
    """Write a file, and say by one of the signals what became of it; give whether it worked."""

    def write(report: ProgressReport) -> None:
        write_file(path, data, ProjectError, report)

    try:
        wait_for(parent, f"Exporting {path.name}", write)
    except (LayerscopeError, CancelledError) as error:
        refused.emit(str(error) or "Cancelled. Nothing was written.")
        return False
    exported.emit(f"{what} exported to {path}.")
    return True


def _open_buffer() -> QBuffer:
    buffer = QBuffer()
    buffer.setData(QByteArray())
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    return buffer
