"""The tokens of the look: three sets of colours over Fusion, one font in four sizes, an 8 px grid.

A widget never asks which theme is set: it derives its colours from its own palette with
`colours_of`, so it follows a palette change without knowing who made it. There is no style sheet
for the application: where there is one, Qt no longer tells child widgets of a new palette.
"""

import sys
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QObject, QRect, QRectF, QSize, Qt, Slot
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QFontDatabase,
    QLinearGradient,
    QPainter,
    QPalette,
    QPen,
)
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QProxyStyle,
    QPushButton,
    QStyle,
    QStyleOption,
    QStyleOptionComplex,
    QToolButton,
    QToolTip,
    QWidget,
)

Scheme = Literal["system", "light", "dark", "high_contrast"]

GRID = 8  # px; most margins and gaps are this or half of it
GUTTER, PADDING, RADIUS = 12, 14, 12  # px: between cards, within a card, of its corners
ROUND = 8  # px, of the corners of what lies on a card
FIGURE, TITLE, TEXT, CAPTION = 20, 15, 13, 11  # px of text where the desktop's is no larger
_POINTS = 1.0 if sys.platform == "darwin" else 0.75  # of a px
_FONTS = Path(__file__).parents[1] / "resources" / "fonts"
ON_HIGHLIGHT = "#FFFFFF"  # the text on what is highlighted, and of the coach
# Roles of a palette that Qt draws nothing in here, for what is wrong and what is of the past.
WRONG, PAST = QPalette.ColorRole.BrightText, QPalette.ColorRole.LinkVisited
LINE_CONTRAST = 3.0  # of a line or a mark on its ground, as WCAG asks for
FIELDS = (
    *("QCheckBox", "QRadioButton", "QAbstractSpinBox", "QLineEdit", "QMenu", "QProgressBar"),
    "QComboBox",
)

# Okabe and Ito's set, which people with any colour vision can tell apart.
KIND_COLOURS = {
    "Convolution": "#0072B2",
    "Dense": "#D55E00",
    "Shape": "#999999",
    "Activation": "#009E73",
    "Pooling": "#56B4E9",
    "Regularisation": "#CC79A7",
    "Skip connection": "#F0E442",
}


@dataclass(frozen=True)
class Colours:
    """Every colour of one theme, as `#RRGGBB`.

    `wrong` is all that is wrong, as a mark or as text. `ground` lies under the cards, whose surface
    is `window`. `outline` goes around the fields and boxes of FIELDS. `past` is the ground of what
    says that a checkpoint of the past is shown, in which nothing else is. `text_contrast` is the
    least of any text on its ground.
    """

    ground: str
    window: str
    base: str
    alternate: str
    button: str
    text: str
    muted: str
    border: str
    outline: str
    highlight: str
    link: str
    coach: str
    right: str
    wrong: str
    pinned: str
    train: str
    test: str
    past: str
    text_contrast: float = 4.5


LIGHT = Colours(
    ground="#ECEEF1",
    window="#FFFFFF",
    base="#FFFFFF",
    alternate="#F5F6F8",
    button="#FFFFFF",
    text="#1B1F24",
    muted="#5A626E",
    border="#E1E4E9",
    outline="#7E848D",
    highlight="#2B5FD9",
    link="#2250BE",
    coach="#16213A",
    right="#0B7A55",
    wrong="#B3261E",
    pinned="#2B5FD9",
    train="#2B5FD9",
    test="#A87500",
    past="#6A3D9A",
)

DARK = Colours(
    ground="#0F1218",
    window="#1A1E26",
    base="#1A1E26",
    alternate="#20252E",
    button="#252A34",
    text="#E6E8EB",
    muted="#A6ADB8",
    border="#2A2F3A",
    outline="#787E89",
    highlight="#2F62DC",
    link="#8DB0FF",
    coach="#2B3650",
    right="#4CC38A",
    wrong="#FF8A80",
    pinned="#7FA6FF",
    train="#7FA6FF",
    test="#E69F00",
    past="#B99AE6",
)

HIGH_CONTRAST = Colours(
    ground="#FFFFFF",
    window="#FFFFFF",
    base="#FFFFFF",
    alternate="#F4F4F4",
    button="#FFFFFF",
    text="#000000",
    muted="#333333",
    border="#767676",
    outline="#000000",
    highlight="#00369C",
    link="#00369C",
    coach="#000000",
    right="#00522F",
    wrong="#8F0000",
    pinned="#00369C",
    train="#00369C",
    test="#6B4A00",
    past="#4B1D82",
    text_contrast=7.0,
)

