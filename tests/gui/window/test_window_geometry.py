"""Where the window stands: inside its screen, whatever the screen's size."""

import json
from pathlib import Path

import pytest
from PySide6.QtCore import QRect, QSize

from gui.main_window import fitted
from tests.programs import Programs

PROGRAM = """
from PySide6.QtWidgets import QApplication
from gui.app import create_window
app = QApplication([])
window = create_window()
window.show()
app.processEvents()
place = window.frameGeometry()
print(*place.getRect(), window.isMaximized())
window.close()
"""


@pytest.mark.parametrize(
    ("free", "expected"),
    [
        (QRect(0, 0, 1920, 1080), QSize(1280, 800)),
        (QRect(0, 0, 1280, 770), QSize(1264, 722)),
        (QRect(0, 27, 960, 513), QSize(944, 465)),
        (QRect(1920, 200, 1366, 728), QSize(1280, 680)),
    ],
)
def test_the_window_and_its_frame_are_inside_the_free_room(free: QRect, expected: QSize) -> None:
    placed = fitted(QSize(1280, 800), free)
    assert placed.size() == expected
    assert free.contains(placed.adjusted(-8, -40, 8, 8))


def start(
    programs: Programs, folder: Path, width: int, height: int, window: dict[str, object]
) -> list[str]:
    """Start the program on a screen, and return where the window stands."""
    (folder / "preferences.json").write_text(json.dumps({"window": window}), "utf-8")
    screen = {"name": "one", "x": 0, "y": 0, "width": width, "height": height}
    screens = folder / "screens.json"
    screens.write_text(
        json.dumps({"screens": [{**screen, "logicalDpi": 96, "logicalBaseDpi": 96, "dpr": 1}]})
    )
    environment = {
        "LAYERSCOPE_HOME": str(folder),
        "LAYERSCOPE_UNATTENDED": "1",
        "QT_QPA_PLATFORM": f"offscreen:configfile={screens}",
    }
    ended = programs.start("-c", PROGRAM, environment=environment).ended()
    assert ended.code == 0, ended.err
    return ended.out.split()


def test_the_first_window_is_maximized_where_little_is_free(
    programs: Programs, tmp_path: Path
) -> None:
    *place, maximized = start(programs, tmp_path, 1280, 770, {})
    assert maximized == "True"
    assert QRect(0, 0, 1280, 770).contains(QRect(*map(int, place)))


def test_a_remembered_size_is_cut_to_the_screen_of_today(
    programs: Programs, tmp_path: Path
) -> None:
    *place, maximized = start(programs, tmp_path, 1600, 1000, {"size": [2400, 700]})
    assert maximized == "False"
    x, _, width, height = map(int, place)
    assert QRect(0, 0, 1600, 1000).contains(QRect(*map(int, place)))
    assert (width > 1500, height < 760, x < 20) == (True, True, True)
