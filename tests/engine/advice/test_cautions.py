"""Cautions: none for what learns, one sentence for what does not."""

from dataclasses import dataclass, replace
from itertools import chain
from types import SimpleNamespace

import psutil
import pytest

from engine.advice.cautions import cautions
from engine.blocks import (
    BatchNorm,
    Conv,
    Dense,
    Dropout,
    KnownBlock,
    LeakyReLU,
    MaxPool,
    ReLU,
    Reshape,
    Sigmoid,
    Softmax,
    Tanh,
)
from engine.model.settings import Settings
from engine.model.stack import Stack
from engine.model.templates import TEMPLATES
from tests.approved import assert_approved

TEN = Settings(classes=tuple(range(10)), limit=0, batch_size=32, learning_rate=1.0)
ADAM = TEN.with_changes(optimizer="adam", learning_rate=0.002)
GIGABYTE = 10**9


PLAIN = (Reshape(), Dense(units=100), BatchNorm(), ReLU(), Dense(units=10), Sigmoid())
WIDE = (Reshape(), Dense(units=100_000), ReLU(), Dense(units=10), Sigmoid())
WIDE_BYTES = 4 * 3 * (100_000 * 785 + 10 * 100_001)  # weights, their last copy and the gradient
PLAIN_BYTES = 4 * 5_000 * (784 + 100 + 100 + 100 + 10 + 10)  # of a batch, after each block
LARGE = TEN.with_changes(batch_size=5_000)


@dataclass(frozen=True)
class Case:
    """A network, and what it is trained with."""

    blocks: tuple[KnownBlock, ...]
    chosen: Settings = TEN
    samples: int | None = 10_000
    memory: int = 8 * GIGABYTE

    def warnings(self) -> tuple[str, ...]:
        stack = Stack().appended(*self.blocks)
        assert stack.check(len(self.chosen.classes), self.chosen.loss).problem is None
        return cautions(stack, self.chosen, self.samples, self.memory)


def deep(hidden: int) -> tuple[KnownBlock, ...]:
    pairs: list[tuple[KnownBlock, ...]] = [(Dense(units=50), Sigmoid())] * hidden
    return (Reshape(), *chain(*pairs), Dense(units=10), Sigmoid())


def notebook(classes: int = 10) -> tuple[KnownBlock, ...]:
    start = Conv(), Sigmoid(), Reshape(), Dense(units=50), Sigmoid()
    return (*start, Dense(units=classes), Sigmoid())


def adam(rate: float, classes: int = 10) -> Settings:
    return ADAM.with_changes(learning_rate=rate, classes=tuple(range(classes)), epochs=4)


def sgd(rate: float, **changes: object) -> Settings:
    return TEN.with_changes(learning_rate=rate, epochs=4, **changes)


def ending(*last: KnownBlock, loss: str = "bce") -> Case:
    return Case((Reshape(), Dense(units=10), *last), TEN.with_changes(loss=loss))


