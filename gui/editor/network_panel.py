"""NetworkPanel: the left side of the window: palette, blocks, totals, inspector."""

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtWidgets import QLabel, QSplitter, QWidget

from engine.advice.cautions import cautions
from engine.advice.repairs import MOST, Repair, repairs_for
from engine.array_types import format_shape
from engine.blocks import KINDS
from engine.model.stack import ShapeReport
from gui.document.document import LOCKED_REASON, Document
from gui.document.edits import Edits
from gui.document.kernel_edits import KernelEdits
from gui.editor.block_list import BlockList
from gui.editor.editor_actions import EditorActions
from gui.editor.inspector import Inspector
from gui.editor.palette import Palette
from gui.editor.sizes import parameter_memory, sample_memory, totals_of
from gui.theme import GRID, set_muted
from gui.widgets.buttons import OfferButton
from gui.widgets.labels import ElidedLabel, ProblemLabel, plain_label, plain_tooltip
from gui.widgets.layouts import FlowLayout, WrappingPage, in_column, in_row, named
from gui.widgets.messages import MessageBar

MARK = "⚠"
_TOTALS = (
    "Memory of the parameters, 4 bytes each; multiply-adds for one sample, and memory of its "
    "values on their way through"
)


class RepairBar(QWidget):
    """Offers repairs, best first, in rows; takes no room while the network fits.

    Clicks leave the focus where it is: a field with typed text keeps it until the document asks.
    """

    emptied = Signal()  # the focus was on a button, and there is none left

    def __init__(self, document: Document, edits: Edits, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Repairs")
        self._document, self._edits = document, edits
        self._repairs: tuple[Repair, ...] = ()
        flow = FlowLayout(self, gap=GRID // 2, row_gap=GRID // 4)
        self.buttons = [self._offer(number) for number in range(MOST)]
        for button in self.buttons:
            flow.addWidget(button)
        # Also what the end of the network must give, while a block before it is bad.
        document.store.watch(
            lambda s: (s.document.report, s.document.settings),
            self._show_offers,
        )
        document.store.watch(lambda s: s.document.locked, self._allow)
        self._show_offers()

    def _offer(self, number: int) -> OfferButton:
        button = OfferButton(number, "repair")
        button.clicked.connect(lambda: self._edits.apply_repair(self._repairs[number]))
        return button

    def _show_offers(self) -> None:
        """Offer what fixes the network as it is now."""
        had_focus = any(button.hasFocus() for button in self.buttons)
        self._repairs = repairs_for(self._document.stack, self._document.settings)
        for number, button in enumerate(self.buttons):
            button.setVisible(number < len(self._repairs))
        self._allow()
        self.setVisible(bool(self._repairs))
        if had_focus and self._repairs:
            self.buttons[0].setFocus()
        elif had_focus:
            self.emptied.emit()

    @Slot()
    def _allow(self) -> None:
        locked = self._document.locked
        for button, repair in zip(self.buttons, self._repairs, strict=False):
            button.offer(repair.label)
            button.setAccessibleName(f"Repair: {repair.label}")
            button.setEnabled(not locked)
            button.setToolTip(plain_tooltip(LOCKED_REASON if locked else _explanation(repair)))


def _explanation(repair: Repair) -> str:
    """Return what a click does, step by step."""
    if not repair.steps:
        return repair.label
    steps = (f"{number}. {step}" for number, step in enumerate(repair.steps, 1))
    return "\n".join([f"{repair.label}, which one Undo takes back:", *steps])


class CautionLabel(QLabel):
    """Warns without blocking, of one thing at a time; takes no room while there is nothing."""

    def __init__(self, document: Document) -> None:
        super().__init__()
        named(self, "cautions", small=True, muted=True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setContentsMargins(GRID, 0, GRID, 0)
        self._document = document
        self._samples: int | None = None
        document.store.watch(lambda s: (s.document.stack, s.document.settings), self._follow)
        self._follow()

    def set_samples(self, samples: int | None) -> None:
        """Take the number of loaded training samples; None while there is no data."""
        self._samples = samples
        self._follow()

    @Slot()
    def _follow(self) -> None:
        document = self._document
        texts = cautions(document.stack, document.settings, self._samples)
        more = f" (And {len(texts) - 1} more.)" if len(texts) > 1 else ""
        self.setText(f"{MARK} {texts[0]}{more}" if texts else "")
        self.setToolTip(plain_tooltip("\n".join(texts)) if more else "")
        self.setVisible(bool(texts))


class NetworkPanel(QWidget):
    """Builds the network: its blocks, whether they fit, and the options of the selected one."""

    def __init__(
        self,
        document: Document,
        edits: Edits,
        kernel_edits: KernelEdits,
        messages: MessageBar,
    ) -> None:
        super().__init__()
        self.setObjectName("panel.network")
        self.setAccessibleName("Network")
        self._document = document
        self.palette_ = Palette(document, edits, self)
        self.block_list = BlockList(document, edits)
        self.actions_ = EditorActions(document, edits, kernel_edits, self.block_list, messages)
        self.repairs = RepairBar(document, edits)
        self.inspector = Inspector(document, edits)
        self.inspector.add_actions(self.actions_.lock, self.actions_.edit_kernels)
        self._input, self._totals = ElidedLabel(), plain_label()
        self._problem = named(
            ProblemLabel(), "problem", "Why the network cannot be trained", small=True
        )
        self._problem.indent_by(GRID)
        self.cautions = CautionLabel(document)
        self._arrange()
        self._connect()
        document.store.show(lambda s: s.document.report, self._show_report)

    def _connect(self) -> None:
        palette = self.palette_
        palette.left.connect(self.block_list.setFocus)
        self._add.clicked.connect(self.find_block)
        self.repairs.emptied.connect(self.block_list.setFocus)
        self.actions_.add.triggered.connect(self.find_block)

    def _arrange(self) -> None:
        for label in (self._input, self._totals):
            set_muted(label)
        self._input.setAccessibleName("Input of the network")
        self._input.setToolTip("The images that it gets: channels × height × width")
        self._totals.setObjectName("totals")
        self._totals.setAccessibleName("Size of the network")
        self._add = OfferButton(0, "add_block")
        self._add.offer("+  Add a block")
        self._add.setToolTip("Choose a kind of block (Ins)")
        self._add.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        blocks = WrappingPage()
        in_column(
            in_row((self._input, 1), self._totals, margins=(GRID // 2, 0, GRID // 2, 0)),
            (self.block_list, 1),
            self._problem,
            self.cautions,
            self.repairs,
            self._add,
            of=blocks,
        )
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(blocks)
        splitter.addWidget(self.inspector)
        splitter.setStretchFactor(0, 1)
        splitter.setStretchFactor(1, 1)  # the taller, the more of its facts are in view
        splitter.setSizes([400, 208])
        in_column(splitter, of=self)

    def _show_report(self, report: ShapeReport) -> None:
        self._input.setText(format_shape(self._document.stack.input_shape))
        problem = report.problem
        unfinished = problem is not None and problem.is_unfinished
        self._problem.say(problem.text if problem else "", wrong=not unfinished)
        # The row has the whole sentence; the list shall not lose its room to it a second time.
        slot_id = report.problem.slot_id if report.problem else None
        number = None if slot_id is None else self._document.stack.index(slot_id) + 1
        self._problem.be_brief(f"Block {number} does not fit." if number else "")
        totals = totals_of(report.rows)
        # Of a network that does not fit the sums are of some blocks only.
        fits = all(row.output_shape is not None for row in report.rows)
        self._totals.setText(f"{totals.parameters:,} weights" if fits else _counted(report))
        lines = [_counted(report), f"{totals.parameters:,} parameters, {parameter_memory(totals)}"]
        lines.append(f"{totals.multiply_adds:,} multiply-adds · {sample_memory(totals)}")
        self._totals.setToolTip(plain_tooltip("\n".join([*lines, _TOTALS])))

    def kind_in_use(self) -> str:
        """Name the kind of block that has the focus in the palette, or else is selected."""
        kind = self.palette_.kind_in_focus()
        if kind is not None:
            return KINDS[kind].name
        selected = self._document.selected
        return "" if selected is None else self._document.stack.slot(selected).block.name

    @Slot()
    def find_block(self) -> None:
        """Open the palette beside the list."""
        over = self.window()
        self.palette_.setParent(over)
        at = self.block_list.mapTo(over, self.block_list.rect().topRight())
        room = over.height() - at.y() - 2 * GRID
        self.palette_.open_at(at.x() + 2 * GRID, at.y(), room)

    def event(self, event: QEvent) -> bool:
        """Take the palette along into another window: it would be deleted with the former."""
        if event.type() == QEvent.Type.ParentChange and "palette_" in vars(self):
            self.palette_.setParent(self)
        return super().event(event)


def _counted(report: ShapeReport) -> str:
    """Count the blocks, and those that fit if it is not all of them."""
    count, fitting = len(report.rows), sum(row.output_shape is not None for row in report.rows)
    blocks = "1 block" if count == 1 else f"{count} blocks"
    return blocks if fitting == count else f"{fitting} of {blocks} fit"
