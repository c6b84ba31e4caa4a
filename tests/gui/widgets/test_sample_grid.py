"""The grid of digits: its model, its marks in pixels, its mouse and keys."""

from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.theme import LIGHT
from gui.widgets.pictures import whole_scale
from gui.widgets.prediction_model import PredictionModel
from gui.widgets.sample_grid import SampleGrid, caption_within, room_of_pixels
from tests.gui.showing import is_up_to_date, on_screen, on_the_screen

# Four samples of the digits 3 and 8: the second is called a 3 with 0.83, the last one overshoots.
LABELS = np.array([0, 1, 0, 1])
OUTPUTS = np.array([[0.99, 0.1], [0.83, 0.2], [0.6, 0.4], [-0.2, 1.3]])
CLASSES = ("3", "8")


def pictures(count: int) -> np.ndarray[tuple[int, int, int, int], np.dtype[np.uint8]]:
    images = np.zeros((count, 1, 28, 28), dtype=np.uint8)
    images[..., :14, :14] = 255  # a white quarter, upper left
    return images


@pytest.fixture
def grid(qtbot: QtBot) -> SampleGrid:
    made = SampleGrid()
    made.set_samples(pictures(4), LABELS, CLASSES)
    made.set_outputs(OUTPUTS)
    return on_screen(qtbot, made, 480, 260)


def centre_of(grid: SampleGrid, row: int) -> QPoint:
    return grid.visualRect(grid.samples.index(row)).center()


def item_picture(grid: SampleGrid, row: int) -> QImage:
    return grid.viewport().grab(grid.visualRect(grid.samples.index(row))).toImage()


def colours_in(image: QImage) -> dict[str, int]:
    counts: dict[str, int] = {}
    for y in range(image.height()):
        for x in range(image.width()):
            name = image.pixelColor(x, y).name()
            counts[name] = counts.get(name, 0) + 1
    return counts


def texts(model: PredictionModel, role: Qt.ItemDataRole) -> list[Any]:
    return [model.data(model.index(row), role) for row in range(model.rowCount())]


def test_the_model_keeps_the_rules_of_models(qapp: QApplication) -> None:
    model = PredictionModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.set_samples(pictures(4), LABELS, CLASSES)
    model.set_outputs(OUTPUTS)
    model.set_shown(np.array([3, 1]))
    assert model.rowCount() == 2
    assert texts(model, Qt.ItemDataRole.UserRole) == [3, 1]


def test_captions_say_true_and_predicted_class_and_confidence(grid: SampleGrid) -> None:
    captions = texts(grid.samples, Qt.ItemDataRole.DisplayRole)
    assert captions == ["3  99 %", "8 → 3  83 %", "3  60 %", "8  100 %"]


def test_screen_readers_hear_a_sentence(grid: SampleGrid) -> None:
    grid.set_pinned(1)
    assert texts(grid.samples, Qt.ItemDataRole.AccessibleTextRole)[:2] == [
        "Test image 1: a 3, predicted as a 3 with 99 % confidence, right.",
        "Test image 2, pinned: an 8, predicted as a 3 with 83 % confidence, wrong.",
    ]


def test_the_tip_gives_the_output_as_it_is(grid: SampleGrid) -> None:
    tip = texts(grid.samples, Qt.ItemDataRole.ToolTipRole)[3]
    assert tip.endswith("The confidence is the output for class 8 as it is: 1.300.")


def test_without_outputs_nothing_is_claimed(grid: SampleGrid) -> None:
    grid.set_outputs(None)
    assert texts(grid.samples, Qt.ItemDataRole.DisplayRole)[0] == "3 → ?"
    said = texts(grid.samples, Qt.ItemDataRole.AccessibleTextRole)[0]
    assert said == "Test image 1: a 3, not yet predicted."
    assert LIGHT.wrong.lower() not in colours_in(item_picture(grid, 1))


def test_the_picture_is_scaled_by_a_whole_number(grid: SampleGrid) -> None:
    grid.set_outputs(None)
    counts = colours_in(item_picture(grid, 0))
    assert counts["#000000"] % (3 * 14 * 14) == 0
    scale = round((counts["#000000"] / (3 * 14 * 14)) ** 0.5)
    assert scale >= 2
    assert counts["#000000"] == 3 * 14 * 14 * scale**2


def test_a_wrong_digit_has_a_thick_frame_and_a_cross(grid: SampleGrid) -> None:
    right, wrong = (colours_in(item_picture(grid, row)) for row in (0, 1))
    frame = QColor(LIGHT.wrong).name()
    assert frame not in right
    side = 28 * 3 if wrong[frame] > 1000 else 28 * 2
    assert wrong[frame] >= 4 * 3 * side  # three px on each side


