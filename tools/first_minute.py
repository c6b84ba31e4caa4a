"""Take the moving picture of the first minute from the real program, without a display.

Usage: .venv/bin/python tools/first_minute.py [FILE.webp]

The untrained network, training, a drawing, one cell step by step, and a drag back in time.
"""

import math
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from PIL import Image
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from gui.main_window import MainWindow
from tools.screenshots import draw_seven, open_window, trigger, wait, wait_for

_WIDTH = 960  # px of the picture
_SECOND = 1000  # ms


class Film:
    """Frames of a window, and how long each is seen, in ms."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self.frames: list[Image.Image] = []
        self.times: list[int] = []

    def shoot(self, milliseconds: int) -> None:
        """Add what the window shows now."""
        seen = self._window.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
        size = seen.width(), seen.height()
        frame = Image.frombytes(
            "RGB", size, bytes(seen.constBits()), "raw", "RGB", seen.bytesPerLine()
        )
        scaled = _WIDTH, round(_WIDTH * seen.height() / seen.width())
        self.frames.append(frame.resize(scaled, Image.Resampling.LANCZOS))
        self.times.append(milliseconds)

    def shoot_while(self, seconds: float, milliseconds: int) -> None:
        """Add what the window shows for so long, frame by frame."""
        for _ in range(math.ceil(seconds * _SECOND / milliseconds)):
            wait(milliseconds / _SECOND)
            self.shoot(milliseconds)

    def write(self, path: Path) -> None:
        """Write all frames as a moving picture."""
        first, *rest = self.frames
        first.save(
            path,
            save_all=True,
            append_images=rest,
            duration=self.times,
            loop=0,
            quality=60,
            method=4,
        )


def main(path: Path) -> None:
    """Do what a new user does in the first minute, and film it."""
    app = QApplication(sys.argv[:1])
    window = open_window()
    trigger(window, "theme.light")
    wait(3)
    film = Film(window)
    film.shoot(2 * _SECOND)
    trigger(window, "new.digits")
    wait(2)
    film.shoot(_SECOND)
    trigger(window, "train")
    wait_for(lambda: window.session.run.phase == "Training")
    film.shoot_while(6, 300)
    wait_for(lambda: window.session.run.phase == "Finished")
    wait(2)
    film.shoot(2 * _SECOND)
    _draw(window, film)
    _step(window, film)
    _go_back(window, film)
    film.write(path)
    print(path, len(film.frames), "frames")
    window.close()
    app.quit()


def _draw(window: MainWindow, film: Film) -> None:
    """Draw a seven."""
    draw_seven(window, lambda: film.shoot_while(0.2, 200))
    wait(1)
    film.shoot(2 * _SECOND)


def _step(window: MainWindow, film: Film) -> None:
    """Show how some cells of a map are made."""
    window.stage.show_panel("Step by step")
    while window.panels.glass.panel.specimen is None:
        wait(0.5)
    wait(1.5)
    convolution = window.panels.glass.convolution
    for _ in range(8):
        convolution.go(1)
        film.shoot_while(0.6, 300)


def _go_back(window: MainWindow, film: Film) -> None:
    """Look at earlier epochs, and come back."""
    window.stage.show_panel("What it sees")
    window.stage.show_panel("Test image")
    wait(1)
    epochs = window.document.learned.epochs
    for epoch in (epochs // 2, epochs // 5, 1):
        window.panels.runs.go_to_time(float(epoch))
        film.shoot_while(1.2, 600)
    window.view.back_to_now()
    wait(1)
    film.shoot(2 * _SECOND)


if __name__ == "__main__":
    with TemporaryDirectory() as home:
        os.environ["LAYERSCOPE_HOME"] = home
        main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("docs/first-minute.webp"))
