"""Cautions: none for what learns, one sentence for what does not."""

from dataclasses import replace
from itertools import chain
from types import SimpleNamespace

import psutil
import pytest

from engine.advice.cautions import Caution, cautions
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
from engine.data import sources
from engine.model.settings import Settings
from engine.model.stack import Stack
from engine.model.templates import TEMPLATES
from engine.training.events import EpochDone
from engine.training.run import Training

TEN = Settings(classes=tuple(range(10)), limit=0, batch_size=32, learning_rate=1.0)
ADAM = TEN.with_changes(optimizer="adam", learning_rate=0.002)
GIGABYTE = 10**9


def warned(
    *blocks: KnownBlock,
    chosen: Settings = TEN,
    samples: int | None = 10_000,
    memory: int = 8 * GIGABYTE,
) -> tuple[Caution, ...]:
    stack = Stack().appended(*blocks)
    assert stack.check(len(chosen.classes), chosen.loss).problem is None
    return cautions(stack, chosen, samples, memory)


def test_a_network_without_weights_is_judged_too() -> None:
    nine = TEN.with_changes(classes=tuple(range(9)))
    assert warned(MaxPool(size=9), Reshape(), Sigmoid(), chosen=nine) == ()


def deep(hidden: int) -> tuple[KnownBlock, ...]:
    pairs: list[tuple[KnownBlock, ...]] = [(Dense(units=50), Sigmoid())] * hidden
    return (Reshape(), *chain(*pairs), Dense(units=10), Sigmoid())


def notebook(classes: int) -> tuple[KnownBlock, ...]:
    start = Conv(), Sigmoid(), Reshape(), Dense(units=50), Sigmoid()
    return (*start, Dense(units=classes), Sigmoid())


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


# --- sigmoids: what was measured -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("classes", "rate", "learns"),
    [(10, 0.001, True), (10, 0.0015, False), (5, 0.002, True), (2, 0.002, True), (2, 0.004, False)],
)
def test_adam_throws_a_sigmoid_behind_many_sigmoids_to_its_end(
    classes: int, rate: float, learns: bool
) -> None:
    chosen = ADAM.with_changes(learning_rate=rate, classes=tuple(range(classes)))
    found = warned(*notebook(classes), chosen=chosen)
    if learns:
        assert found == ()
        return
    assert [caution.slot_id for caution in found] == [5]
    assert "sums 3,380 values near 0.5" in found[0].text
    assert "or a Tanh instead of block 2 (Sigmoid)." in found[0].text


def test_the_rate_that_is_advised_is_not_warned_of() -> None:
    (caution,) = warned(*notebook(10), chosen=ADAM)
    advised = float(caution.text.split("use a rate of ")[1].split(",")[0])
    assert warned(*notebook(10), chosen=ADAM.with_changes(learning_rate=advised)) == ()


@pytest.mark.parametrize("optimizer", ["adam", "adamw"])
def test_only_sums_of_sigmoids_jump(optimizer: str) -> None:
    chosen = ADAM.with_changes(optimizer=optimizer)
    assert len(warned(*notebook(10), chosen=chosen)) == 1
    start, end = (Conv(),), (Reshape(), Dense(units=50), Sigmoid(), Dense(units=10), Sigmoid())
    assert warned(*start, Tanh(), *end, chosen=chosen) == ()
    assert warned(*start, Sigmoid(), BatchNorm(), *end, chosen=chosen) == ()
    assert warned(Reshape(), *end[1:], chosen=chosen) == ()  # pixels are mostly 0
    assert warned(*start, Sigmoid(), Reshape(), Dense(units=10), Sigmoid(), chosen=chosen) == ()
    assert warned(*notebook(10), chosen=TEN) == ()  # SGD


