"""A form with one field of each kind, and what a hand does in it."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QLabel, QLineEdit, QSpinBox, QWidget

from engine.struct_fields import change, fields_of
from gui.forms.form import Form, stacked
from tests.gui.finding import named


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """One field of each kind."""

    count: Annotated[
        int, Meta(ge=1, le=64, title="Count", description="How many.", extra={"unit": "maps"})
    ] = 5
    limit: Annotated[int, Meta(ge=0, le=100, title="Limit", extra={"zero": "all"})] = 10
    batch: Annotated[int, Meta(ge=1, le=1000, title="Batch", extra={"scale": "log"})] = 32
    rate: Annotated[float, Meta(ge=1e-8, le=1000.0, title="Rate", extra={"scale": "log"})] = 0.1
    share: Annotated[
        float, Meta(ge=0.0, le=90.0, title="Share", extra={"zero": "off", "unit": "%"})
    ] = 0.5
    mode: Annotated[
        Literal["same", "valid"],
        Meta(title="Mode", extra={"labels": {"valid": "Valid only", "same": "Same size"}}),
    ] = "valid"
    on: Annotated[bool, Meta(title="On")] = False
    shape: Annotated[
        tuple[Annotated[int, Meta(ge=-1, le=10_000)], ...],
        Meta(min_length=1, max_length=3, title="Shape"),
    ] = (-1,)
    classes: Annotated[
        tuple[Annotated[int, Meta(ge=0, le=255)], ...], Meta(min_length=2, title="Classes")
    ] = (0, 1)
    data: Annotated[
        str, Meta(min_length=1, title="Data", extra={"suggestions": {"a": "First", "b": "Second"}})
    ] = "a"


class Owner(QObject):
    """Holds the options as a document does: a commit changes them and shows them again."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.options = Options()
        self.commits: list[tuple[str, Any]] = []
        self.form = Form(fields_of(Options), "option", self.commit, self)
        window.setLayout(stacked(self.form.editors.values()))
        self.form.show(self.options)

    def commit(self, name: str, value: Any) -> None:
        self.options = change(self.options, "Options", **{name: value})
        self.commits.append((name, value))
        self.form.show(self.options)


def message(window: QWidget, name: str) -> str:
    label = named(window, QLabel, f"option.{name}.problem")
    assert label.isVisible() == bool(label.text())
    return label.text()


def spin(window: QWidget, name: str) -> QSpinBox:
    return named(window, QSpinBox, f"option.{name}")


def number(window: QWidget, name: str) -> QDoubleSpinBox:
    return named(window, QDoubleSpinBox, f"option.{name}")


def line(window: QWidget, name: str) -> QLineEdit:
    return named(window, QLineEdit, f"option.{name}")


def combo(window: QWidget, name: str) -> QComboBox:
    return named(window, QComboBox, f"option.{name}")