END = (Reshape(), Dense(units=50), Sigmoid(), Dense(units=10), Sigmoid())
CASES = {
    "no weights": Case(
        (MaxPool(size=9), Reshape(), Sigmoid()), TEN.with_changes(classes=tuple(range(9)))
    ),
    **{  # what was measured: Adam throws a sigmoid behind many sigmoids to its end
        f"Adam, {classes} classes, {rate}": Case(notebook(classes), adam(rate, classes))
        for classes, rate in ((10, 0.001), (10, 0.0015), (5, 0.002), (2, 0.002), (2, 0.004))
    },
    "Adam, the rate that is advised": Case(notebook(), adam(0.0006)),
    "AdamW": Case(notebook(), ADAM.with_changes(optimizer="adamw")),
    "SGD": Case(notebook()),
    "Adam, behind a Tanh": Case((Conv(), Tanh(), *END), ADAM),
    "Adam, behind a BatchNorm": Case((Conv(), Sigmoid(), BatchNorm(), *END), ADAM),
    "Adam, behind pixels": Case(END, ADAM),
    "Adam, at the end": Case((Conv(), Sigmoid(), Reshape(), Dense(units=10), Sigmoid()), ADAM),
    **{  # what was measured: gradients fade through sigmoids
        f"{hidden} sigmoids, {rate}": Case(deep(hidden), sgd(rate))
        for hidden, rate in ((1, 0.1), (2, 0.1), (2, 0.01), (3, 1.0), (3, 0.1), (4, 3.0), (5, 3.0))
    },
    **{
        f"{hidden} sigmoids, Adam, {rate}": Case(deep(hidden), adam(rate))
        for hidden, rate in ((3, 0.0005), (4, 0.0005), (5, 0.002), (5, 0.0005), (8, 0.01))
    },
    "2 sigmoids, momentum": Case(deep(2), sgd(0.01, momentum=0.9)),
    "2 sigmoids, BatchNorm": Case((Reshape(), BatchNorm(), *deep(2)[1:]), sgd(0.01)),
    "2 sigmoids, large weights": Case(deep(2), sgd(0.01, initializer="normal")),
    "2 sigmoids, no data yet": Case(deep(2), sgd(0.01), samples=None),
    "mse behind any values": ending(loss="mse"),
    "mse behind ReLU": ending(ReLU(), loss="mse"),
    "mse behind LeakyReLU": ending(LeakyReLU(), loss="mse"),
    "mse behind Sigmoid": ending(Sigmoid(), loss="mse"),
    "mse behind Softmax": ending(Softmax(), loss="mse"),
    "mse behind Tanh": ending(Tanh(), loss="mse"),
    "mse behind Dropout": ending(Sigmoid(), Dropout(), loss="mse"),
    "mse behind no Dropout": ending(Sigmoid(), Dropout(rate=0.0), loss="mse"),
    "bce behind Softmax": ending(Softmax()),
    "bce behind Sigmoid": ending(Sigmoid()),
    "bce behind ReLU and Sigmoid": ending(ReLU(), Sigmoid()),
    "bce behind Tanh and Sigmoid": ending(Tanh(), Sigmoid()),
    "cross-entropy behind Softmax": ending(Softmax(), loss="cross_entropy"),
    "cross-entropy behind Sigmoid and Softmax": ending(Sigmoid(), Softmax(), loss="cross_entropy"),
    "BatchNorm of one": Case(PLAIN, TEN.with_changes(batch_size=1)),
    "BatchNorm of two": Case(PLAIN, TEN.with_changes(batch_size=2)),
    "one, without BatchNorm": Case((*PLAIN[:2], *PLAIN[3:]), TEN.with_changes(batch_size=1)),
    "a batch of all": Case(PLAIN, samples=32),
    "a batch of more": Case(PLAIN, samples=31),
    "a batch of more, with validation": Case(
        PLAIN, TEN.with_changes(validation_split=50.0), samples=40
    ),
    "a batch, no data yet": Case(PLAIN, samples=None),
    "weights take half of the memory": Case(WIDE, memory=2 * WIDE_BYTES),
    "weights take more": Case(WIDE, memory=2 * WIDE_BYTES - 1),
    "weights take more with Adam": Case(WIDE, adam(1e-5), memory=2 * WIDE_BYTES),
    "a batch takes half of the memory": Case(PLAIN, LARGE, memory=2 * PLAIN_BYTES),
    "a batch takes more": Case(PLAIN, LARGE, memory=2 * PLAIN_BYTES - 1),
    "a batch takes more, without BatchNorm": Case(
        (*PLAIN[:2], *PLAIN[3:]), LARGE, memory=2 * PLAIN_BYTES - 1
    ),
    "all samples take more": Case(PLAIN, LARGE, samples=1_000, memory=PLAIN_BYTES // 5),
}


def test_what_is_warned_of() -> None:
    text = ""
    for name, case in CASES.items():
        text += f"{name}\n"
        for found in case.warnings():
            assert not found[0].islower()
            assert found.endswith(".")
            text += f"  {found}\n"
    assert_approved("cautions.txt", text)


@pytest.mark.parametrize(
    ("template", "samples"), [("notebook", 200), ("digits", 10_000), ("lenet", 10_000)]
)
def test_templates_have_nothing_to_warn_of(template: str, samples: int) -> None:
    project = TEMPLATES[template]()
    assert cautions(project.stack, project.settings, samples, 4 * GIGABYTE) == ()
    assert cautions(project.stack, project.settings, None, 4 * GIGABYTE) == ()


def test_a_network_with_a_problem_hears_of_that_alone() -> None:
    assert cautions(Stack().appended(*deep(9)[:-1]), ADAM, 100) == ()
    assert cautions(Stack(), ADAM, 100) == ()


def test_a_network_of_which_everything_is_locked() -> None:
    stack = TEMPLATES["notebook"]().stack

    def warnings(*locked: int, kernels: tuple[int, ...] = ()) -> tuple[str, ...]:
        slots = [replace(slot, locked=slot.id in locked) for slot in stack]
        slots[0] = replace(slots[0], locked_kernels=kernels)
        chosen = TEMPLATES["notebook"]().settings
        return cautions(replace(stack, slots=tuple(slots)), chosen, 200, 8 * GIGABYTE)

    assert warnings(1, 4) == warnings(4, 6, kernels=(0, 1, 2, 4)) == ()
    for found in (warnings(1, 4, 6), warnings(4, 6, kernels=(0, 1, 2, 3, 4))):
        assert len(found) == 1
        assert "Everything that could learn is locked" in found[0]


def test_without_a_memory_the_machine_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    wide = Stack().appended(*WIDE)
    machine = SimpleNamespace(total=GIGABYTE)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: machine)
    (caution,) = cautions(wide, TEN, 10_000)
    assert "of this machine's 1 GB" in caution
    machine.total = 100 * GIGABYTE
    assert cautions(wide, TEN, 10_000) == ()
