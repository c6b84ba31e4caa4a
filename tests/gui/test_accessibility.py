"""The whole window: every control has a name, Tab comes to each, and tooltips are short."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAction
from PySide6.QtGui import Qt as TextQt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QWidget

from engine.blocks import KINDS
from tests.gui.driving import Driver
from tests.gui.finding import focusable, not_none, unnamed


def described(widget: QWidget) -> str:
    return f"{type(widget).__name__} {widget.objectName() or widget.accessibleName()!r}"


def owner_of(widget: QWidget | None, controls: set[QWidget]) -> QWidget | None:
    """Find the control that a widget is, or is a part of."""
    while widget is not None and widget not in controls:
        widget = widget.parentWidget()
    return widget


def test_every_panel_and_control_has_a_name(shared_driver: Driver) -> None:
    for title, place in shared_driver.panels():
        assert not_none(place).accessibleName(), title
        assert unnamed(focusable(shared_driver.window)) == [], title


def test_the_options_of_every_block_have_names(driver: Driver) -> None:
    driver.choose("new.blank")
    for kind in KINDS:
        driver.click(f"add.{kind}")
    for row in range(len(KINDS)):
        driver.select(row)
        assert unnamed(focusable(driver.window)) == [], driver.rows()[row]
    assert driver.problem()
    assert driver.find(QWidget, "repair.0").accessibleName().startswith("Repair: ")


def test_every_combo_box_has_a_label_that_readers_find(shared_driver: Driver) -> None:
    assert len(list(shared_driver.panels())) > 10  # each makes all that it has
    boxes = shared_driver.window.findChildren(QComboBox)
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


def test_messages_can_be_closed_by_who_cannot_see_them(driver: Driver, tmp_path: Path) -> None:
    driver.project(tmp_path / "a.layerscope")
    assert driver.message()
    assert unnamed(focusable(driver.window)) == []


def test_tab_comes_everywhere_and_is_caught_nowhere(driver: Driver) -> None:
    driver.select(0)
    for title, _place in driver.panels():
        controls = {widget for widget in focusable(driver.window) if widget.isEnabled()}
        reached: set[QWidget] = set()
        for _ in range(len(controls) + 20):
            focused = not_none(QApplication.focusWidget())
            if (owner := owner_of(focused, controls)) is not None:
                reached.add(owner)
            QTest.keyClick(focused, Qt.Key.Key_Tab)
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
    order: list[int] = []
    for _ in range(40):
        now = QApplication.focusWidget()
        assert now is not None
        order += [n for n, place in enumerate(places) if place.isAncestorOf(now)]
        QTest.keyClick(now, Qt.Key.Key_Tab)
        if QApplication.focusWidget() is focused:
            break
    assert order == sorted(order)
    assert set(order) == set(range(len(places)))


def test_tab_goes_from_the_list_of_blocks_through_all_options(driver: Driver) -> None:
    for row, names in (0, ["depth", "kernel_size", "bias", "padding", "stride"]), (3, ["units"]):
        driver.select(row)
        reached: list[str] = []
        while not reached or reached[-1] != "place.stage.switch":
            driver.press(Qt.Key.Key_Tab)
            focused = QApplication.focusWidget()
            assert focused is not None
            reached.append(focused.objectName())
        options = [name for name in reached if name.startswith("option.")]
        assert options == [f"option.{name}" for name in names]


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


LONGEST = 80  # letters in a line; Qt wraps no plain text


def test_no_tooltip_has_a_line_that_is_wider_than_a_panel(shared_driver: Driver) -> None:
    assert len(list(shared_driver.panels())) > 10  # each makes all that it has
    window = shared_driver.window
    parts: list[QWidget | QAction] = [*window.findChildren(QWidget)]
    parts += window.findChildren(QAction)
    tips = {part.toolTip() for part in parts if not TextQt.mightBeRichText(part.toolTip())}
    assert len(tips) > 50
    assert [tip for tip in tips if any(len(line) > LONGEST for line in tip.splitlines())] == []


def test_what_opens_a_dialog_says_more_than_its_name(own_driver: Driver) -> None:
    window = own_driver.window  # its own, in which no text was cut to what there is room for
    parts: list[QAbstractButton | QAction] = [*window.findChildren(QAbstractButton)]
    parts += window.findChildren(QAction)
    named = [
        (part.text().replace("&", ""), part.toolTip())
        for part in parts
        if part.text().endswith("…")
    ]
    assert len(named) > 5
    for name, tip in named:
        assert len(tip.partition(" (")[0]) > len(name), name