@pytest.mark.parametrize(
    ("hidden", "rate", "epochs", "learns"),
    [
        (1, 0.1, 4, True),
        (2, 0.1, 4, True),
        (2, 0.01, 4, False),
        (3, 1.0, 4, True),
        (3, 0.1, 4, False),
        (4, 3.0, 4, False),
        (5, 3.0, 4, False),
    ],
)
def test_gradients_fade_through_sigmoids(
    hidden: int, rate: float, epochs: int, learns: bool
) -> None:
    chosen = TEN.with_changes(learning_rate=rate, epochs=epochs)
    found = warned(*deep(hidden), chosen=chosen)
    assert [caution.slot_id for caution in found] == ([] if learns else [3])
    for caution in found:
        assert f"{hidden} hidden Sigmoids weaken" in caution.text
        assert "in the 1,252 steps of this run" in caution.text  # ⌈10,000 / 32⌉ · 4
    assert warned(*deep(hidden), chosen=chosen, samples=None) == ()
    assert warned(*deep(hidden), chosen=chosen.with_changes(initializer="normal")) == ()


@pytest.mark.parametrize(
    ("hidden", "rate", "learns"),
    [(3, 0.0005, True), (4, 0.0005, True), (5, 0.002, True), (5, 0.0005, False), (8, 0.01, False)],
)
def test_adam_gets_through_more_of_them(hidden: int, rate: float, learns: bool) -> None:
    chosen = ADAM.with_changes(learning_rate=rate, epochs=4)
    assert (warned(*deep(hidden), chosen=chosen) == ()) == learns


def test_momentum_counts_and_batch_norm_helps() -> None:
    short = TEN.with_changes(learning_rate=0.01, epochs=4)
    assert len(warned(*deep(2), chosen=short)) == 1
    assert warned(*deep(2), chosen=short.with_changes(momentum=0.9)) == ()
    assert warned(Reshape(), BatchNorm(), *deep(2)[1:], chosen=short) == ()


@pytest.mark.parametrize(("blocks", "rate"), [(notebook(2), 0.01), (notebook(2), 0.0005)])
def test_what_is_warned_of_does_not_learn(blocks: tuple[KnownBlock, ...], rate: float) -> None:
    chosen = Settings(optimizer="adam", learning_rate=rate, batch_size=32, epochs=10)
    train, test = sources.load("mnist", (0, 1), 100)
    report = Stack().appended(*blocks).check(2, "bce")
    run = Training(report, chosen, train, test, threads=1)
    ends = [event for event in run.run() if isinstance(event, EpochDone)]
    run.close()
    learned = ends[-1].test_accuracy > 0.9
    assert learned == (warned(*blocks, chosen=chosen, samples=len(train)) == ())


# --- the end and the loss ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("last", "loss", "words"),
    [
        ((), "mse", "gives values of any size, but the targets are 0 and 1"),
        ((ReLU(),), "mse", "gives values of any size, but the targets are 0 and 1"),
        ((LeakyReLU(),), "mse", "gives values of any size, but the targets are 0 and 1"),
        ((Softmax(),), "bce", "use categorical cross-entropy, or end with a Sigmoid"),
        ((Sigmoid(), Dropout()), "mse", "move it before the last Dense"),
        ((ReLU(), Sigmoid()), "bce", "follows block 3 (ReLU), which gives no negative values"),
        ((Sigmoid(), Softmax()), "cross_entropy", "remove block 3 (Sigmoid)"),
    ],
)
def test_an_end_that_does_not_suit_the_loss(
    last: tuple[KnownBlock, ...], loss: str, words: str
) -> None:
    found = warned(Reshape(), Dense(units=10), *last, chosen=TEN.with_changes(loss=loss))
    assert [caution.slot_id for caution in found] == [2 + len(last)]
    assert words in found[0].text
    assert found[0].text.startswith("Block ")
    assert found[0].text.endswith(".")


@pytest.mark.parametrize(
    ("last", "loss"),
    [
        ((Sigmoid(),), "bce"),
        ((Sigmoid(),), "mse"),
        ((Softmax(),), "mse"),
        ((Tanh(),), "mse"),
        ((Softmax(),), "cross_entropy"),
        ((Tanh(), Sigmoid()), "bce"),
        ((Sigmoid(), Dropout(rate=0.0)), "mse"),
    ],
)
def test_an_end_that_suits_the_loss(last: tuple[KnownBlock, ...], loss: str) -> None:
    chosen = TEN.with_changes(loss=loss)
    assert warned(Reshape(), Dense(units=10), *last, chosen=chosen) == ()


