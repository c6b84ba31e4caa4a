"""The theme: contrast by the formula of WCAG 2, and palettes that reach every widget."""

import itertools
from collections import Counter
from functools import partial

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessibilityHints, QColor, QFontInfo, QFontMetricsF, QImage, QPalette
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QMenu,
    QProgressBar,
    QProxyStyle,
    QPushButton,
    QRadioButton,
    QSpinBox,
    QStyle,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from engine.blocks import KINDS
from gui import theme
from gui.theme import (
    COLOURS,
    DARK,
    HIGH_CONTRAST,
    KIND_COLOURS,
    LIGHT,
    Colours,
    Scheme,
    apply_theme,
)
from gui.widgets.curve import Curve
from tests.gui.showing import rgb
from tests.paths import ROOT

EVERY_SET = pytest.mark.parametrize("colours", COLOURS.values(), ids=COLOURS)


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
    inks = [colours.text, colours.muted, colours.link, colours.right, colours.wrong]
    grounds = (colours.window, colours.base, colours.alternate, colours.button)
    return [(ink, ground) for ink in inks for ground in grounds] + [
        (theme.ON_HIGHLIGHT, colours.highlight),
        (theme.ON_HIGHLIGHT, colours.coach),
        (colours.window, colours.past),
        (colours.text, colours.ground),
        (colours.muted, colours.ground),
    ]


def has_colours(widget: QWidget, colours: Colours) -> bool:
    return theme.colours_of(widget.palette()) is colours


@EVERY_SET
def test_every_text_is_readable(colours: Colours) -> None:
    least = 7 if colours is HIGH_CONTRAST else 4.5
    faint = {pair: contrast(*pair) for pair in text_pairs(colours) if contrast(*pair) < least}
    assert faint == {}
    assert colours.text_contrast == least


@EVERY_SET
def test_curves_marks_and_outlines_stand_out(colours: Colours) -> None:
    marks = [colours.train, colours.test, colours.wrong, colours.pinned, colours.past]
    marks += [colours.outline, colours.highlight]
    if colours is HIGH_CONTRAST:
        marks.append(colours.border)
    for mark in marks:
        assert contrast(mark, colours.window) >= 3
        assert contrast(mark, colours.base) >= 3
    assert colours.test not in {colours.wrong, colours.train, *KIND_COLOURS.values()}
    for ink in ("train", "test", *KIND_COLOURS.values()):
        curve, earlier = (Curve("", ink, "", pale=pale).colour(colours) for pale in (False, True))
        full, faint = (contrast(each.name(), colours.window) for each in (curve, earlier))
        assert full >= faint >= 2.99, ink  # `name` rounds
        assert faint < 3.5, ink


@EVERY_SET
def test_the_palette_can_be_read_in_every_state(colours: Colours) -> None:
    palette, role = theme.palette_for(colours), QPalette.ColorRole
    for group, (ink, ground) in itertools.product(
        list(QPalette.ColorGroup)[:3],
        (
            (role.WindowText, role.Window),
            (role.Text, role.Base),
            (role.Text, role.AlternateBase),
            (role.ButtonText, role.Button),
            (role.HighlightedText, role.Highlight),
            (role.PlaceholderText, role.Base),
            (role.ToolTipText, role.ToolTipBase),
            (role.Link, role.Window),
            (theme.WRONG, role.Window),
            (theme.PAST, role.Window),
        ),
    ):
        pair = palette.color(group, ink).name(), palette.color(group, ground).name()
        least = 4.5 if group == QPalette.ColorGroup.Disabled else colours.text_contrast
        assert contrast(*pair) >= least, (group, ink, ground, pair)


FIELDS = QCheckBox, QRadioButton, QSpinBox, QLineEdit, QProgressBar, QComboBox, QPushButton


