"""RunBar: the bar of the window: what is open, what trains it, and where the run stands."""

from PySide6.QtCore import QEvent, QSize, Qt, Slot
from PySide6.QtGui import QAction, QColor, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QMenu,
    QToolButton,
    QWidget,
)

from engine.model.training_state import next_state, what_begins_anew
from engine.text.words import duration, rate
from gui.background.jobs import Jobs
from gui.document.document import Document
from gui.state import RunProgress, Speed
from gui.theme import (
    FIGURE,
    GRID,
    ON_HIGHLIGHT,
    PADDING,
    PAST,
    ROUND,
    TITLE,
    colours_of,
    draw_round,
    set_muted,
    text_font,
)
from gui.widgets.buttons import action_button, text_button
from gui.widgets.labels import ElidedLabel, FixedLabel, plain_tooltip
from gui.widgets.layouts import FittingWidget, in_column, in_row, named
from gui.widgets.progress_bar import ProgressBar
from gui.window.views import SETTINGS
from gui.workspace.job_bar import JobBar

_MOST_NAMED = 99  # epochs; the button has room for two figures


def next_run_words(document: Document, samples: int) -> str:
    """Return how far Train goes, and first what of the last run is lost.

    `samples` are the loaded training samples, those that are held out for validation among them.
    """
    known = document.learned.state, document.report, document.settings, samples
    done = document.trained_epochs
    anew, begun = what_begins_anew(*known, done), next_state(*known, done)
    if begun.epochs_done > begun.first_epoch or begun.part.steps:
        text = f"Train goes on with epoch {done + 1:,} of {begun.last_epoch:,}."
    else:
        more = begun.last_epoch - done
        images = document.settings.trained_samples(samples)
        epochs = "1 epoch" if more == 1 else f"{more:,} epochs"
        text = f"Next: {epochs.replace(' ', ' more ') if done else epochs} on {images:,} images"
    return f"{anew} {text}" if anew else text


def next_run_button(document: Document, samples: int) -> tuple[str, str]:
    """Return what the button is called before a run, and its tooltip."""
    done, state = document.trained_epochs, document.learned.state
    begun = next_state(state, document.report, document.settings, samples, done)
    if begun.epochs_done > begun.first_epoch or begun.part.steps:
        return "Train on", f"Go on with epoch {done + 1:,} of {begun.last_epoch:,}"
    if not done:
        return "Train", "Train the network"
    more = begun.last_epoch - done
    epochs = "1 more epoch" if more == 1 else f"{more:,} more epochs"
    word = epochs if more <= _MOST_NAMED else "More epochs"
    return word, f"Train for {epochs}, after {done:,} so far"


_NAME = 20 * GRID  # px of the name of the network, where there is room


WORDS = ("Train", "Pause", "Resume", "Train on", "88 more epochs")
_HEIGHT, _BUTTON = 56, 36  # px, of the bar and of its buttons
TIME_TIP = "Time without pauses; the list of runs tells how long its steps alone took."
PREPARATION_TIP = (
    "Until then networks train in plain numpy, two to four times as slowly.\n"
    "The next training after that is fast."
)


class TrainButton(QToolButton):
    """The obvious next button, in the colour of a selection while it can be used."""

    def __init__(self, action: QAction) -> None:
        super().__init__()
        self._action = action
        self.setDefaultAction(action)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setIconSize(QSize(4 * GRID, 2 * GRID))  # apart from the edge
        action.setAutoRepeat(False)
        action.changed.connect(self._follow)
        self._follow()
        self.setFont(text_font(bold=True))

    def changeEvent(self, event: QEvent) -> None:
        """Have room for every word in another font, and the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._follow()
        elif event.type() == QEvent.Type.FontChange:
            advance = self.fontMetrics().horizontalAdvance
            beside = self.sizeHint().width() - advance(self.text())
            high = max(_BUTTON, self.sizeHint().height())
            self.setFixedSize(beside + GRID + max(map(advance, WORDS)), high)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw a gap within the border while it has the focus, so that this is a ring."""
        super().paintEvent(event)
        if self.hasFocus():
            gap, ring = self.rect().adjusted(3, 3, -3, -3), colours_of(QApplication.palette()).base
            draw_round(QPainter(self), gap, ROUND - 3, edge=QPen(QColor(ring), 2))

    @Slot()
    def _follow(self) -> None:
        palette = QPalette()
        if self._action.isEnabled():
            palette.setColor(QPalette.ColorRole.Button, palette.highlight().color())
            palette.setColor(QPalette.ColorRole.ButtonText, QColor(ON_HIGHLIGHT))
        self.setPalette(palette)
        self.setAccessibleName(self._action.iconText())


