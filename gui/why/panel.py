"""The panel Why: what the network looks at, what it wants to see, and what fools it."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from PySide6.QtCore import QSignalBlocker, Slot
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QStackedWidget, QWidget

from engine.errors import TrainingError
from engine.explain.class_score import class_scores
from engine.inspection.snapshot import Sample
from engine.model.network import Network
from engine.runs.store import RunStore
from gui.background.latest_task import LatestTask, Report
from gui.document.checkpoint import checkpoint_words
from gui.theme import GRID
from gui.why.attributions import GradCamPage, GradientPage, IntegratedPage, OcclusionPage
from gui.why.dreams import DreamPage
from gui.why.fool import FoolPage
from gui.why.landscapes import LandscapePage
from gui.why.layer_maps import LayerMapPage
from gui.why.page import FIRST_TIP, NO_RUN, Explain, Page, Question, Reply, are_same
from gui.widgets.buttons import allow, choice_box, fill_box
from gui.widgets.empty_state import EmptyState, none_until, until_it_predicts, when_there_is_data
from gui.widgets.labels import ElidedLabel, label_for_readers, plain_tooltip
from gui.widgets.layouts import in_column, in_row, named, scrolling
from gui.widgets.number_words import short
from gui.widgets.sample_names import NOT_FINITE
from gui.workspace.context import Context
from gui.workspace.panel import BasePanel

_NO_DATA = when_there_is_data("Why the network says what it says")
_WORKING = "Working it out …"
_NO_BLOCK = "No block of this network gives maps that could be weighed. Add a Conv block."


class WhyPanel(BasePanel):
    """Asks one question of the network that is looked at, by the method that is chosen.

    It is asked in a thread beside the window, of a copy of the weights, and only while the panel is
    seen. While training runs, it is asked anew whenever a copy of the weights comes and the answer
    before is there.
    """

    def __init__(self, context: Context, show_block: Callable[[int], object]) -> None:
        super().__init__("why", "Why")
        self._context, self._view = context, context.view
        self._task = LatestTask(self)
        self._asked: tuple[Any, ...] = ()  # what the newest answer is, or will be, of
        self._late = False  # something is other than was asked
        self._answer: Reply | None = None
        self.method = choice_box("why.method", "How to ask why")
        self.target = choice_box("why.class", "Which class is asked about")
        self.said = named(ElidedLabel(), "why.said", muted=True)
        self.said.setText(_WORKING)
        again = self._ask_again
        self._makes: dict[str, Callable[[], Page]] = {
            "Occlusion": lambda: OcclusionPage(again, context),
            "Gradient": lambda: GradientPage(again, context, show_block),
            "Grad-CAM": lambda: GradCamPage(again, context),
            "Integrated gradients": lambda: IntegratedPage(again, context),
            "Attack: fool it": lambda: FoolPage(again, context),
            "Dream": lambda: DreamPage(again, context),
            "Layer map": lambda: LayerMapPage(again, context),
            "Loss landscape": lambda: LandscapePage(again, context),
        }
        self._pages: dict[str, Page] = {}
        self._stack = QStackedWidget()
        self.method.addItems(list(self._makes))
        content = QWidget()
        head = in_row(self.method, self.target, (self.said, 1), gap=GRID)
        in_column(head, (self._stack, 1), of=content, margins=(GRID, GRID // 2, GRID, 0))
        self._empty = EmptyState(content, _NO_DATA)
        in_column(self._empty, of=self)
        self.method.currentIndexChanged.connect(self._turn_to)
        self.target.activated.connect(self._follow)
        self.visibility_changed.connect(self._follow)
        self._view.store.watch(
            lambda s: (s.checkpoint, s.document.learned, s.stack, s.settings, s.pinned_sample),
            self._follow,
        )
        self._view.store.watch(lambda s: (s.report, s.samples, s.sees_nothing), self._follow)

    @property
    def page(self) -> Page:
        """The method in front; its page is made when it is first wanted."""
        title = self.method.currentText()
        if title not in self._pages:
            self._pages[title] = page = self._makes[title]()
            page.setAccessibleName(title)
            label_for_readers(page)
            self._stack.addWidget(scrolling(page))
        return self._pages[title]

    def refresh(self) -> None:
        """Show the newest answer."""
        self.dirty = False
        answer = self._answer
        if answer is None:
            self._empty.show_sentence(self._why_none() or _NO_BLOCK)
            return
        self.page.show_answer(answer)
        score = short(float(answer.scores[answer.target]))
        says = answer.question.sample.class_names[int(answer.scores.argmax())]
        words = f"score z of {answer.class_name} = {score} · it answers {says}"
        when = checkpoint_words(answer.question.project) or "initial weights"
        self.said.brief = f"z = {score}"
        self.said.setText(f"{words} · {when}")
        self.said.setToolTip(plain_tooltip(self.said.text()))
        self._empty.show_content()

    @property
    def heading(self) -> str:
        """The heading in the manual under which the method in front is explained."""
        return self.method.currentText()

    def as_csv(self) -> bytes:
        """Write what the method in front has found."""
        return self.page.as_csv()

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop what works or moves: it is not seen."""
        self._stop()
        super().hideEvent(event)

    # --- asking ------------------------------------------------------------------------------

    @Slot()
    def _turn_to(self) -> None:
        self._stop()
        self._answer = None
        page = self.page
        self._stack.setCurrentIndex(list(self._pages.values()).index(page))
        self._ask_again()

    def _stop(self) -> None:
        for page in self._pages.values():
            page.stop()

    @Slot()
    def _ask_again(self) -> None:
        """Ask, for something else is wanted to be known."""
        self._asked = ()
        self.said.setText(_WORKING)
        self._follow()

    @Slot()
    def _follow(self) -> None:
        """Ask what is wanted now, unless that is known, or nobody sees it."""
        if not self.isVisible():
            return
        sample, why = self._view.state.pinned_sample, self._why_none()
        if why or sample is None:
            self._task.give_up()
            self._asked, self._answer, self.dirty = (), None, True
            return
        self._offer_classes(sample)
        state = self._view.state
        network = state.checkpoint, state.document.learned, state.stack, state.settings
        place, target = self.target.currentIndex(), self._target(sample)
        asked = (*network, sample, state.samples, self.page, target, place)
        if are_same(asked, self._asked):
            return
        waits = self._task.busy and self._asked and state.trains
        if waits and sample is self._asked[4]:
            self._late = True  # the answer that is on its way is shown first
            return
        self._asked = asked
        run = None if state.checkpoint is None else state.checkpoint.run
        project = self._view.project()
        self._ask(Question(project, sample, target, self.page.first.isChecked(), run))

    def _ask(self, question: Question) -> None:
        page = self.page
        page.offer(question.project, question.sample)
        kept = question.run or question.project.origin
        allow(page.first, FIRST_TIP, unless="" if kept else NO_RUN)
        explain = page.explanation(question)
        if explain is None:
            self._task.give_up()
            self._answer, self.dirty = None, True
            return
        self._task.begin(partial(_answer, question, explain), self._on_answer, failed=self._fail)

    def _on_answer(self, answer: Reply) -> None:
        self._answer, self.dirty = answer, True
        if self._late:
            self._late = False
            self._follow()

    def _fail(self, problem: str) -> None:
        """Say what went wrong; if it was about the first weights, ask without them."""
        self._late = False
        self.said.clear()
        self._context.messages.say("why", problem)
        self.page.first.setChecked(False)

    def _target(self, sample: Sample) -> int | None:
        """Return the place of the class that is chosen; None: the network's answer."""
        place = self.target.currentIndex()
        true = sample.label is not None
        if place <= 0:
            return None
        if place == 1 and true:
            assert sample.label is not None
            return sample.classes.index(sample.label)
        return place - 1 - true

    def _offer_classes(self, sample: Sample) -> None:
        true = sample.name_of(sample.label)
        first = ["its answer"] if true is None else ["its answer", f"true class: {true}"]
        before = self.target.count() - len(sample.classes)  # answer, and perhaps the true class
        place = self.target.currentIndex()
        fill_box(self.target, [*first, *sample.class_names])
        if before > 0 and place >= before and before != len(first):
            with QSignalBlocker(self.target):  # the same class stays
                self.target.setCurrentIndex(place + len(first) - before)

    def _why_none(self) -> str:
        """Say why nothing can be asked; empty if it can."""
        state = self._view.state
        until, sample = until_it_predicts(state.report), state.pinned_sample
        if until:
            return none_until("answer", until)
        if sample is None or sample.image.shape != state.stack.input_shape:
            return state.problem or _NO_DATA
        return ""


def _answer(question: Question, explain: Explain, report: Report) -> Reply:
    """Find an answer; it runs beside the window, on copies of the weights."""
    network = question.project.network()
    inputs = question.sample.inputs(network.dtype)
    scores = class_scores(network, inputs[np.newaxis])[0]
    if not np.isfinite(scores).all():
        raise TrainingError(NOT_FINITE)
    target = int(scores.argmax()) if question.target is None else question.target
    found = explain(network, inputs, target, report)
    first = None
    if question.first:
        first = explain(first_network(question), inputs, target, report)
    return Reply(question, scores, target, found, first)


def first_network(question: Question) -> Network:
    """Read the network with which the training of another began, in the first of its runs.

    Raises RunError if it is not kept.
    """
    run = question.kept_run()
    while run.parent is not None:
        run = RunStore().of_id(run.parent.run)
    return run.project_after(0).network()