def test_a_cross_is_drawn_in_the_corner(grid: SampleGrid) -> None:
    image = item_picture(grid, 1)
    orange = QColor(LIGHT.wrong)
    spots = [
        (x, y)
        for y in range(image.height())
        for x in range(image.width())
        if image.pixelColor(x, y) == orange
    ]
    right, top = max(x for x, _ in spots) - 2, min(y for _, y in spots) + 3
    badge = image.copy(right - 14, top, 14, 14)
    assert badge.pixelColor(7, 7).lightness() > 200  # the arms of the cross meet in the middle
    assert badge.pixelColor(7, 1) == orange


def test_the_pinned_digit_is_framed(grid: SampleGrid) -> None:
    before = colours_in(item_picture(grid, 2))
    grid.set_pinned(2)
    after = colours_in(item_picture(grid, 2))
    pinned = QColor(LIGHT.pinned).name()
    assert pinned not in before
    assert after[pinned] > 4 * 2 * 56


def test_a_click_activates(qtbot: QtBot, grid: SampleGrid) -> None:
    with qtbot.waitSignal(grid.sample_activated) as activated:
        QTest.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=centre_of(grid, 2))
    assert activated.args == [2]


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space])
def test_keys_walk_and_activate(qtbot: QtBot, grid: SampleGrid, key: Qt.Key) -> None:
    grid.setCurrentIndex(grid.samples.index(0))
    QTest.keyClick(grid, Qt.Key.Key_Right)
    QTest.keyClick(grid, Qt.Key.Key_Right)
    with qtbot.waitSignal(grid.sample_activated) as activated:
        QTest.keyClick(grid, key)
    assert activated.args == [2]


def test_a_filtered_grid_names_samples_not_rows(qtbot: QtBot, grid: SampleGrid) -> None:
    grid.set_shown(np.array([1, 3]))
    with qtbot.waitSignal(grid.sample_activated) as activated:
        QTest.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=centre_of(grid, 1))
    assert activated.args == [3]


def test_focus_and_scroll_stay_when_the_filter_changes(qtbot: QtBot, grid: SampleGrid) -> None:
    grid.set_samples(pictures(1000), np.zeros(1000, dtype=np.intp), CLASSES)
    grid.setCurrentIndex(grid.samples.index(500))
    qtbot.waitUntil(lambda: grid.verticalScrollBar().value() > 0)
    grid.set_shown(np.arange(400, 900))
    assert grid.currentIndex().row() == 100
    assert grid.samples.data(grid.currentIndex(), Qt.ItemDataRole.UserRole) == 500


def test_only_what_is_in_view_is_painted(
    qtbot: QtBot, grid: SampleGrid, monkeypatch: pytest.MonkeyPatch
) -> None:
    grid.set_samples(pictures(10_000), np.zeros(10_000, dtype=np.intp), CLASSES)
    painted: set[int] = set()
    caption = grid.samples.caption

    def counted(sample: int, *letters: int) -> str:
        painted.add(sample)
        return caption(sample, *letters)

    monkeypatch.setattr(grid.samples, "caption", counted)
    grid.grab()
    assert 4 <= len(painted) <= 60


def test_only_those_of_which_something_else_is_said_are_painted_anew(
    qtbot: QtBot, grid: SampleGrid, monkeypatch: pytest.MonkeyPatch
) -> None:
    QApplication.processEvents()
    painted: list[int] = []
    captioned: list[int] = []
    mark, write = grid._delegate._mark, grid._delegate._write

    def marked(painter: Any, picture: Any, sample: int, option: Any) -> None:
        painted.append(sample)
        mark(painter, picture, sample, option)

    def written(painter: Any, place: Any, sample: int, palette: Any) -> None:
        captioned.append(sample)
        write(painter, place, sample, palette)

    monkeypatch.setattr(grid._delegate, "_mark", marked)
    monkeypatch.setattr(grid._delegate, "_write", written)
    changed = OUTPUTS.copy()
    changed[0] = 0.1, 0.2  # now wrong
    changed[3] = -0.2, 0.7  # less sure
    changed[2] = 0.6, 0.1  # the same is said
    grid.set_outputs(changed)
    QApplication.processEvents()
    assert painted == [0]
    assert sorted(captioned) == [0, 3]
    assert is_up_to_date(grid)


