"""Stacks to be measured: VGG-like and residual ones, and random ones over all kinds of blocks.

Usage: .venv/bin/python benchmarks/stacks.py [STACKS [SEED [SECONDS]]]

Measures so many (20) random stacks at several batch sizes: what they are made of, and a row each.
"""

import itertools
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, TypeVar

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from engine import blocks as kinds
from engine.array_types import Shape, format_shape
from engine.blocks import Add, BatchNorm, Conv, Dense, KnownBlock, MaxPool, ReLU, Reshape, Softmax
from engine.cli.bench import HEADING, Measurement, make_endless_training, measured, row
from engine.data.dataset import Dataset
from engine.errors import ShapeError
from engine.model.losses import LOSSES
from engine.model.settings import Settings
from engine.model.skips import fitting_adds
from engine.model.stack import ShapeReport, Stack
from engine.training.run import Training
from engine.training.warm_up import warm_up

RANDOM_BATCH_SIZES = (1, 16, 64, 256)
NOISE_SAMPLES = 1024  # of an epoch of a random stack
CLASSES = 10
LEAST_DEPTH, MOST_DEPTH = 2, 14  # blocks, without the one that flattens and without Adds
LEAST_SIDE, MOST_SIDE = 8, 64  # px
MOST_MULTIPLY_ADDS = 60_000_000  # of one sample: a step of 256 takes a second or less
MOST_PARAMETERS = 5_000_000
ADDED = 0.2  # of the places on maps at which something fits, a share gets an Add
OTHERS = 0.5  # of the BatchNorms become other blocks
LEARNING_RATE = 1e-6  # it is about the arithmetic: no weight shall grow beyond bounds
Choice = TypeVar("Choice")
_TRIES = 30  # for a block that fits


@dataclass(frozen=True)
class RandomStack:
    """A stack that fits, with the settings to train it; `name` is its seed and number."""

    name: str
    stack: Stack
    settings: Settings

    @property
    def report(self) -> ShapeReport:
        """Return the shapes, which fit."""
        return self.stack.check(CLASSES, self.settings.loss)

    @property
    def words(self) -> str:
        """Say what it is made of."""
        return stack_words(self.stack, self.settings)


def stack_words(stack: Stack, settings: Settings) -> str:
    """Say what a stack is made of: `1×28×28: Conv 5, 3×3; Sigmoid; ...; bce, sgd`."""
    blocks = "; ".join(row.slot.block.summary() for row in stack.rows())
    learning = f"{settings.loss}, {settings.optimizer}"
    return f"{format_shape(stack.input_shape)}: {blocks}; {learning}"


def random_stack(
    seed: int,
    number: int,
    *,
    most_side: int = MOST_SIDE,
    most_multiply_adds: int = MOST_MULTIPLY_ADDS,
) -> RandomStack:
    """Draw a stack: the same for a seed and number, whatever else was drawn.

    Of so many blocks, first some over maps, then one that makes a vector of them, then some over
    vectors, and at last a Dense for each class with an activation that the loss can take. Among
    those over maps come skip connections, and some BatchNorms become other blocks, by dice of their
    own.
    """
    drawn = _Draw(np.random.default_rng((seed, number)), most_multiply_adds).stack(
        f"{seed}.{number}", most_side
    )
    drawn = _with_others(drawn, np.random.default_rng((seed, number, 5)))
    dice = np.random.default_rng((seed, number, 1))
    return _with_skips(drawn, dice, most_multiply_adds)


def _with_others(plain: RandomStack, dice: np.random.Generator) -> RandomStack:
    """Copy a stack with a GroupNorm or a DepthwiseConv in the place of some BatchNorms."""
    stack = plain.stack
    for before in plain.report.rows:
        shape = before.input_shape or ()
        if isinstance(before.slot.block, BatchNorm) and dice.random() < OTHERS and max(shape) > 1:
            number = int(dice.integers(1, 17))
            block: KnownBlock = kinds.GroupNorm(groups=number).fitting(shape)
            if len(shape) == 3 and number % 2:
                block = kinds.DepthwiseConv(kernel_size=3, padding="same")
            stack = stack.replaced(replace(before.slot, block=block))
    return replace(plain, stack=stack)