COLOURS = {"light": LIGHT, "dark": DARK, "high_contrast": HIGH_CONTRAST}
PAPER = replace(LIGHT)  # of what goes into a file; it is told from the theme of the screen by `is`


def apply_theme(app: QApplication, scheme: Scheme) -> None:
    """Give the application Fusion, the palette of the scheme and its font.

    With "system" the palette goes on following the desktop's choice.
    """
    follower: _Follower | None = app.findChild(_Follower)
    if follower is None:
        app.setStyle(_Style("Fusion"))
        app.setFont(text_font())  # as large as the desktop's, which it replaces
        follower = _Follower(app)
    follower.follow(scheme)


def colours_of(palette: QPalette) -> Colours:
    """Find the theme that a palette belongs to, by its lines or else by how dark its ground is."""
    if palette.color(QPalette.ColorRole.Mid) == QColor(HIGH_CONTRAST.border):
        return HIGH_CONTRAST
    return DARK if palette.color(QPalette.ColorRole.Base).lightness() < 128 else LIGHT


def kind_colour(group: str) -> QColor:
    """Look up the colour of a group of blocks; grey for one that has none."""
    return QColor(KIND_COLOURS.get(group, "#999999"))


def mixed(colour: QColor, ground: QColor, share: float) -> QColor:
    """Return so much of a colour on a ground, opaque: a transparent pen draws much more slowly."""
    return QColor.fromRgbF(
        colour.redF() * share + ground.redF() * (1 - share),
        colour.greenF() * share + ground.greenF() * (1 - share),
        colour.blueF() * share + ground.blueF() * (1 - share),
    )


def readable(colour: QColor, ground: QColor, least: float = LINE_CONTRAST) -> QColor:
    """Return a colour with a contrast, if need be darker, or on a dark ground brighter.

    On a dark ground, where lines glow less than on paper, the least is that of text.
    """
    dark = ground.lightness() < 128
    least, end = max(least, DARK.text_contrast if dark else 0), QColor("white" if dark else "black")
    while contrast(colour, ground) < least:
        colour = mixed(colour, end, 0.9)
    return colour


def pale(colour: QColor, ground: QColor) -> QColor:
    """Return a colour as near to its ground as a line may be."""
    while contrast(nearer := mixed(colour, ground, 0.95), ground) >= LINE_CONTRAST:
        colour = nearer
    return colour


def contrast(one: QColor, other: QColor) -> float:
    """Return the contrast of two colours as WCAG defines it, 1 to 21."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: QColor) -> float:
    parts = (colour.redF(), colour.greenF(), colour.blueF())
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@cache
def _family() -> str:
    """Make the bundled font known to Qt; return what it is called."""
    for file in sorted(_FONTS.glob("*.otf")):
        QFontDatabase.addApplicationFont(str(file))
    return "Inter"


def text_font(size: float = TEXT, *, bold: bool = False) -> QFont:
    """Make the window's font in a size, magnified as all text is, with figures of equal width."""
    font = QFont(_family())
    font.setPointSizeF(size * _POINTS * magnification())
    font.setBold(bold)
    font.setFeature(QFont.Tag("tnum"), 1)
    return font


def bolder(font: QFont) -> QFont:
    """Return a font that is bold, else as another."""
    changed = QFont(font)
    changed.setBold(True)
    return changed


def small_font(*, bold: bool = False) -> QFont:
    """Make the font of captions."""
    return text_font(CAPTION, bold=bold)


def magnification() -> float:
    """Return how many times as large as usual all text is now, by the desktop or `magnify`."""
    return max(1.0, QApplication.font().pointSizeF() / (TEXT * _POINTS))


def may_move() -> bool:
    """Return whether the system wants to see anything move."""
    hint = QStyle.StyleHint.SH_Widget_Animation_Duration
    return QApplication.style().styleHint(hint) > 0


def magnify(app: QApplication, magnified: float) -> None:
    """Make all text so many times as large as usual, that of widgets with fonts of their own too.

    What draws itself with its own font draws its lines wider with it.
    """
    desktop = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont).pointSizeF()
    font = app.font()
    ratio = max(TEXT * _POINTS, desktop) * magnified / font.pointSizeF()
    own = [
        (widget, widget.font().pointSizeF() * ratio)
        for widget in app.allWidgets()
        if widget.testAttribute(Qt.WidgetAttribute.WA_SetFont)
    ]
    font.setPointSizeF(font.pointSizeF() * ratio)
    app.setFont(font)
    for widget, size in own:
        font = widget.font()
        font.setPointSizeF(size)
        widget.setFont(font)