class Figure(QWidget):
    """A number in large figures over what it is."""

    def __init__(self, name: str, caption: str, widest: str) -> None:
        super().__init__()
        self._widest = widest
        self.value, self._caption = QLabel(), QLabel(caption)
        self.value.setObjectName(f"figure.{name}")
        self.value.setAccessibleName(caption)
        set_muted(self._caption)
        right = Qt.AlignmentFlag.AlignRight
        self.value.setAlignment(right)
        column = in_column(1, (self.value, 0, right), (self._caption, 0, right), 1, of=self)
        column.setSpacing(0)
        column.setContentsMargins(GRID, 0, 0, 0)
        self._fit()

    def show_value(self, text: str) -> None:
        """Write the number; empty: it is not known."""
        self.value.setText(text)
        self._keep_room()

    def show_past(self, past: bool) -> None:
        """Have the colour of what is of the past, or not."""
        self.value.setForegroundRole(PAST if past else QPalette.ColorRole.WindowText)

    def changeEvent(self, event: QEvent) -> None:
        """Have room for the figures in another font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit()

    def _fit(self) -> None:
        self.value.setFont(text_font(FIGURE, bold=True))
        self._keep_room()

    def _keep_room(self) -> None:
        """Have room for the usual, and for what is written.

        A label of a fixed size asks for no new layout of the window with each new number.
        """
        metrics = self.value.fontMetrics()
        advance = metrics.horizontalAdvance
        room = max(advance(self._widest), advance(self.value.text()))
        self.value.setFixedSize(room, metrics.height())
        self.setMinimumWidth(max(room, self._caption.sizeHint().width()) + GRID)


class _Progress(ProgressBar):
    """A thin line along the lower edge of the bar."""

    def __init__(self) -> None:
        super().__init__()
        named(self, "progress", "Progress of the training run")
        self.setFixedHeight(3)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the part that is done over a hairline."""
        painter, palette = QPainter(self), self.palette()
        border = QColor(colours_of(palette).border)
        painter.fillRect(0, self.height() - 1, self.width(), 1, border)
        done = round(self.width() * self.value() / self.maximum())
        painter.fillRect(0, 0, done, self.height(), palette.highlight())


