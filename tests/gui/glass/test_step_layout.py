"""What a training step shows where: scales, tables, the digit, and the way through the blocks."""

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.blocks import Conv, Dense, MaxPool, Reshape, Sigmoid
from gui.glass.step_view import StepView
from gui.theme import magnify
from tests.gui.glass.specimens import samples_of, specimen_of
from tests.gui.glass.test_step_view import CROSS, EVERY_KIND, go_to
from tests.gui.showing import on_screen
from tests.gui.waiting import run_events

NOTEBOOK = (
    *(Conv(depth=5, kernel_size=3), Sigmoid(), Reshape(), Dense(units=100), Sigmoid()),
    *(Dense(units=2), Sigmoid()),
)


@pytest.fixture
def view(qtbot: QtBot) -> StepView:
    return on_screen(qtbot, StepView(), 900, 560)


@pytest.mark.parametrize("size", [(900, 560), (1500, 900)])
def test_enlarged_nothing_scrolls_and_nothing_is_cut(view: StepView, size: tuple[int, int]) -> None:
    """A table lists as many rows as there is room for, and always its sum."""
    view.resize(*size)
    blocks = (Conv(depth=4, kernel_size=3), Sigmoid(), Reshape(), Dense(units=30), Sigmoid())
    specimen = specimen_of(*blocks, Dense(units=2), Sigmoid(), samples=samples_of(side=12), seed=2)
    view.show_specimen(specimen)
    while True:
        run_events(2)
        title, card, table = view.title.text(), view.card, view.card.table
        assert not card.verticalScrollBar().isVisible(), title
        if card.isVisible() and table.isVisible():
            last = table.topLevelItem(table.topLevelItemCount() - 1)
            assert last is not None
            bottom = table.viewport().mapTo(card, table.visualItemRect(last).bottomRight())
            assert card.rect().contains(bottom), title
        if not view.advance():
            break


def test_enlarged_nothing_scrolls_in_a_large_font(qtbot: QtBot, qapp: QApplication) -> None:
    magnify(qapp, 1.4)
    try:
        view = on_screen(qtbot, StepView(), 868, 465)  # of a window of 1280×800
        view.show_specimen(specimen_of(*NOTEBOOK, samples=samples_of(side=28), seed=2))
        scrolls = []
        while True:
            run_events(2)
            if view.card.isVisible() and view.card.verticalScrollBar().isVisible():
                scrolls.append(view.title.text())
            if not view.advance():
                break
        assert all("Conv 5, 3×3" in title for title in scrolls), "only the longest notes do"
    finally:
        magnify(qapp, 1.0)


def test_docked_the_result_is_seen_without_scrolling(view: StepView) -> None:
    view.resize(484, 230)
    view.show_specimen(specimen_of(*EVERY_KIND, samples=samples_of(side=12), settings=CROSS))
    while True:
        run_events(2)
        if view.card.isVisible():
            corner = view.card.result.mapTo(view.card, view.card.result.rect().bottomLeft())
            assert view.card.rect().contains(corner), view.title.text()
        if not view.advance():
            break


def test_the_digit_is_there_where_it_tells_something(view: StepView) -> None:
    blocks = (Conv(depth=2, kernel_size=3), Sigmoid(), MaxPool(), Reshape(), Dense(units=2))
    view.show_specimen(specimen_of(*blocks, Sigmoid(), samples=samples_of(side=8)))
    for title, shown in (
        ("Forward: Conv", False),  # the image itself is there
        ("Forward: MaxPool", True),
        ("Forward: Dense", False),  # it sees all of the digit
        ("Update: Conv", False),  # a weight has no place in it
    ):
        go_to(view, title)
        assert view.origin.isVisible() == shown, title


