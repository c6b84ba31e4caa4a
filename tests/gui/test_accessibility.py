"""The whole window: every control has a name, Tab comes to each, and tooltips are short."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAction
from PySide6.QtGui import Qt as TextQt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QWidget

from engine.blocks import KINDS
from engine.model.stack import BlockSlot
from tests.gui.driving import Driver
from tests.gui.finding import focusable, not_none, unnamed
from tests.gui.showing import has_colour
from tests.gui.test_shown_words import class_names, code_names


def described(widget: QWidget) -> str:
    return f"{type(widget).__name__} {widget.objectName() or widget.accessibleName()!r}"


def owner_of(widget: QWidget | None, controls: set[QWidget]) -> QWidget | None:
    """Find the control that a widget is, or is a part of."""
    while widget is not None and widget not in controls:
        widget = widget.parentWidget()
    return widget


LONGEST = 80  # letters in a line of a tooltip; Qt wraps no plain text


def test_all_in_each_view_has_a_name_and_a_label_and_is_told_in_short_words(
    shared_driver: Driver,
) -> None:
    window, names = shared_driver.window, class_names()
    for title, place in shared_driver.panels():  # each makes all that it has
        assert not_none(place).accessibleName(), title
        assert unnamed(focusable(place)) == [], title
        assert code_names(place, names) == [], title
    assert unnamed(focusable(window)) == []
    assert code_names(window, names) == []
    boxes = window.findChildren(QComboBox)
    assert len(boxes) > 10
    for box in boxes:
        told = QAccessible.queryAccessibleInterface(box)
        labels = [
            other.text(QAccessible.Text.Name)
            for other, relation in told.relations()
            if relation == QAccessible.RelationFlag.Label
        ]
        assert len(labels) == 1, described(box)
        assert labels[0], described(box)
    parts: list[QWidget | QAction] = [*window.findChildren(QWidget)]
    parts += window.findChildren(QAction)
    tips = {part.toolTip() for part in parts if not TextQt.mightBeRichText(part.toolTip())}
    assert len(tips) > 50
    assert [tip for tip in tips if any(len(line) > LONGEST for line in tip.splitlines())] == []


def test_the_options_of_every_block_and_the_close_button_of_a_message_have_names(
    driver: Driver, tmp_path: Path
) -> None:
    driver.choose("new.blank")
    driver.window.edits.insert([BlockSlot(0, kind.new()) for kind in KINDS.values()], "Add")
    for row in range(len(KINDS)):
        driver.select(row)
        assert unnamed(focusable(driver.window.network)) == [], driver.rows()[row]
    assert driver.problem()
    assert driver.find(QWidget, "repair.0").accessibleName().startswith("Repair: ")
    driver.project(tmp_path / "a.layerscope")
    assert driver.message()
    assert unnamed(focusable(driver.window)) == []


def test_tab_comes_everywhere_and_is_caught_nowhere(driver: Driver) -> None:
    driver.select(0)
    for title, place in driver.panels():
        controls = {widget for widget in focusable(place) if widget.isEnabled()}
        reached: set[QWidget] = set()
        for key in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab) if controls else ():
            focused: QWidget | None = next(iter(controls))
            not_none(focused).setFocus()
            for _ in range(len(controls) + 20):
                focused = QApplication.focusWidget()
                owner = owner_of(focused, controls)
                if focused is None or owner is None:
                    break
                reached.add(owner)
                QTest.keyClick(focused, key)
            assert focused is not None, title
            assert not place.isAncestorOf(focused), f"{title}: it is caught here"
        missed = [described(widget) for widget in controls - reached]
        assert missed == [], f"{title}: Tab never comes to these"


def test_tab_follows_the_window_from_train_on(driver: Driver) -> None:
    """The bar, network, stage, what it is tried on, loss; also where a view was made late."""
    stage, focused = driver.window.stage, driver.window.run_bar.train
    for title in ("Step by step", "What it sees"):
        stage.show_panel(title)
        driver.settle()
    focused.setFocus()
    places: list[QWidget] = [driver.window.run_bar, *stage.places]
    controls = {widget for widget in focusable(driver.window) if widget.isEnabled()}
    order, reached = list[int](), set[QWidget | None]()
    for _ in range(len(controls) + 20):
        now = not_none(QApplication.focusWidget())
        order += [n for n, place in enumerate(places) if place.isAncestorOf(now)]
        reached.add(owner_of(now, controls))
        QTest.keyClick(now, Qt.Key.Key_Tab)
        if QApplication.focusWidget() is focused:
            break
    assert order == sorted(order)
    assert set(order) == set(range(len(places)))
    assert [described(widget) for widget in controls - reached] == []
    for row, names in (0, ["depth", "kernel_size", "bias", "padding", "stride"]), (3, ["units"]):
        driver.select(row)
        passed: list[str] = []
        while not passed or passed[-1] != "place.stage.switch":
            driver.press(Qt.Key.Key_Tab)
            passed.append(not_none(QApplication.focusWidget()).objectName())
        options = [name for name in passed if name.startswith("option.")]
        assert options == [f"option.{name}" for name in names]


def test_it_is_seen_where_tab_has_come_to(driver: Driver) -> None:
    driver.window.run_bar.train.setFocus()
    accent, framed = driver.window.palette().highlight().color(), dict[str, int]()
    for _ in range(8):
        driver.press(Qt.Key.Key_Tab)
        now = not_none(QApplication.focusWidget())
        QApplication.processEvents()
        framed[now.objectName()] = int(has_colour(now.grab().toImage(), accent).sum())
    for name in ("run.step", "run.gear", "run.menu", "place.more", "block_list", "add_block.0"):
        assert framed[name] > 60, name


def test_a_field_with_the_focus_has_a_frame_of_two_pixels(driver: Driver) -> None:
    driver.choose("view.training_settings")
    field, other = (driver.find(QWidget, f"setting.{name}") for name in ("epochs", "optimizer"))

    def accents(widget: QWidget) -> list[bool]:
        """Read from the upper edge down, in its middle."""
        accent, picture = widget.palette().highlight().color(), widget.grab().toImage()
        return [picture.pixelColor(widget.width() // 2, y) == accent for y in range(3)]

    field.setFocus()
    driver.settle()
    assert accents(field) == [True, True, False]
    assert not any(accents(other))
    other.setFocus()
    driver.settle()
    assert accents(other)[:2] == [True, True]
    assert not any(accents(field))