class RunBar(FittingWidget):
    """Shows what is open and its state, the buttons that train, and three figures of the run."""

    def __init__(
        self,
        primary: QAction,
        step: QAction,
        steps: QMenu,
        speed: QWidget,
        menu: QMenu,
        jobs: Jobs,
        downloads: Jobs,
        series: Jobs,
    ) -> None:
        super().__init__()
        self.setObjectName("run_bar")
        self._progress: RunProgress | None = None
        self._next_run = ""
        self._slow = False
        self._epoch, self._past = "", False
        self.status = named(QLabel("Ready"), "status", "Training state", muted=True)
        self.progress = _Progress()
        self._name, self._unsaved = ElidedLabel(), QLabel("unsaved")
        self._name.setObjectName("project")
        self._name.setAccessibleName("Name of the network")
        self._name.setFont(text_font(TITLE, bold=True))
        set_muted(self._unsaved)
        spoken = "Time and speed of the run, or what Train does"
        self.detail = named(ElidedLabel(), "progress_text", spoken, muted=True)
        self._preparation = named(
            ElidedLabel(), "run.preparation", "Preparing the fast engine", muted=True
        )
        self._preparation.hide()
        self.train = TrainButton(primary)
        self.step = _step_button(step, steps)
        self.gear = _icon_button("gear", SETTINGS, "All training settings")
        self.epoch = Figure("epoch", "epoch", "20 / 20")
        self.loss = Figure("loss", "loss", "0.000")
        self.accuracy = Figure("accuracy", "test images right", "100.0 %")
        self._figures = self.epoch, self.loss, self.accuracy
        tip = "All places of the window again (Esc)"
        self.back = text_button("run.back", "Esc: back", tip, takes_focus=True)
        self.back.hide()
        self.menu = _menu_button(menu)
        detail = FixedLabel(self.detail)
        self._loud = detail, self.gear, self.menu
        kinds = ((jobs, "job"), (downloads, "download"), (series, "series"))
        bars = [JobBar(each, name) for each, name in kinds]
        state = in_row(self.status, self._unsaved, 1, gap=GRID // 2)
        title, words = QWidget(), QWidget()
        in_column(1, self._name, state, 1, of=title, gap=0)
        self._title = title
        above, below = in_column(1, self._preparation), in_column(*bars, 1, gap=0)
        in_column((above, 1), detail, (below, 1), of=words, gap=0)  # which does not move
        row = in_row(
            title,
            self.train,
            self.step,
            speed,
            (words, 1),
            self.epoch,
            self.loss,
            self.accuracy,
            self.gear,
            self.menu,
            self.back,
            gap=GRID,
            margins=(PADDING, 0, GRID, 0),
        )
        in_column((row, 1), self.progress, of=self, gap=0)
        self.setMinimumHeight(_HEIGHT)

    @property
    def _least(self) -> int:
        """The px that name and state need."""
        state = self.status.fontMetrics().horizontalAdvance("Finished · unsaved")
        return max(_NAME // 2, state + GRID)

    def minimumSizeHint(self) -> QSize:
        """Need no room for the figures and for more of the name."""
        least = super().minimumSizeHint()
        seen = [each.minimumWidth() + GRID for each in self._figures if not each.isHidden()]
        return QSize(least.width() - sum(seen) - self._title.width() + self._least, least.height())

    def fit(self) -> None:
        """Leave out the figures that have no room or no number, and shorten the name first."""
        room = self.width() - self.minimumSizeHint().width()
        for figure in reversed(self._figures):
            room -= figure.minimumWidth() + GRID
            figure.setVisible(room >= 0 and bool(figure.value.text()))
        self._title.setFixedWidth(self._least + min(max(room, 0), _NAME // 2))

    def set_quiet(self, quiet: bool) -> None:
        """Have little more than the buttons that train, and the way back, beside one view alone."""
        for part in self._loud:
            part.setVisible(not quiet)
        self.back.setVisible(quiet)

    def show_name(self, name: str, *, unsaved: bool) -> None:
        """Write what is open, and whether it was changed since it was saved."""
        self._name.setText(name)
        self._unsaved.setText("· unsaved" if unsaved else "")

    def show_state(self, state: str, next_run: str = "") -> None:
        """Write the status word, and after the progress of a run that is over what Train does."""
        self._next_run = next_run
        self.status.setText(state)
        if self._progress is not None:
            self.show_progress(self._progress)

    def show_speed(self, speed: Speed) -> None:
        """Leave the time that is left out in slow motion: no one waits for the end of that."""
        self._slow = speed == "slow"

    def show_preparation(self, text: str) -> None:
        """Say how far the fast engine is compiled; an empty text hides it."""
        self._preparation.setText(text)
        self._preparation.setToolTip(plain_tooltip(f"{text}\n{PREPARATION_TIP}"))
        self._preparation.setVisible(bool(text))

    def show_figures(self, epoch: str, loss: str, accuracy: str, *, past: bool) -> None:
        """Write the figures of an epoch, which may be of the past; what is empty is not known.

        That of the present is the number only while no run's progress is shown.
        """
        self._epoch, self._past = epoch, past
        for figure in self._figures:
            figure.show_past(past)
        self.loss.show_value(loss)
        self.accuracy.show_value(accuracy)
        self._show_epoch()

    def _show_epoch(self) -> None:
        now = None if self._past else self._progress
        self.epoch.show_value(self._epoch if now is None else f"{now.epoch:,} / {now.epochs:,}")
        self.fit()

    @property
    def idle(self) -> bool:
        """Whether no run's progress is shown."""
        return self._progress is None

    def show_idle(self, text: str) -> None:
        """Empty the progress bar and write what is to be done."""
        self._progress = None
        self._show_epoch()
        self.progress.setValue(0)
        self.detail.setText(text)
        self.detail.setToolTip(plain_tooltip(text))

    def show_progress(self, progress: RunProgress) -> None:
        """Write epoch, times and speed, and fill the bar."""
        self._progress = progress
        self.progress.show_fraction(progress.fraction)
        self._show_epoch()
        goes_on = self.status.text() in ("Training", "Paused") and not self._slow
        rest = progress.remaining if goes_on else None
        left = "" if rest is None else f", about {duration(rest)} left"
        next_run = f" · {self._next_run}" if self._next_run else ""
        self.detail.brief = self._next_run or f"{duration(progress.elapsed)}{left}"
        tip = f"{self._next_run}\n{TIME_TIP}".lstrip()  # the first may be cut off
        self.detail.setToolTip(plain_tooltip(tip))
        self.detail.setText(
            f"{duration(progress.elapsed)}{left} · {rate(progress.samples_per_second)}{next_run}"
        )


def _step_button(step: QAction, more: QMenu) -> QToolButton:
    """Make the button of one batch; its menu has the other steps."""
    step.setIconText("Step")  # else what it is called in the menu comes back
    button = named(action_button(step), "run.step")
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
    button.setMenu(more)
    button.setPopupMode(QToolButton.ToolButtonPopupMode.MenuButtonPopup)
    button.setFixedHeight(_BUTTON)
    return button


def _menu_button(menu: QMenu) -> QToolButton:
    button = _icon_button("menu", "Menu", "Menu (F10)")
    button.clicked.connect(lambda: menu.popup(button.mapToGlobal(button.rect().bottomLeft())))
    button.setShortcut("F10")
    return button


def _icon_button(name: str, spoken: str, tip: str) -> QToolButton:
    button = text_button(
        f"run.{name}", "", tip, spoken=spoken, flat=True, takes_focus=True, picture=name
    )
    button.setFixedSize(_BUTTON, _BUTTON)
    return button
