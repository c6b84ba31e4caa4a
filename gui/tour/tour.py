"""Tour: walks a newcomer through the window, one card after the other."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt, QTimer, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence, QPalette, QRegion, QShortcut
from PySide6.QtWidgets import QApplication, QFrame, QWidget

from engine.blocks import Conv
from engine.explain.training_step import rule_equation
from gui.theme import GRID, text_font
from gui.tour.window_parts import WindowParts
from gui.widgets.buttons import text_button
from gui.widgets.dialogs import push_button
from gui.widgets.labels import plain_label
from gui.widgets.layouts import in_column, in_row, named

BATCH_DONE = frozenset({"Paused", "Finished"})


@dataclass(frozen=True)
class TourStep:
    """One thing to say of some widgets, which are framed.

    `prepare` brings all into view, and is tried again until it says True. The tour goes on by
    itself when training comes to one of the states of `until`. A step that is not `wanted` is left
    out. Its card stays off what is to be `clear`, where it can.
    """

    title: str
    text: str
    target: Callable[[], Sequence[QWidget]]
    prepare: Callable[[], bool]
    until: frozenset[str] = frozenset()
    wanted: Callable[[], bool] = lambda: True
    clear: Callable[[], Sequence[QWidget]] = lambda: ()


def steps_of(parts: WindowParts) -> list[TourStep]:
    """List the steps for a network that has no obstacle."""
    return [
        *_network(parts),
        *_convolution(parts),
        *_training_step(parts),
        *_learning(parts),
    ]


def _network(parts: WindowParts) -> list[TourStep]:
    stack = parts.document.stack
    shape = "×".join(map(str, stack.input_shape))
    predictions, kernels = parts.panels.predictions, parts.panels.kernels
    conv = next(slot.block for slot in stack.slots if isinstance(slot.block, Conv))
    k = conv.kernel_size
    in_colour = stack.input_shape[0] == 3
    colours = "They are shown in colour." if in_colour else "Red is above zero, blue below."
    return [
        TourStep(
            "The network",
            f"An image, {shape} values, comes in at the top. Each block transforms its input and "
            "passes it on; the last one's output says what it shows. On the right is the shape of "
            "its output; point at a block, and it has the number of its parameters, too.",
            lambda: [parts.network.block_list],
            partial(parts.show, "Network"),
        ),
        TourStep(
            "An image to look at",
            "The image with the blue frame is selected: every view shows what the network makes of "
            "this one. Click another if you like.",
            lambda: [predictions],
            parts.show_sample,
        ),
        TourStep(
            "Kernels",
            f"The first Conv block has {conv.depth} kernels: for each map that comes in, a small "
            f"table of {k}×{k} weights. {colours} They begin at random, and training shapes them.",
            lambda: [kernels],
            partial(parts.show, "Kernels"),
        ),
    ]


def _convolution(parts: WindowParts) -> list[TourStep]:
    glass, feature_maps = parts.panels.glass, parts.panels.feature_maps
    panel, view, picture = glass.panel, glass.convolution, glass.convolution.picture
    forward = partial(parts.show_equation, "Y")

    def shown() -> list[QWidget]:
        return [view.text, picture.sum, picture.sheet, picture.patch, picture.result]

    return [
        TourStep(
            "A kernel on the image",
            "This is the selected image, under glass. The kernel lies on a small window of it, "
            "framed in orange.",
            lambda: [picture.sheet],
            forward,
        ),
        TourStep(
            "Multiply and add up",
            "The window times the kernel, cell by cell, gives the products. Their sum, plus "
            "the bias, is one cell of the result: the large number below.",
            lambda: [picture],
            forward,
        ),
        TourStep(
            "Cell by cell",
            "Click Play, drag the slider, or point at the picture: the window slides on, and every "
            "place gives one cell. This is Y = B + X ⋆ K of the equation above.",
            lambda: [view.position, panel.transport],
            forward,
            clear=shown,
        ),
        TourStep(
            "Flip the kernel",
            "Networks use this cross-correlation ⋆. The convolution ∗ first turns the kernel by "
            "180°: X ∗ K = X ⋆ rot180(K). Click here to see both, and again to come back.",
            lambda: [view.turn],
            forward,
            clear=shown,
        ),
        TourStep(
            "Maps",
            "Each kernel gives a map of its own: large where the image looks like the kernel. "
            "These maps go on to the next blocks.",
            lambda: [feature_maps],
            partial(parts.show, "Maps"),
        ),
    ]


def _training_step(parts: WindowParts) -> list[TourStep]:
    glass = parts.panels.glass
    convolution, view = glass.convolution, glass.step
    rule = rule_equation(parts.document.settings)

    def has_update() -> bool:
        now = parts.step()
        return now is None or any(frame.phase == "update" for frame in now.frames)

    return [
        TourStep(
            "Forward, to the loss",
            "Here is one training step as a row of frames. The image has gone forward through all "
            "blocks; the loss E says how far the outputs are from the right ones.",
            lambda: [view],
            partial(parts.show_frame, "loss"),
        ),
        TourStep(
            "Backward",
            "Now back. ∂E/∂Y says how the loss would change with every value of the result. The "
            "input with ∂E/∂Y as a kernel gives the gradient of the weights: ∂E/∂K = X ⋆ ∂E/∂Y. "
            "The list has the equations for the bias and the input, too.",
            lambda: [convolution.equation, convolution.picture],
            partial(parts.show_equation, "∂E/∂K"),
        ),
        TourStep(
            "The update",
            f"Every weight takes a small step that makes the loss smaller: {rule}. Before, "
            "change and after stand side by side; click a cell for its numbers.",
            lambda: [view],
            partial(parts.show_frame, "update"),
            wanted=has_update,
        ),
        TourStep(
            "The loss again",
            "The same image with the new weights: is its loss lower? That was one complete "
            "training step. Training just repeats it, thousands of times.",
            lambda: [view],
            partial(parts.show_frame, "again"),
        ),
    ]


def _learning(parts: WindowParts) -> list[TourStep]:
    menus, loss = parts.menus, parts.panels.loss
    return [
        TourStep(
            "For real",
            "You were looking at a copy; your network is unchanged. Click Step, and it takes one "
            "step itself. Or go on with Next.",
            lambda: [parts.button_of(menus.step_batch)],
            parts.show_training,
            until=BATCH_DONE,
            wanted=lambda: parts.session.run.phase != "Training",
        ),
        TourStep(
            "Watch it learn",
            "This button trains the network, and pauses whenever you want to look closer. "
            "The loss falls and the feature maps change, at the speed “Slow” step by step.",
            lambda: [parts.button_of(menus.train)],
            parts.show_training,
        ),
        TourStep(
            "Back in time",
            "Every run is saved, epoch by epoch. Drag the curve to the left: all views show the "
            "network as it was then. “Back to now” ends that; “Continue from here” trains on from "
            "there. Help > Tour shows all this again.",
            lambda: [loss],
            partial(parts.show, "Loss"),
        ),
    ]


def why_steps_of(parts: WindowParts) -> list[TourStep]:
    """List the steps of the second part: why the network says what it says."""
    why = parts.panels.why

    def parts_of(*names: str) -> list[QWidget]:
        found = (why.page.findChild(QWidget, f"why.{name}") for name in names)
        return [widget for widget in found if widget is not None]

    def step(title: str, method: str, text: str, *names: str) -> TourStep:
        target, way = partial(parts_of, *names), partial(parts_of, "way")
        return TourStep(title, text, target, partial(parts.show_why, method), clear=way)

    return [
        TourStep(
            "Why this answer?",
            "The network has an answer for the selected image. Here you ask why, by one method "
            "after the other, and for which class. Each says what it tells, and what it does not.",
            lambda: [why.method, why.target],
            partial(parts.show_why, "Occlusion"),
        ),
        step(
            "Cover it",
            "Occlusion",
            "A square hides a part of the image, and the score z of the class falls. Click Play: "
            "where it falls most, the map becomes red. That part spoke for the class.",
            *("occlusion.image", "occlusion.map", "play.play"),
        ),
        step(
            "Its slope",
            "Gradient",
            "∂z/∂x: what a small change of each pixel does to the score. Click a pixel to read it. "
            "The table follows the slope back through the blocks.",
            *("gradient.map", "gradient.overlay"),
        ),
        step(
            "Which maps speak for it",
            "Grad-CAM",
            "Each map of a block gets a weight α: the mean slope of the score there. Added up and "
            "laid over the image, they show where the network looks.",
            *("grad_cam.map", "grad_cam.overlay"),
        ),
        step(
            "Does it add up?",
            "Integrated gradients",
            "From a black image to this one, each pixel adds its part to the score. All together "
            "are what the score has grown by, but for the small error in the line below.",
            *("integrated.map", "completeness"),
        ),
        step(
            "Was it learned?",
            "Integrated gradients",
            "After a training, this button shows the same for the untrained weights. A map that "
            "hardly changes tells little of what was learned.",
            "first",
        ),
        step(
            "Fool it",
            "Attack: fool it",
            "Every pixel changes by at most ε, just so that the loss grows. Drag the slider: the "
            "image looks the same to you, until the network says something else.",
            *("epsilon_words", "epsilon"),
        ),
        step(
            "Let it dream",
            "Dream",
            "What would it like to see? From the mean of all images, each step excites the class "
            "more. Beside it are the test images that do so most.",
            *("dream.begin", "dream.keep"),
        ),
        step(
            "Near and far",
            "Layer map",
            "Each point is a test image, by what a late block makes of it: classes lie apart if "
            "the network has learned them. × is a mistake. t-SNE brings neighbours together.",
            "map.points",
        ),
        step(
            "Where it stands",
            "Loss landscape",
            "“Draw the loss” works it out all around the weights, or along the way of a run. "
            "Help > Manual > Why has all of this again.",
            "plane.draw",
        ),
    ]


GAP = GRID + GRID // 2  # px, between the card and what it stands beside
_WIDTH = 27 * GRID  # px
# px, together no more than lies between two widgets, so that the frame cuts through neither; the
# air lets it be seen around a button of its colour.
_LINE, _AIR = 3, 1
_ON = (Qt.Key.Key_Right, Qt.Key.Key_PageDown, Qt.Key.Key_Return, Qt.Key.Key_Enter)
_BACK = (Qt.Key.Key_Left, Qt.Key.Key_PageUp, Qt.Key.Key_Backspace)
WAIT = "Getting ready …"
LOOK_MILLISECONDS = 100  # from one look at where everything is to the next


def place_beside(
    window: QRect, target: QRect | None, size: QSize, clear: Sequence[QRect] = ()
) -> QPoint:
    """Find the place of a card of some size in a window: beside the target, as near as it can be.

    There it covers as little as it can of what is to be `clear`. Without room there, it stands in
    the corner where it covers least; without a target, in the middle.
    """
    inner = window.adjusted(GRID, GRID, -GRID, -GRID)
    if target is None:
        return window.center() - QRect(QPoint(0, 0), size).center()
    cards = [QRect(_inside(inner, place, size), size) for place in _beside(target, size)]
    free = [card for card in cards if inner.contains(card) and not card.intersects(target)]

    def cost(card: QRect) -> tuple[int, int]:
        return sum(_shared(card, area) for area in clear), _distance(card, target)

    if free:
        return min(free, key=cost).topLeft()
    return min(_corners(inner, size), key=lambda corner: _shared(QRect(corner, size), target))


def _beside(target: QRect, size: QSize) -> list[QPoint]:
    """Return the places right, left, below and above of a target, at its middle or its ends."""
    x, y = target.center().x() - size.width() // 2, target.center().y() - size.height() // 2
    xs = x, target.left(), target.right() + 1 - size.width()
    ys = y, target.top(), target.bottom() + 1 - size.height()
    aside = target.right() + GAP, target.left() - GAP - size.width()
    beyond = target.bottom() + GAP, target.top() - GAP - size.height()
    return [QPoint(*at) for at in (*product(aside, ys), *product(xs, beyond))]


def _inside(inner: QRect, corner: QPoint, size: QSize) -> QPoint:
    """Push a card back into the window."""
    right, bottom = inner.right() + 1 - size.width(), inner.bottom() + 1 - size.height()
    return QPoint(
        max(inner.left(), min(corner.x(), right)), max(inner.top(), min(corner.y(), bottom))
    )


def _corners(inner: QRect, size: QSize) -> list[QPoint]:
    far = _inside(inner, inner.bottomRight(), size)
    xs, ys = (far.x(), inner.left()), (far.y(), inner.top())
    return [QPoint(x, y) for y in ys for x in xs]


def _distance(one: QRect, other: QRect) -> int:
    return (one.center() - other.center()).manhattanLength()


def _shared(one: QRect, other: QRect) -> int:
    both = one.intersected(other)
    return both.width() * both.height() if both.isValid() else 0


class TourCard(QFrame):
    """Says one thing, with buttons and keys to go on, back, or end the tour."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName("tour.card")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setFixedWidth(_WIDTH)
        self.title = named(plain_label(wraps=True), "tour.title")  # in a large font
        self.title.setFont(text_font(bold=True))
        self.text = named(plain_label(wraps=True), "tour.text")
        self.text.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.count = named(plain_label(), "tour.count", muted=True)
        self.end = text_button(
            "tour.end", "✕", "End the tour (Esc)", spoken="End the tour", small=False, flat=True
        )
        self.help = push_button("tour.help", "", "")
        self.back = push_button("tour.back", "◀ Back", "")
        self.next = push_button("tour.next", "Next ▶", "")
        for button in (self.next, self.back, self.end, self.help):
            button.installEventFilter(self)
        top = in_row((self.title, 1), self.end, gap=GRID)
        bottom = in_row((self.count, 1), self.help, self.back, self.next)
        margin = GRID + GRID // 2
        margins = (margin, GRID, GRID, margin)
        in_column(top, (self.text, 1), bottom, of=self, gap=GRID, margins=margins)

    def show_words(self, title: str, text: str) -> None:
        """Show one thing to say."""
        if (title, text) != (self.title.text(), self.text.text()):
            self.title.setText(title)
            self.text.setText(text)
            self.setAccessibleName(f"Tour: {title}")
            self.setAccessibleDescription(text)
        self.setFixedHeight(self.heightForWidth(_WIDTH))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take keys that the buttons would use to move the focus."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            own = watched in (self.end, self.help) and event.key() in _ON[2:]
            if not own and self._take(event.key()):
                return True
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go on, back, or end."""
        if not self._take(event.key()):
            super().keyPressEvent(event)

    def _take(self, key: int) -> bool:
        if key == Qt.Key.Key_Escape:
            self.end.click()
        elif key in _ON and self.next.isVisible():
            self.next.click()
        elif key in _BACK and self.back.isVisible():
            self.back.click()
        else:
            return False
        return True


class TargetFrame(QWidget):
    """A frame that lies over the window and lets every click through."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName("tour.frame")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Link)

    def surround(self, area: QRect | None) -> None:
        """Lie around an area of the window; None: around nothing."""
        if area is None:
            self.hide()
            return
        window = self.parentWidget()
        assert window is not None
        wide = _LINE + _AIR
        outer = area.adjusted(-wide, -wide, wide, wide).intersected(window.rect())
        if outer == self.geometry() and self.isVisible():
            return
        self.setGeometry(outer)
        whole = QRect(0, 0, outer.width(), outer.height())
        inner = whole.adjusted(_LINE, _LINE, -_LINE, -_LINE)
        self.setMask(QRegion(whole).subtracted(QRegion(inner)))
        self.show()
        self.raise_()


