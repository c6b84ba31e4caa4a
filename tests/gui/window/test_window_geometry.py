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


@pytest.mark.parametrize(
    ("screen", "remembered", "is_maximized"),
    [
        ((1280, 770), {}, False),
        ((1280, 770), {"maximized": True}, True),
        ((1600, 1000), {"size": [2400, 700]}, False),
    ],
    ids=["the first one, where little is free", "one that filled it", "a size of another screen"],
)
def test_a_window_begins_inside_its_screen(
    programs: Programs,
    tmp_path: Path,
    screen: tuple[int, int],
    remembered: dict[str, object],
    is_maximized: bool,
) -> None:
    (tmp_path / "preferences.json").write_text(json.dumps({"window": remembered}), "utf-8")
    shown = {"name": "one", "x": 0, "y": 0, "width": screen[0], "height": screen[1]}
    shown |= {"logicalDpi": 96, "logicalBaseDpi": 96, "dpr": 1}
    screens = tmp_path / "screens.json"
    screens.write_text(json.dumps({"screens": [shown]}))
    environment = {
        "LAYERSCOPE_HOME": str(tmp_path),
        "LAYERSCOPE_UNATTENDED": "1",
        "QT_QPA_PLATFORM": f"offscreen:configfile={screens}",
    }
    ended = programs.start("-c", PROGRAM, environment=environment).ended()
    assert ended.code == 0, ended.err
    *place, maximized = ended.out.split()
    assert maximized == str(is_maximized)
    x, _, width, height = map(int, place)
    assert QRect(0, 0, *screen).contains(QRect(*map(int, place)))
    if "size" in remembered:
        assert (width > 1500, height < 760, x < 20) == (True, True, True)