def _with_skips(
    plain: RandomStack, dice: np.random.Generator, most_multiply_adds: int
) -> RandomStack:
    """Copy a stack with Adds among its maps, as far as it stays within the limits.

    The slots have ids from 1 in order.
    """
    report, stack = plain.report, replace(plain.stack, slots=())
    multiply_adds, parameters = report.multiply_adds, report.parameters
    for before in report.rows:
        stack = stack.appended(before.slot.known)
        if len(before.output_shape or ()) != 3 or dice.random() >= ADDED:
            continue
        ways = [add for _, add in fitting_adds(stack, len(stack))]
        if not ways:
            continue
        longer = stack.appended(ways[int(dice.integers(len(ways)))])
        added = longer.rows()[-1]
        more, larger = added.multiply_adds or 0, added.parameters or 0
        if multiply_adds + more <= most_multiply_adds and parameters + larger <= MOST_PARAMETERS:
            stack, multiply_adds, parameters = longer, multiply_adds + more, parameters + larger
    return replace(plain, stack=stack)


class _Draw:
    """The blocks drawn so far, and what they come to."""

    def __init__(self, dice: np.random.Generator, most_multiply_adds: int) -> None:
        self._dice, self._most = dice, most_multiply_adds
        self._blocks: list[kinds.KnownBlock] = []
        self._shape: Shape = ()
        self._multiply_adds = self._parameters = 0

    def stack(self, name: str, most_side: int) -> RandomStack:
        dice = self._dice
        height, width = (self._number(LEAST_SIDE, most_side) for _ in range(2))
        sides = (height, height if dice.random() < 0.7 else width)
        channels = 1 if dice.random() < 0.5 else 3
        self._shape = input_shape = (channels, *sides)
        depth = int(dice.integers(LEAST_DEPTH, MOST_DEPTH + 1)) - 2
        on_maps = int(dice.integers(0, depth + 1, 2).max())
        for _ in range(on_maps):
            self._add_one_of(*[self._conv] * 3, self._pool, *[self._pointwise] * 3)
        self._add_one_of(*[self._vector] * 3, self._column, kinds.GlobalAvgPool)
        for _ in range(depth - on_maps):
            self._add_one_of(self._dense, self._pointwise)
        loss = self._one_of(*sorted(LOSSES))
        self._blocks.append(kinds.Dense(units=CLASSES))
        self._blocks.append(kinds.Softmax() if loss == "cross_entropy" else self._last(loss))
        stack = Stack(input_shape=input_shape).appended(*self._blocks)
        return RandomStack(name, stack, self._settings(loss))

    def _add_one_of(self, *draws: Callable[[], kinds.KnownBlock]) -> None:
        """Add a block that fits and keeps the stack within its limits."""
        for _ in range(_TRIES):
            block = self._one_of(*draws)()
            try:
                output_shape = block.output_shape(self._shape)
            except ShapeError:  # the maps have become too small for it
                continue
            multiply_adds = self._multiply_adds + block.multiply_adds(self._shape)
            shapes = block.parameter_shapes(self._shape).values()
            parameters = self._parameters + sum(int(np.prod(shape)) for shape in shapes)
            if multiply_adds <= self._most and parameters <= MOST_PARAMETERS:
                self._blocks.append(block)
                self._shape = output_shape
                self._multiply_adds, self._parameters = multiply_adds, parameters
                return

    def _conv(self) -> kinds.KnownBlock:
        usual = self._dice.random() < 0.5
        return kinds.Conv(
            depth=self._number(1, 64),
            kernel_size=self._one_of(3, 5) if usual else int(self._dice.integers(1, 12)),
            stride=1 if usual else int(self._dice.integers(1, 4)),
            padding=self._one_of("valid", "same"),
            bias=self._one_of("position", "channel"),
        )

    def _pool(self) -> kinds.KnownBlock:
        size = 2 if self._dice.random() < 0.5 else self._number(1, min(31, *self._shape[1:]))
        stride = 0 if self._dice.random() < 0.6 else self._number(1, size)
        if self._dice.random() < 0.5:
            return kinds.MaxPool(size=size, stride=stride)
        return kinds.AvgPool(size=size, stride=stride)

    def _pointwise(self) -> kinds.KnownBlock:
        slope, rate = (round(float(self._dice.uniform(0.0, most)), 2) for most in (0.3, 0.5))
        activations: list[kinds.KnownBlock] = [
            *(kinds.Sigmoid(), kinds.Tanh(), kinds.ReLU(), kinds.ReLU()),
            kinds.LeakyReLU(slope=slope),
            *(kinds.ELU(), kinds.SiLU(), kinds.GELU()),
        ]
        return self._one_of(
            *activations, kinds.BatchNorm(), kinds.BatchNorm(), kinds.Dropout(rate=rate)
        )

    def _vector(self) -> kinds.KnownBlock:
        return kinds.Reshape()

    def _column(self) -> kinds.KnownBlock:
        return kinds.Reshape(target_shape=(-1, 1))

    def _dense(self) -> kinds.KnownBlock:
        return kinds.Dense(units=self._number(10, 1000))

    def _last(self, loss: str) -> kinds.KnownBlock:
        activations: list[kinds.KnownBlock] = [kinds.Sigmoid(), kinds.Softmax()]
        return self._one_of(*activations, *[kinds.Tanh()] * (loss == "mse"))

    def _settings(self, loss: str) -> Settings:
        return Settings().with_changes(
            loss=loss,
            optimizer=self._one_of("sgd", "adam", "adamw"),
            momentum=self._one_of(0.0, 0.9),
            nesterov=self._one_of(False, True),
            weight_decay=self._one_of(0.0, 0.0001),
            learning_rate=LEARNING_RATE,
            classes=tuple(range(CLASSES)),
            limit=0,
        )

    def _number(self, least: int, most: int) -> int:
        """Draw a number, the small ones more often: each doubling is as likely."""
        return min(most, int(np.exp(self._dice.uniform(np.log(least), np.log(most + 1)))))

    def _one_of(self, *choices: Choice) -> Choice:
        return choices[int(self._dice.integers(len(choices)))]


