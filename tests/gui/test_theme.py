"""The theme: contrast by the formula of WCAG 2, and palettes that reach every widget."""

from collections import Counter
from functools import partial

import pytest
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QMenu,
    QProgressBar,
    QPushButton,
    QRadioButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from engine.blocks import KINDS
from gui.theme import (
    DARK,
    KIND_COLOURS,
    LIGHT,
    Colours,
    Scheme,
    apply_theme,
    colours_of,
    kind_colour,
    palette_for,
    readable,
    small_font,
    text_font,
)


def luminance(colour: str) -> float:
    """Relative luminance of `#RRGGBB`, as WCAG 2 defines it."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def text_pairs(colours: Colours) -> list[tuple[str, str]]:
    """List the (text, background) pairs that occur in the window."""
    inks = (colours.text, colours.muted, colours.link, colours.error, colours.wrong_text)
    grounds = (colours.window, colours.base, colours.alternate, colours.button)
    return [(ink, ground) for ink in inks for ground in grounds] + [
        (colours.highlighted_text, colours.highlight),
        (colours.tooltip_text, colours.tooltip),
    ]


def has_colours(widget: QWidget, colours: Colours) -> bool:
    return colours_of(widget.palette()) is colours


def test_contrast_is_that_of_the_definition() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.478, abs=1e-3)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_every_text_is_readable(colours: Colours) -> None:
    faint = {pair: contrast(*pair) for pair in text_pairs(colours) if contrast(*pair) < 4.5}
    assert faint == {}


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_curves_and_marks_stand_out(colours: Colours) -> None:
    for mark in (colours.train, colours.test, colours.wrong, colours.pinned):
        assert contrast(mark, colours.window) >= 3
        assert contrast(mark, colours.base) >= 3


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_the_curve_of_the_test_is_not_taken_for_something_wrong_or_for_a_kind_of_block(
    colours: Colours,
) -> None:
    assert colours.test not in {colours.wrong, colours.train, *KIND_COLOURS.values()}


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("group", list(QPalette.ColorGroup)[:3], ids=lambda group: group.name)
def test_the_palette_is_readable_in_every_state(
    colours: Colours, group: QPalette.ColorGroup
) -> None:
    palette, role = palette_for(colours), QPalette.ColorRole
    for ink, ground in (
        (role.WindowText, role.Window),
        (role.Text, role.Base),
        (role.Text, role.AlternateBase),
        (role.ButtonText, role.Button),
        (role.HighlightedText, role.Highlight),
        (role.PlaceholderText, role.Base),
        (role.ToolTipText, role.ToolTipBase),
        (role.Link, role.Window),
    ):
        pair = palette.color(group, ink).name(), palette.color(group, ground).name()
        assert contrast(*pair) >= 4.5, (ink, ground, pair)


@pytest.mark.parametrize(("scheme", "colours"), [("light", LIGHT), ("dark", DARK)])
def test_a_new_scheme_reaches_widgets_that_are_shown(
    qtbot: QtBot, qapp: QApplication, scheme: Scheme, colours: Colours
) -> None:
    apply_theme(qapp, "light" if scheme == "dark" else "dark")
    window = QWidget()
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    children = [QLabel("text"), QPushButton("button"), QLineEdit()]
    for child in children:
        child.setFont(small_font())
        column.addWidget(child)
    window.show()
    apply_theme(qapp, scheme)
    for widget in (window, *children):
        qtbot.waitUntil(partial(has_colours, widget, colours))
        assert widget.palette().color(QPalette.ColorRole.Base).name() == colours.base.lower()
    assert qapp.style().name() == "fusion"


@pytest.mark.parametrize(("scheme", "colours"), [("light", LIGHT), ("dark", DARK)])
@pytest.mark.parametrize("kind", [QCheckBox, QRadioButton, QSpinBox, QLineEdit, QProgressBar])
def test_fields_and_boxes_have_an_outline_that_is_seen(
    qtbot: QtBot, qapp: QApplication, scheme: Scheme, colours: Colours, kind: type[QWidget]
) -> None:
    apply_theme(qapp, scheme)
    window = QWidget()
    qtbot.addWidget(window)
    field = kind()
    QVBoxLayout(window).addWidget(field)
    window.show()
    image = field.grab().toImage()
    row = image.height() // 2  # crosses the left edge of the frame, before any text
    edge = [image.pixelColor(x, row).name() for x in range(6)]
    assert max(contrast(pixel, colours.window) for pixel in edge) >= 2.4, edge
    assert max(contrast(pixel, colours.base) for pixel in edge) >= 2.4, edge


@pytest.mark.parametrize(("scheme", "colours"), [("light", LIGHT), ("dark", DARK)])
def test_the_box_of_an_entry_that_is_off_is_seen(
    qtbot: QtBot, qapp: QApplication, scheme: Scheme, colours: Colours
) -> None:
    apply_theme(qapp, scheme)
    menu = QMenu()
    qtbot.addWidget(menu)
    entry = menu.addAction("Pin")
    entry.setCheckable(True)
    row = menu.actionGeometry(entry).center().y()
    image = menu.grab().toImage()
    before_text = [image.pixelColor(x, row).name() for x in range(4, 24)]
    assert max(contrast(pixel, colours.base) for pixel in before_text) >= 2.4, before_text


@pytest.mark.parametrize(("scheme", "colours"), [("light", LIGHT), ("dark", DARK)])
def test_the_entries_of_a_drop_down_list_are_readable(
    qtbot: QtBot, qapp: QApplication, scheme: Scheme, colours: Colours
) -> None:
    apply_theme(qapp, scheme)
    box = QComboBox()
    qtbot.addWidget(box)
    box.addItems(["SGD", "Adam", "RMSProp"])
    box.show()
    box.showPopup()
    view = box.view()
    view.setCurrentIndex(view.model().index(2, 0))  # as the pointer does
    image = view.viewport().grab().toImage()
    box.hidePopup()
    for row, ink in enumerate((colours.text, colours.text, colours.highlighted_text)):
        area = view.visualRect(view.model().index(row, 0)).intersected(image.rect())
        seen = Counter(
            image.pixelColor(x, y).name()
            for x in range(area.left(), area.right() + 1)
            for y in range(area.top(), area.bottom() + 1)
        )
        assert seen[ink.lower()] > 0
        (ground, _), *_ = seen.most_common(1)
        assert contrast(ink, ground) >= 4.5, (row, ink, ground)


def test_the_system_scheme_is_light_where_the_desktop_says_nothing(qapp: QApplication) -> None:
    apply_theme(qapp, "dark")
    apply_theme(qapp, "system")
    assert colours_of(qapp.palette()) is LIGHT


def test_there_are_two_sizes_with_figures_of_equal_width(qapp: QApplication) -> None:
    text, small = text_font(), small_font()
    assert text.pointSizeF() >= 10
    assert 9 <= small.pointSizeF() < text.pointSizeF()
    assert text.family() == small.family()
    assert [tag.toString() for tag in text.featureTags()] == ["tnum"]
    assert [tag.toString() for tag in small.featureTags()] == ["tnum"]


def test_every_group_of_blocks_has_its_colour() -> None:
    assert {kind.group for kind in KINDS.values()} <= KIND_COLOURS.keys()
    assert kind_colour("Convolution").name() == "#0072b2"
    assert kind_colour("Dense").name() == "#d55e00"
    assert kind_colour("no such group").name() == "#999999"
    assert len(set(KIND_COLOURS.values())) == len(KIND_COLOURS)


@pytest.mark.parametrize("group", KIND_COLOURS)
def test_the_colour_of_a_kind_is_brighter_where_the_ground_is_dark(group: str) -> None:
    colour = kind_colour(group)
    assert contrast(readable(colour, QColor(DARK.window)).name(), DARK.window) >= 4.5
    assert readable(colour, QColor(LIGHT.window)) == colour