# --- batches and memory --------------------------------------------------------------------------

PLAIN = (Reshape(), Dense(units=100), BatchNorm(), ReLU(), Dense(units=10), Sigmoid())


def test_a_batch_of_one_has_nothing_to_compare() -> None:
    found = warned(*PLAIN, chosen=TEN.with_changes(batch_size=1))
    assert [caution.slot_id for caution in found] == [3]
    assert warned(*PLAIN, chosen=TEN.with_changes(batch_size=2)) == ()
    assert warned(*PLAIN[:2], *PLAIN[3:], chosen=TEN.with_changes(batch_size=1)) == ()


def test_a_batch_of_more_than_all_samples() -> None:
    assert warned(*PLAIN, samples=32) == ()
    (caution,) = warned(*PLAIN, samples=31)
    assert caution.slot_id is None
    assert "more than the 31 training samples" in caution.text
    half = TEN.with_changes(validation_split=50.0)
    assert "more than the 20 training" in warned(*PLAIN, chosen=half, samples=40)[0].text
    assert warned(*PLAIN, samples=None) == ()


def test_memory_that_training_fills() -> None:
    wide = Reshape(), Dense(units=100_000), ReLU(), Dense(units=10), Sigmoid()
    parameters = 100_000 * 785 + 10 * 100_001
    needed = 4 * parameters * 3  # weights, their last copy and the gradient
    assert warned(*wide, memory=2 * needed) == ()
    (caution,) = warned(*wide, memory=2 * needed - 1)
    assert caution.slot_id == 2
    assert "needs 0.95 GB" in caution.text
    slow = ADAM.with_changes(learning_rate=1e-5)
    assert "needs 1.6 GB" in warned(*wide, chosen=slow, memory=2 * needed)[0].text


def test_batch_norm_in_a_batch_that_fills_the_memory() -> None:
    values = 784 + 100 + 100 + 100 + 10 + 10  # of a sample, after each block
    chosen = TEN.with_changes(batch_size=5_000)
    needed = 4 * 5_000 * values
    assert warned(*PLAIN, chosen=chosen, memory=2 * needed) == ()
    (caution,) = warned(*PLAIN, chosen=chosen, memory=2 * needed - 1)
    assert caution.slot_id == 3
    assert "what all blocks make of 5,000 samples" in caution.text
    assert warned(*PLAIN[:2], *PLAIN[3:], chosen=chosen, memory=2 * needed - 1) == ()
    _, caution = warned(*PLAIN, chosen=chosen, samples=1_000, memory=needed // 5)
    assert "of 1,000 samples" in caution.text


def test_a_network_of_which_everything_is_locked() -> None:
    stack = TEMPLATES["notebook"]().stack

    def warnings(*locked: int, kernels: tuple[int, ...] = ()) -> tuple[Caution, ...]:
        slots = [replace(slot, locked=slot.id in locked) for slot in stack]
        slots[0] = replace(slots[0], locked_kernels=kernels)
        chosen = TEMPLATES["notebook"]().settings
        return cautions(replace(stack, slots=tuple(slots)), chosen, 200, 8 * GIGABYTE)

    assert warnings(1, 4) == warnings(4, 6, kernels=(0, 1, 2, 4)) == ()
    for found in (warnings(1, 4, 6), warnings(4, 6, kernels=(0, 1, 2, 3, 4))):
        assert [caution.slot_id for caution in found] == [None]
        assert "Everything that could learn is locked" in found[0].text


def test_without_a_memory_the_machine_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    wide = Stack().appended(Reshape(), Dense(units=100_000), ReLU(), Dense(units=10), Sigmoid())
    machine = SimpleNamespace(total=GIGABYTE)
    monkeypatch.setattr(psutil, "virtual_memory", lambda: machine)
    (caution,) = cautions(wide, TEN, 10_000)
    assert "of this machine's 1 GB" in caution.text
    machine.total = 100 * GIGABYTE
    assert cautions(wide, TEN, 10_000) == ()