def test_what_a_value_sees_is_said_once(view: StepView) -> None:
    blocks = (Conv(depth=2, kernel_size=3), Sigmoid(), MaxPool(), Reshape(), Dense(units=2))
    view.show_specimen(specimen_of(*blocks, Sigmoid(), samples=samples_of(side=8)))
    go_to(view, "Forward: MaxPool")
    for height in (560, 230, 560):
        view.resize(900, height)
        run_events(2)
        said = [view.card.note.text(), view.origin.words.text() if view.origin.isVisible() else ""]
        assert ["It sees rows" in words for words in said].count(True) == 1, height


def test_the_strip_goes_to_the_loss_and_back(view: StepView) -> None:
    """Forward to the right, backward to the left, each block in its own column."""
    specimen = specimen_of()
    view.show_specimen(specimen)
    frames = specimen.step.frames
    places: dict[str, list[QPointF]] = {}
    for n, frame in enumerate(frames):
        places.setdefault(frame.phase, []).append(view.strip.chip_rect(n).center())
    forward, backward = places["forward"], places["backward"]
    assert [at.x() for at in forward] == sorted(at.x() for at in forward)
    assert [at.x() for at in backward] == [at.x() for at in reversed(forward)]
    assert places["loss"][0].x() > forward[-1].x()
    assert forward[0].y() < backward[0].y() < places["update"][0].y()
    for n in range(len(frames)):
        centre = view.strip.chip_rect(n).center().toPoint()
        QTest.mouseClick(view.strip, Qt.MouseButton.LeftButton, pos=centre)
        assert view.strip.current == n


@pytest.mark.parametrize("size", [(484, 230), (950, 640)])
def test_every_array_has_its_scale_and_whole_cells(view: StepView, size: tuple[int, int]) -> None:
    view.resize(*size)
    view.show_specimen(specimen_of(*EVERY_KIND, samples=samples_of(side=12), settings=CROSS))
    while True:
        run_events(2)
        for array in view.arrays:
            if array.isVisible():
                cells, inside = array.grid.cells(), array.grid.rect().toRectF()
                assert cells.scale == round(cells.scale)
                assert inside.contains(cells.area), (view.title.text(), array.grid.objectName())
                beside = inside.right() - cells.area.right(), inside.bottom() - cells.area.bottom()
                assert beside[0] > 30 or beside[1] > 12
        if not view.advance():
            break


def test_no_array_asks_for_more_room_than_there_is(view: StepView) -> None:
    """A Dense of 10×128 and 32 kernels of 5×5 for 16 maps are shown as small as the panel is."""
    blocks = (
        *(Conv(depth=8, kernel_size=5), Sigmoid(), Conv(depth=16, kernel_size=5), Reshape()),
        *(Dense(units=128), Sigmoid(), Dense(units=2), Sigmoid()),
    )
    view.setMinimumSize(1, 1)  # as the panel has a smallest size of its own
    view.show_specimen(specimen_of(*blocks, samples=samples_of(side=16)))
    while True:
        for size in ((484, 230), (900, 560)):
            view.resize(*size)
            run_events()
            assert (view.width(), view.height()) == size, view.title.text()
            shown = [array for array in view.arrays if array.isVisible()]
            for array in shown:
                assert view.rect().contains(array.mapTo(view, array.rect().bottomRight()))
                assert array.grid.rect().toRectF().contains(array.grid.cells().area)
        if not view.advance():
            break


def test_a_narrow_table_says_places_whole_and_leaves_out_what_was_multiplied(
    view: StepView,
) -> None:
    view.resize(330, 130)
    blocks = (Conv(depth=5, kernel_size=3), Sigmoid(), Reshape(), Dense(units=2), Sigmoid())
    view.show_specimen(specimen_of(*blocks, samples=samples_of(side=28), seed=2))
    run_events(2)
    table = view.card.table
    assert table.columnWidth(0) >= table.sizeHintForColumn(0)
    assert table.isColumnHidden(1)
    assert not table.isColumnHidden(table.columnCount() - 1)
    first = table.topLevelItem(0)
    assert first is not None
    assert first.toolTip(0).startswith("map 1, row ")
    view.resize(900, 560)
    run_events(2)
    assert not table.isColumnHidden(1)
