"""WindowParts: the parts of the window that the tour shows, and how it brings them into view."""

from dataclasses import dataclass

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMainWindow, QToolButton, QWidget

from engine.blocks import Conv
from engine.explain.convolution import Equation
from engine.explain.training_step import Phase, TrainingStep
from gui.background.session import Session
from gui.document.document import Document
from gui.editor.network_panel import NetworkPanel
from gui.window.coach import CoachPresenter
from gui.window.menus import Menus
from gui.window.panels import Panels
from gui.window.run_bar import RunBar
from gui.window.stage import Stage

GLASS = "Step by step"


@dataclass(frozen=True, eq=False)
class WindowParts:
    """What the tour speaks of. It only shows: nothing here changes the user's project."""

    window: QMainWindow
    document: Document
    session: Session
    menus: Menus
    run_bar: RunBar
    stage: Stage
    network: NetworkPanel
    panels: Panels
    coach: CoachPresenter

    def button_of(self, action: QAction) -> QToolButton:
        """Find the button of an action in the training row."""
        buttons = self.run_bar.findChildren(QToolButton)
        return next(button for button in buttons if button.defaultAction() is action)

    def obstacle(self) -> str:
        """Return why there is nothing to show; empty if there is."""
        problem = self.document.report.problem
        if problem is not None:
            return f"The tour needs a network that fits. {problem.text}"
        if self.first_conv() is None:
            return "The tour begins with a kernel, and this network has no Conv block."
        if self.session.data_problem:
            return "The tour needs images. The view Data says what to do."
        return ""

    def first_conv(self) -> int | None:
        """Return the position of the first Conv block."""
        slots = self.document.stack.slots
        return next((n for n, slot in enumerate(slots) if isinstance(slot.block, Conv)), None)

    def step(self) -> TrainingStep | None:
        """The training step that lies under glass, if it is one of the present network."""
        specimen = self.panels.glass.panel.specimen
        if specimen is None or specimen.project.stack != self.document.stack:
            return None
        return specimen.step

    def show(self, *titles: str) -> bool:
        """Bring panels to the front, each in its place."""
        self.end_enlarging()
        for title in titles:
            self.stage.show_panel(title)
        return True

    def end_enlarging(self) -> None:
        """Give all panels their places."""
        self.stage.show_all()

    def show_sample(self) -> bool:
        """Show the predictions, with one of the digits pinned; instead of a drawing, the first."""
        predictions, samples = self.panels.predictions, self.session.samples
        self.show("Test image")
        if self.session.store.state.data.pinned is None and samples is not None and len(samples):
            in_view = predictions.in_view()
            self.session.pin_of(samples, int(in_view[0]) if len(in_view) else 0)
        return True

    def show_training(self) -> bool:
        """Bring to the front what is seen to change while the network learns."""
        return self.show("Loss", "Maps")

    def show_equation(self, equation: Equation) -> bool:
        """Show an equation of the first Conv block under glass, where the digit has its ink.

        False: it is not there yet.
        """
        self._enlarge(GLASS, self.panels.glass.panel)
        first = self.first_conv()
        if self.step() is None or first is None:
            return False
        return self.panels.glass.show_equation(first, equation)

    def show_frame(self, phase: Phase) -> bool:
        """Show the first frame of a phase of the training step. False: it is not there yet."""
        self._enlarge(GLASS, self.panels.glass.panel)
        return self.step() is not None and self.panels.glass.show_frame(phase)

    def show_why(self, method: str) -> bool:
        """Show the panel Why with a method in front. False: it has found nothing yet."""
        why = self.panels.why
        self._enlarge("Why", why)
        why.method.setCurrentText(method)
        return not why.dirty and why.page.answer is not None

    def _enlarge(self, title: str, panel: QWidget) -> None:
        """Give a panel the room that its numbers need, unless it has a window of its own."""
        self.stage.show_panel(title)
        if not self.stage.filled and panel.window() is self.window:
            self.stage.fill(title, alone=False)