@pytest.mark.parametrize("focused", [False, True])
def test_the_pinned_one_is_whole_after_its_caption_alone_has_changed(
    qtbot: QtBot, grid: SampleGrid, focused: bool
) -> None:
    grid.set_pinned(0)
    if focused:
        grid.setCurrentIndex(grid.samples.index(0))
        grid.setFocus()
        qtbot.waitUntil(grid.hasFocus)
    QApplication.processEvents()
    before = on_the_screen(grid)
    grid.set_pinned_outputs(0, np.array([0.55, 0.1]))
    QApplication.processEvents()
    assert is_up_to_date(grid)
    assert on_the_screen(grid) != before


@pytest.mark.parametrize("width", range(300, 1000, 7))
def test_the_columns_fill_the_width(grid: SampleGrid, width: int) -> None:
    grid.set_samples(pictures(100), np.zeros(100, dtype=np.intp), CLASSES)
    grid.resize(width, 300)
    room = grid.viewport().width()
    cell = grid.gridSize().width()
    first_row = [row for row in range(100) if grid.visualRect(grid.samples.index(row)).top() <= 8]
    assert len(first_row) == (room - 1) // cell
    assert room - len(first_row) * cell < cell


@pytest.mark.parametrize("classes", [("3", "8"), ("24", "25")])
@pytest.mark.parametrize("width", [341, 480, 560, 900])
def test_captions_are_not_cut(grid: SampleGrid, classes: tuple[str, str], width: int) -> None:
    """The longest has room, or if not, then without the spaces around its arrow."""
    grid.set_samples(pictures(40), np.repeat([0, 1], 20), classes)
    grid.set_outputs(np.tile([1.0, 0.0], (40, 1)))
    grid.resize(width, 260)
    grid.set_shown(np.arange(40)[::-1])  # the wrong ones first
    rect = grid.visualRect(grid.samples.index(1))
    image = grid.viewport().grab(rect).toImage()
    across = range(image.width())
    end = max(
        y
        for y in range(image.height())
        if any(image.pixelColor(x, y).lightness() < 230 for x in across)
    )
    lowest = range(end - 6, end)  # through the middle of the figures
    inked = [
        x
        for x in range(image.width())
        if any(image.pixelColor(x, y).lightness() < 230 for y in lowest)
    ]
    assert inked[0] >= 1
    assert inked[-1] < image.width() - 1
    full, tight = (
        grid.fontMetrics().horizontalAdvance(caption.format(*classes))
        for caption in ("{1} → {0}  100 %", "{1}→{0} 100 %")
    )
    expected = full if rect.width() >= full + 4 else tight  # a gap beside it
    assert inked[-1] - inked[0] == pytest.approx(expected, abs=6)


@pytest.mark.parametrize("height", range(170, 800, 21))
def test_whole_rows_fill_the_height(grid: SampleGrid, height: int) -> None:
    """At 1280×800 three rows of twice 28 px are in view with their captions."""
    grid.set_samples(pictures(500), np.zeros(500, dtype=np.intp), CLASSES)
    grid.resize(360, height)
    view = grid.viewport().rect()
    cells = [grid.visualRect(grid.samples.index(row)) for row in range(500)]
    seen = [cell for cell in cells if cell.intersects(view)]
    cut = [cell for cell in seen if not view.contains(cell)]
    assert all(view.bottom() - cell.top() < 28 for cell in cut)  # no more than its empty top
    if height == 254:
        assert max(cell.top() for cell in seen if cell not in cut) > 150


def test_the_caption_stands_right_below_its_picture(grid: SampleGrid) -> None:
    grid.set_outputs(None)
    grid.clearFocus()  # it has a frame of its own
    for height in (260, 330):
        grid.resize(480, height)
        image = item_picture(grid, 0)
        x = image.width() // 2
        black = [y for y in range(image.height()) if image.pixelColor(x + 3, y).name() == "#000000"]
        inked = [
            y
            for y in range(black[-1] + 1, image.height())
            if any(image.pixelColor(i, y).lightness() < 100 for i in range(3, image.width() - 3))
        ]
        assert 4 <= inked[0] - black[-1] <= 10


@pytest.mark.parametrize("scrolled", [0, 37, 400, 100_000])
def test_those_in_view_are_known_by_their_numbers(grid: SampleGrid, scrolled: int) -> None:
    grid.set_samples(pictures(500), np.zeros(500, dtype=np.intp), CLASSES)
    grid.set_shown(np.arange(499, 0, -2))
    QApplication.processEvents()
    grid.verticalScrollBar().setValue(scrolled)
    room = grid.viewport().rect()
    rows = range(grid.samples.rowCount())
    seen = [row for row in rows if grid.visualRect(grid.samples.index(row)).intersects(room)]
    assert grid.in_view().tolist() == [499 - 2 * row for row in seen]
    grid.hide()
    assert grid.in_view().size == 0