def vgg_stack(
    *,
    batch_norm: bool,
    pooling: bool = True,
    depths: Iterable[int] = (16, 32),
    input_shape: Shape = (1, 28, 28),
) -> Stack:
    """Make a pair of padded 3×3 convolutions of each depth (Simonyan, Zisserman, 2014)."""
    blocks: list[KnownBlock] = []
    for depth in depths:
        for _ in range(2):
            blocks.append(Conv(depth=depth, padding="same", bias="channel"))
            blocks += [BatchNorm(), ReLU()] if batch_norm else [ReLU()]
        blocks += [MaxPool()] if pooling else []
    vectors = Reshape(), Dense(units=128), ReLU(), Dense(units=10), Softmax()
    return Stack(input_shape=input_shape).appended(*blocks, *vectors)


def residual_stack(depths: Sequence[int], input_shape: Shape = (1, 28, 28)) -> Stack:
    """Make pairs of padded 3×3 convolutions with ways past them, for each depth (He et al., 2015).

    Where there are more maps than before, they are half as wide.
    """
    stack = Stack(input_shape=input_shape).appended(*_normalised(depths[0]), ReLU())
    for before, depth in itertools.pairwise((depths[0], *depths)):
        source, stride = len(stack), 1 if depth == before else 2
        through: Literal["identity", "conv"] = "identity" if depth == before else "conv"
        stack = stack.appended(
            *_normalised(depth, stride),
            ReLU(),
            *_normalised(depth),
            Add(source=source, through=through, stride=stride),
            ReLU(),
        )
    return stack.appended(kinds.GlobalAvgPool(), Dense(units=CLASSES), Softmax())


def _normalised(depth: int, stride: int = 1) -> tuple[KnownBlock, ...]:
    return Conv(depth=depth, stride=stride, padding="same", bias="channel"), BatchNorm()


def random_benchmark(
    count: int, seed: int, seconds: float, threads: int | None = None
) -> Iterator[tuple[RandomStack, Measurement]]:
    """Measure so many random stacks at each of their batch sizes, on noise of their shape."""
    for number in range(count):
        drawn = random_stack(seed, number)
        for batch_size in RANDOM_BATCH_SIZES:
            training = make_random_training(drawn, batch_size, threads)
            yield drawn, measured(drawn.name, training, seconds)


def make_random_training(
    drawn: RandomStack,
    batch_size: int,
    threads: int | None = None,
    interrupted: Callable[[], bool] = lambda: False,
) -> Training:
    """Make a run of a random stack over whole batches of noise that does not end by itself."""
    dice = np.random.default_rng(0)
    samples = max(NOISE_SAMPLES, batch_size)
    images = dice.integers(0, 256, (samples, *drawn.stack.input_shape), np.uint8)
    noise = Dataset(images, np.arange(samples) % CLASSES, tuple(range(CLASSES)))
    return make_endless_training(
        drawn.report, drawn.settings, noise, batch_size, threads, interrupted
    )


def main(count: int = 20, seed: int = 0, seconds: float = 2.0) -> None:
    """Measure and print."""
    warm_up()
    print(HEADING)
    for drawn, cells in itertools.groupby(random_benchmark(count, seed, seconds), lambda p: p[0]):
        print(f"\n{drawn.words}")
        for _, cell in cells:
            print(row(cell), flush=True)


if __name__ == "__main__":
    main(*(kind(each) for kind, each in zip((int, int, float), sys.argv[1:], strict=False)))