def set_muted(label: QWidget) -> None:
    """Write a widget's text in the small size and the quieter colour."""
    label.setFont(small_font())
    label.setForegroundRole(QPalette.ColorRole.PlaceholderText)


def palette_for(colours: Colours) -> QPalette:
    """Make the Qt palette of a theme, disabled widgets included."""
    role, group = QPalette.ColorRole, QPalette.ColorGroup
    palette = QPalette()
    for name, colour in {
        role.Window: colours.window,
        role.Base: colours.base,
        role.AlternateBase: colours.alternate,
        role.Button: colours.button,
        role.WindowText: colours.text,
        role.Text: colours.text,
        role.ButtonText: colours.text,
        WRONG: colours.wrong,
        PAST: colours.past,
        role.PlaceholderText: colours.muted,
        role.Highlight: colours.highlight,
        role.Accent: colours.highlight,
        role.HighlightedText: ON_HIGHLIGHT,
        role.ToolTipBase: colours.text,
        role.ToolTipText: colours.window,
        role.Link: colours.link,
        role.Mid: colours.border,
        role.Midlight: colours.alternate,
        role.Light: colours.base,
        role.Dark: colours.border,
        role.Shadow: colours.border,
    }.items():
        palette.setColor(name, QColor(colour))
    for name in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(group.Disabled, name, QColor(colours.muted))
    palette.setColor(group.Disabled, role.Highlight, QColor(colours.border))
    palette.setColor(group.Disabled, role.HighlightedText, QColor(colours.text))
    return palette


@cache
def field_palette_for(colours: Colours) -> QPalette:
    """Make the palette of the fields and boxes in FIELDS, whose outline must be seen.

    Fusion derives it from the window's colour (40 % darker), which hardly shows on a dark ground.
    The entries of a drop-down list are filled with the brush of a QMenu, so this has the ground of
    lists for what is filled (its gradient), and the other for what is derived (its colour).
    """
    palette = palette_for(colours)
    ground = QLinearGradient()
    for end in (0, 1):
        ground.setColorAt(end, QColor(colours.base))
    brush = QBrush(ground)
    brush.setColor(QColor(colours.outline).lighter(140))
    palette.setBrush(QPalette.ColorRole.Window, brush)
    return palette


def draw_round(
    painter: QPainter,
    place: QRect | QRectF,
    radius: float,
    ground: QColor | Qt.BrushStyle = Qt.BrushStyle.NoBrush,
    edge: QPen | QColor | Qt.PenStyle = Qt.PenStyle.NoPen,
) -> None:
    """Draw a box with round corners, and change nothing of the painter."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(ground)
    painter.setPen(edge)
    painter.drawRoundedRect(QRectF(place), radius, radius)
    painter.restore()


def draw_cross(painter: QPainter, place: QRectF, *pens: QPen) -> None:
    """Draw the diagonals of a box with each pen, and change nothing of the painter."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for pen in pens:
        painter.setPen(pen)
        painter.drawLine(place.topLeft(), place.bottomRight())
        painter.drawLine(place.topRight(), place.bottomLeft())
    painter.restore()


_Popup = QToolButton.ToolButtonPopupMode


def _opens_menu(widget: QWidget | None) -> QToolButton.ToolButtonPopupMode | None:
    """Return how a button opens its menu; None: it is none, or has none."""
    if isinstance(widget, QToolButton) and widget.menu() is not None:
        return widget.popupMode()
    return None


def _draw_ring(painter: QPainter, option: QStyleOption) -> None:
    """Frame what has the focus: Fusion's own frame is 1 px wide, and that of buttons pale."""
    if option.state & QStyle.StateFlag.State_HasFocus:
        ring = QPen(option.palette.highlight().color(), 2)
        draw_round(painter, option.rect.adjusted(1, 1, -1, -1), ROUND - 3, edge=ring)


