"""KernelTools: the buttons beside a kernel: flip, turn, normalise, drop a known one in, lock."""

from collections.abc import Callable, Iterable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QMenu, QSizePolicy, QToolButton, QWidget

from engine.model.kernel_operations import NORMALISATIONS, OPERATIONS, PRESETS, Operation, Preset
from gui.theme import GRID
from gui.widgets.buttons import text_button

_COLUMNS = 2


class KernelTools(QWidget):
    """Says by its signals what is wanted; a control that cannot be used says why."""

    operated = Signal(object)  # Operation
    dropped_in = Signal(object)  # Preset
    lock_wanted = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tips: dict[QWidget, str] = {}  # what each control does
        self._size = 1
        self._presets = QMenu(self)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(GRID // 2)
        controls: list[QWidget] = [self._operation(each) for each in OPERATIONS]
        controls.append(self._normalise())
        for place, control in enumerate(controls):
            grid.addWidget(control, place // _COLUMNS, place % _COLUMNS)
        grid.addWidget(self._drop_in(), grid.rowCount(), 0, 1, _COLUMNS)
        self.lock = QCheckBox("Lock this kernel")
        self.lock.setObjectName("kernel.lock")
        self.lock.clicked.connect(self.lock_wanted)
        self._tips[self.lock] = ""
        grid.addWidget(self.lock, grid.rowCount(), 0, 1, _COLUMNS)

    def set_size(self, size: int) -> None:
        """Offer the known kernels that there are in this size."""
        for action, preset in zip(self._presets.actions(), PRESETS, strict=True):
            fits = size >= preset.smallest
            needs = f"Needs a kernel of {preset.smallest}×{preset.smallest} or larger."
            action.setEnabled(fits)
            action.setToolTip(preset.help if fits else needs)

    def set_lock(self, locked: bool, text: str, tip: str) -> None:
        """Show whether training may change the kernel."""
        self.lock.setChecked(locked)
        self.lock.setText(text)
        self._tips[self.lock] = tip

    def set_blocked(self, reason: str, lock_reason: str = "") -> None:
        """Let nothing be used for a reason, or the lock alone for one; empty: all can be."""
        for control, tip in self._tips.items():
            why = reason or (lock_reason if control is self.lock else "")
            control.setEnabled(not why)
            control.setToolTip(why or tip)

    def _operation(self, operation: Operation) -> QToolButton:
        button = self._tool(operation.name, operation.title, operation.help)
        button.clicked.connect(lambda: self.operated.emit(operation))
        return button

    def _normalise(self) -> QToolButton:
        button, menu = self._tool("normalise", "Normalise", "Scale the cells"), QMenu(self)
        _fill(menu, NORMALISATIONS, self.operated.emit)
        return _startup(button, menu)

    def _drop_in(self) -> QToolButton:
        title = "Drop in Sobel, Laplace, blur…"
        button = self._tool("presets", title, "Put a well-known kernel in its place")
        _fill(self._presets, PRESETS, self.dropped_in.emit)
        return _startup(button, self._presets)

    def _tool(self, name: str, title: str, tip: str) -> QToolButton:
        button = text_button(f"kernel.{name}", title, tip, small=False)
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._tips[button] = tip
        return button


def _startup(button: QToolButton, menu: QMenu) -> QToolButton:
    button.setMenu(menu)
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    return button


def _fill(
    menu: QMenu, offers: Iterable[Operation | Preset], choose: Callable[[object], None]
) -> None:
    menu.setToolTipsVisible(True)
    for offer in offers:
        action = menu.addAction(offer.title)
        action.setObjectName(f"kernel.{offer.name}")
        action.setToolTip(offer.help)
        action.triggered.connect(lambda _checked=False, offer=offer: choose(offer))