def test_digits_of_which_nothing_can_be_said_are_paler(grid: SampleGrid) -> None:
    grid.set_outputs(None)
    black = colours_in(item_picture(grid, 0)).get("#000000", 0)
    assert black > 1000
    grid.set_grey(True)
    found = colours_in(item_picture(grid, 0))
    assert "#000000" not in found
    paler = round(255 * 0.6)  # of the white behind
    greys = [QColor(name).lightness() for name, count in found.items() if count == black]
    assert greys == [pytest.approx(paler, abs=2)]
    grid.set_grey(False)
    assert colours_in(item_picture(grid, 0))["#000000"] == black


def test_long_names_are_short_below_the_pictures_and_whole_in_the_tip(grid: SampleGrid) -> None:
    labels = np.repeat([0, 1], 20)
    grid.set_samples(pictures(40), labels, ("T-shirt/top or so", "Ankle boot"))
    grid.set_outputs(np.tile([1.0, 0.0], (40, 1)))
    grid.resize(480, 260)
    QApplication.processEvents()
    assert grid.samples.caption(0) == "T-shi…r so  100 %"
    assert grid.samples.caption(20) == "Ankle boot → T-shi…r so  100 %"
    assert grid.gridSize().width() < 240, "there is more than one column"
    assert "predicted as T-shirt/top or so" in grid.samples.sentence(20)


def test_a_caption_has_as_much_of_both_names_as_there_is_room_for(grid: SampleGrid) -> None:
    labels = np.repeat([0, 1], 20)
    grid.set_samples(pictures(40), labels, ("blue circle", "blue triangle"))
    grid.set_outputs(np.tile([1.0, 0.0], (40, 1)))
    metrics = grid.fontMetrics()
    least = max(map(metrics.horizontalAdvance, ("bl…le→…cir… 100 %", "…tri…→…cir… 100 %")))
    before = ""
    for room in range(2 * least, least - 1, -1):
        text = caption_within(grid.samples, 20, metrics, room, tight=True)
        assert metrics.horizontalAdvance(text) <= room
        true, said = text.removesuffix(" 100 %").split("→")
        assert {name[:2] for name in (true, said)} <= {"bl", "…t", "…c"}
        assert true != said, "they are told apart"
        assert not before or len(text) <= len(before)
        before = text
    assert caption_within(grid.samples, 20, metrics, 400, tight=True) == (
        "blue triangle→blue circle 100 %"
    )
    assert caption_within(grid.samples, 0, metrics, 400, tight=False) == "blue circle  100 %"
    whole = metrics.horizontalAdvance("blue triangle → blue circle  100 %")
    assert " → " in caption_within(grid.samples, 20, metrics, whole, tight=False)
    assert "e→b" in caption_within(grid.samples, 20, metrics, whole - 1, tight=False)


@pytest.mark.parametrize("side", [8, 16, 30, 32])
def test_images_of_other_sizes_are_as_large_and_framed_whole(grid: SampleGrid, side: int) -> None:
    grid.resize(260, 170)
    grey = np.full((90, 1, side, side), 128, np.uint8)
    grid.set_samples(grey, np.zeros(90, dtype=np.intp), CLASSES)
    grid.set_outputs(np.tile([1.0, 0.0], (90, 1)))
    grid.set_pinned(0)
    QApplication.processEvents()
    image = item_picture(grid, 0)
    across = image.width() // 2
    column = [image.pixelColor(across, y).name() for y in range(image.height())]
    inside = [y for y, colour in enumerate(column) if colour == "#808080"]
    assert 28 <= len(inside) <= 32
    assert len(inside) % side == 0
    pinned = QColor(LIGHT.pinned).name()
    for edge in (inside[0] - 4, inside[-1] + 4):
        assert column[edge] == pinned
    letters = grid.fontMetrics().capHeight()
    assert image.height() - (inside[-1] + 6) >= letters


@pytest.mark.parametrize("ratio", [1.0, 1.25, 1.5, 1.75, 2.0, 3.0])
def test_pictures_are_as_large_on_every_screen_as_whole_pixels_allow(ratio: float) -> None:
    for times in (1, 2, 3, 4):
        room = room_of_pixels(28, times, ratio)
        scale = whole_scale(room, 28, ratio) * ratio  # device px of a pixel
        assert scale == round(scale) >= 1
        assert abs(scale - times * ratio) <= 0.5
        assert 28 * scale / ratio <= room < 28 * scale / ratio + 1