@pytest.mark.parametrize(("scheme", "colours"), COLOURS.items(), ids=COLOURS)
def test_a_new_scheme_reaches_what_is_shown_and_all_of_it_is_seen(
    qtbot: QtBot, qapp: QApplication, scheme: Scheme, colours: Colours
) -> None:
    apply_theme(qapp, "dark" if scheme == "light" else "light")
    window, box, menu = QWidget(), QComboBox(), QMenu()
    for shown in (window, box, menu):
        qtbot.addWidget(shown)
    column, fields = QVBoxLayout(window), [kind() for kind in FIELDS]
    for field in (*fields, QLabel("text")):
        field.setFont(theme.small_font())
        column.addWidget(field)
    window.show()
    apply_theme(qapp, scheme)
    for widget in (window, *window.findChildren(QWidget)):
        qtbot.waitUntil(partial(has_colours, widget, colours))
        assert widget.palette().color(QPalette.ColorRole.Base).name() == colours.base.lower()
    assert qapp.style().inherits("QProxyStyle")
    for field in fields:
        image = field.grab().toImage()  # its row crosses the left edge, before any text
        assert_seen(image, range(6), image.height() // 2, colours.window, colours.base)
    entry = menu.addAction("Pin")
    entry.setCheckable(True)
    row = menu.actionGeometry(entry).center().y()
    assert_seen(menu.grab().toImage(), range(4, 24), row, colours.base)
    box.addItems(["SGD", "Adam", "RMSProp"])
    box.show()
    box.showPopup()
    view = box.view()
    view.setCurrentIndex(view.model().index(2, 0))  # as the pointer does
    image = view.viewport().grab().toImage()
    box.hidePopup()
    for number, ink in enumerate((colours.text, colours.text, theme.ON_HIGHLIGHT)):
        area = view.visualRect(view.model().index(number, 0)).intersected(image.rect())
        pixels = Counter(map(tuple, rgb(image.copy(area)).reshape(-1, 3).tolist()))
        assert pixels[QColor(ink).getRgb()[:3]] > 0  # type: ignore[index]
        (ground, _), *_ = pixels.most_common(1)
        assert contrast(ink, QColor(*ground).name()) >= colours.text_contrast, (ink, ground)


def assert_seen(image: QImage, columns: range, row: int, *grounds: str) -> None:
    """Assert that some pixel of a row stands out from each ground."""
    pixels = [image.pixelColor(x, row).name() for x in columns]
    for ground in grounds:
        assert max(contrast(pixel, ground) for pixel in pixels) >= 3, pixels


def test_the_system_scheme_is_light_and_follows_the_contrast_that_the_desktop_asks_for(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    apply_theme(qapp, "dark")
    apply_theme(qapp, "system")
    assert theme.colours_of(qapp.palette()) is LIGHT, "the desktop says nothing"
    preference = Qt.ContrastPreference.HighContrast
    monkeypatch.setattr(QAccessibilityHints, "contrastPreference", lambda _hints: preference)
    qapp.styleHints().accessibility().contrastPreferenceChanged.emit(preference)
    assert theme.colours_of(qapp.palette()) is HIGH_CONTRAST
    apply_theme(qapp, "dark")
    assert theme.colours_of(qapp.palette()) is DARK, "what the user chose counts"


def test_the_font_has_figures_of_equal_width() -> None:
    heights = []
    for size, bold in itertools.product(
        (theme.CAPTION, theme.TEXT, theme.TITLE, theme.FIGURE), (False, True)
    ):
        font = theme.text_font(size, bold=bold)
        info, metrics = QFontInfo(font), QFontMetricsF(font)
        assert info.family() == "Inter"
        assert info.pixelSize() == size
        assert len({metrics.horizontalAdvance(figure) for figure in "0123456789"}) == 1
        heights.append(metrics.height())
    for same_weight in (heights[::2], heights[1::2]):
        assert same_weight == sorted(set(same_weight))


def test_a_larger_font_of_the_desktop_makes_all_text_larger(qapp: QApplication) -> None:
    before, font = qapp.font(), qapp.font()
    font.setPointSizeF(2 * theme.text_font().pointSizeF())
    usual = theme.small_font().pointSizeF()
    qapp.setFont(font)
    try:
        assert theme.small_font().pointSizeF() == 2 * usual
    finally:
        qapp.setFont(before)


def test_the_font_has_what_the_window_writes() -> None:
    """The few signs that it has not are taken from fonts of the system."""
    texts = set("".join(path.read_text("utf-8") for path in (ROOT / "gui").rglob("*.py")))
    metrics = QFontMetricsF(theme.text_font())
    lacking = {sign for sign in texts if not sign.isspace() and not metrics.inFontUcs4(ord(sign))}
    assert len(lacking) <= 12, lacking


def test_every_group_of_blocks_has_its_colour_which_is_seen_on_any_ground() -> None:
    assert {kind.group for kind in KINDS.values()} <= KIND_COLOURS.keys()
    assert theme.kind_colour("Convolution").name() == "#0072b2"
    assert theme.kind_colour("Dense").name() == "#d55e00"
    assert theme.kind_colour("no such group").name() == "#999999"
    assert len(set(KIND_COLOURS.values())) == len(KIND_COLOURS)
    for group in KIND_COLOURS:
        colour = theme.kind_colour(group)
        for colours, asked, least in ((DARK, (), 4.5), (LIGHT, (), 2.99), (LIGHT, (7,), 6.9)):
            seen = theme.readable(colour, QColor(colours.window), *asked).name()
            assert contrast(seen, colours.window) >= least, group


def test_nothing_moves_where_the_system_wants_no_animation(monkeypatch: pytest.MonkeyPatch) -> None:
    class Quiet(QProxyStyle):
        def styleHint(self, hint: QStyle.StyleHint, *_: object) -> int:
            return 0

    quiet = Quiet()
    monkeypatch.setattr(QApplication, "style", lambda: quiet)
    assert not theme.may_move()


def test_the_report_has_the_colours_of_the_window() -> None:
    style = (ROOT / "resources/exports/report.css").read_text("utf-8")
    light, dark, paper = style.split("--ground:")[1:]
    for found, colours in ((light, LIGHT), (dark, DARK), (paper, LIGHT)):
        for name in ("train", "test", "wrong"):
            assert f"--{name}: {getattr(colours, name).lower()};" in found
        assert f"--right: {colours.pinned.lower()};" in found