class Tour(QObject):
    """Shows the steps of the tour beside what they speak of, until it is ended.

    The window stays in use meanwhile. Where the network does not allow a tour, it says why.
    """

    def __init__(self, parts: WindowParts) -> None:
        super().__init__(parts.window)
        self._parts = parts
        self._make = steps_of  # what lists the steps of the part that is shown
        self._steps: list[TourStep] = []
        self._number = 0
        self._prepared = False
        self._frame = TargetFrame(parts.window)
        self._card = card = TourCard(parts.window)
        card.next.clicked.connect(self.next)
        card.back.clicked.connect(self.back)
        card.end.clicked.connect(self.end)
        card.help.clicked.connect(parts.menus.new[0].trigger)
        QShortcut(QKeySequence(Qt.Key.Key_Escape), card, self.end)  # while the card is shown
        self._timer = QTimer(self, interval=LOOK_MILLISECONDS)  # runs from the start to the end
        self._timer.timeout.connect(self._look)
        store = parts.session.store
        store.watch(lambda s: s.run.phase, self._on_phase)
        store.watch(lambda s: (s.data.loaded, s.document.report), self._begin_again)

    def start(self, *, why: bool = False) -> None:
        """Begin with the first step of the first part, or of the second: why it says so."""
        self.end()
        self._make = why_steps_of if why else steps_of
        self._number = 0
        self._parts.coach.hush("tour", True)  # one voice
        self._timer.start()
        self._begin_again()
        self._focus()

    @Slot()
    def end(self) -> None:
        """Take card and frame away, and leave the window as it was."""
        if not self._timer.isActive():
            return
        self._timer.stop()
        self._parts.end_enlarging()
        self._parts.coach.hush("tour", False)
        if self._is_attended():  # Qt would hand the keys on to a field
            self._parts.network.block_list.setFocus()
        self._card.hide()
        self._frame.hide()

    @Slot()
    def next(self) -> None:
        """Go to the next step; after the last one the tour ends."""
        number = self._wanted_from(self._number + 1, 1)
        if number is None:
            self.end()
        else:
            self._show(number)
            self._focus()

    @Slot()
    def back(self) -> None:
        """Go to the step before, if there is one."""
        number = self._wanted_from(self._number - 1, -1)
        if number is not None:
            self._show(number)
            self._focus()

    # --- steps -------------------------------------------------------------------------------

    def _begin_again(self) -> None:
        """Make the steps for the network as it is now; the tour stays where it was."""
        if not self._timer.isActive():
            return
        attended = self._is_attended()
        obstacle = self._parts.obstacle()
        self._steps = [] if obstacle else self._make(self._parts)
        if obstacle:
            self._show_obstacle(obstacle)
        else:
            self._show(min(self._number, len(self._steps) - 1))
        if attended:  # else the user is at work elsewhere
            self._focus()

    def _is_attended(self) -> bool:
        card, focused = self._card, QApplication.focusWidget()
        return focused is not None and (focused is card or card.isAncestorOf(focused))

    def _focus(self) -> None:
        (self._card.next if self._steps else self._card.help).setFocus()

    def _wanted_from(self, number: int, direction: int) -> int | None:
        while 0 <= number < len(self._steps):
            if self._steps[number].wanted():
                return number
            number += direction
        return None

    def _show(self, number: int) -> None:
        card = self._card
        self._number, self._prepared = number, False
        card.help.hide()
        card.back.setVisible(self._wanted_from(number - 1, -1) is not None)
        card.next.setVisible(True)
        last = self._wanted_from(number + 1, 1) is None
        card.next.setText("Done" if last else "Next ▶")
        card.show()
        self._look()

    def _show_obstacle(self, obstacle: str) -> None:
        card, new = self._card, self._parts.menus.new[0]
        card.back.hide()
        card.next.hide()
        card.help.setText("Take the first network")
        card.help.setEnabled(new.isEnabled())
        card.help.setToolTip("File > New > First network" if new.isEnabled() else new.toolTip())
        card.help.show()
        card.count.clear()
        card.show_words("The tour waits", obstacle)
        card.show()
        self._look()

    def _on_phase(self) -> None:
        running = self._timer.isActive() and self._steps
        if running and self._parts.session.run.phase in self._steps[self._number].until:
            self.next()

    # --- where everything is -----------------------------------------------------------------

    @Slot()
    def _look(self) -> None:
        """Put card and frame where they belong now; windows are resized, panels moved."""
        card, frame = self._card, self._frame
        step = self._steps[self._number] if self._steps else None
        if step is not None and not self._prepared:
            self._prepared = step.prepare()
            card.count.setText(f"{self._number + 1} of {len(self._steps)}")
        if step is not None:
            waiting = "" if self._prepared else f"\n\n{WAIT}"
            card.show_words(step.title, step.text + waiting)
        targets = [self._parts.network.block_list] if step is None else list(step.target())
        target = self._area(targets)
        frame.surround(target)
        areas = [self._area([each]) for each in (step.clear() if step is not None else ())]
        clear = [area for area in areas if area is not None]
        corner = place_beside(self._parts.window.rect(), target, card.size(), clear)
        if card.pos() != corner:
            card.move(corner)
        card.raise_()

    def _area(self, widgets: Sequence[QWidget]) -> QRect | None:
        """Return the area of widgets that can be seen in the window, less their margins."""
        window, whole = self._parts.window, QRect()
        for widget in widgets:
            parts = [widget, *widget.findChildren(QWidget)]  # they may cover it as a whole
            seen = any(not part.visibleRegion().isEmpty() for part in parts)
            if widget.window() is window and seen:
                layout = widget.layout()
                inner = widget.rect() if layout is None else layout.contentsRect()
                whole = whole.united(inner.translated(widget.mapTo(window, QPoint(0, 0))))
        return whole if whole.isValid() else None