class _Style(QProxyStyle):
    """Fusion, but its buttons are flat with round corners, and its scroll bars slim."""

    def drawPrimitive(
        self,
        element: QStyle.PrimitiveElement,
        option: QStyleOption,
        painter: QPainter,
        widget: QWidget | None = None,
    ) -> None:
        """Draw the ground of a button, one under both of its parts, or what Fusion draws."""
        menu, room = _opens_menu(widget), option.rect
        if element.name == "PE_PanelLineEdit" and isinstance(widget, QLineEdit):
            super().drawPrimitive(element, option, painter, widget)
            if widget.hasFrame():  # else it is a part of another field
                _draw_ring(painter, option)
            return
        by_keys = option.state & QStyle.StateFlag.State_KeyboardFocusChange
        if element.name == "PE_FrameFocusRect" and isinstance(widget, QToolButton):
            if by_keys:
                option.rect = widget.rect()
                _draw_ring(painter, option)
            return
        if element.name == "PE_IndicatorArrowDown" and menu == _Popup.InstantPopup:
            option.rect = QRect(room.right() - GRID, 0, GRID, widget.height() if widget else 0)
        if element.name == "PE_IndicatorButtonDropDown":
            line = QColor(colours_of(option.palette).outline)
            painter.fillRect(room.left(), room.top() + 1, 1, room.height() - 2, line)
            return
        if element.name not in ("PE_PanelButtonCommand", "PE_PanelButtonTool"):
            super().drawPrimitive(element, option, painter, widget)
            return
        if menu == _Popup.MenuButtonPopup and widget is not None:
            room = widget.rect()
        colours, state = colours_of(option.palette), option.state
        flags = QStyle.StateFlag
        touched = state & (flags.State_Sunken | flags.State_On | flags.State_MouseOver)
        ground = edge = option.palette.button().color()
        if ground == QColor(colours.button):  # else it is one of its own colour
            edge = QColor(colours.outline)
            ground = QColor(colours.border) if touched else ground
        place = QRectF(room).adjusted(0.5, 0.5, -0.5, -0.5)
        draw_round(painter, place, ROUND - 2, ground, edge)
        if by_keys and isinstance(widget, QPushButton):
            _draw_ring(painter, option)

    def sizeFromContents(
        self,
        kind: QStyle.ContentsType,
        option: QStyleOption,
        size: QSize,
        widget: QWidget | None = None,
    ) -> QSize:
        """Leave room for the arrow of a button that opens a menu."""
        assert widget is not None
        room = super().sizeFromContents(kind, option, size, widget)
        opens = _opens_menu(widget) == _Popup.InstantPopup
        return room + QSize(2 * GRID, 0) if opens else room

    def drawComplexControl(
        self,
        control: QStyle.ComplexControl,
        option: QStyleOptionComplex,
        painter: QPainter,
        widget: QWidget | None = None,
    ) -> None:
        """Draw the slider of a scroll bar alone, or what Fusion draws."""
        if control != QStyle.ComplexControl.CC_ScrollBar:
            super().drawComplexControl(control, option, painter, widget)
            if isinstance(widget, QAbstractSpinBox | QComboBox):
                _draw_ring(painter, option)
            return
        assert widget is not None
        part = QStyle.SubControl.SC_ScrollBarSlider
        place = self.subControlRect(control, option, part, widget).adjusted(4, 4, -4, -4)
        draw_round(painter, place, GRID // 2 - 1, QColor(colours_of(option.palette).outline))


class _Follower(QObject):
    """Set the palette now, and again when the desktop changes its colours or their contrast."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._app = app
        self._scheme: Scheme = "system"
        self._colours: Colours | None = None  # of the palette that was set
        app.styleHints().colorSchemeChanged.connect(self._recolour)
        app.styleHints().accessibility().contrastPreferenceChanged.connect(self._recolour)

    def follow(self, scheme: Scheme) -> None:
        self._scheme = scheme
        self._recolour()

    def _wanted(self) -> Colours:
        hints = self._app.styleHints()
        system: Scheme = "dark" if hints.colorScheme() == Qt.ColorScheme.Dark else "light"
        if hints.accessibility().contrastPreference() == Qt.ContrastPreference.HighContrast:
            system = "high_contrast"
        return COLOURS[system if self._scheme == "system" else self._scheme]

    @Slot()
    def _recolour(self) -> None:
        colours = self._wanted()
        if colours is self._colours:
            return  # to tell every widget of a palette takes long
        self._colours, palette = colours, palette_for(colours)
        self._app.setPalette(palette)
        for kind in FIELDS:  # PySide takes a str here, whatever its stub says
            self._app.setPalette(field_palette_for(colours), kind)  # type: ignore[arg-type]
        QToolTip.setPalette(palette)
