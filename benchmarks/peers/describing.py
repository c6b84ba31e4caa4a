"""Describe nets as plain data, and build a stack and its settings of such a description."""

import json
import math
from collections.abc import Iterable, Iterator

from benchmarks.peers.net import CLASSES, Block, Net
from benchmarks.stacks import (
    RANDOM_BATCH_SIZES,
    random_stack,
    residual_stack,
    stack_words,
    vgg_stack,
)
from engine import blocks as kinds
from engine.array_types import Shape, is_vector
from engine.blocks import decode_block, encode_block
from engine.cli.bench import BATCH_SIZES, NETS, conv_stack
from engine.model.settings import Settings
from engine.model.stack import Row, Stack

NAMED_BATCH_SIZES = (16, 64, 256)


def conv_nets() -> Iterator[tuple[Net, int]]:
    """Describe the nets of `bench`, each with its batch sizes."""
    settings = Settings(loss="bce", optimizer="sgd", learning_rate=0.1)
    for name, depths in NETS.items():
        net = describe(name, conv_stack(depths), settings)
        yield from ((net, batch_size) for batch_size in BATCH_SIZES)


def random_nets(count: int, seed: int) -> Iterator[tuple[Net, int]]:
    """Describe so many random stacks, each with its batch sizes."""
    for number in range(count):
        net = random_net(number, seed)
        yield from ((net, batch_size) for batch_size in RANDOM_BATCH_SIZES)


def random_net(number: int, seed: int) -> Net:
    """Describe one random stack."""
    drawn = random_stack(seed, number)
    return describe(drawn.name, drawn.stack, drawn.settings)


def named_nets() -> Iterator[tuple[Net, int]]:
    """Describe nets of the kinds that people build most, trained with Adam."""
    settings = Settings(loss="cross_entropy", optimizer="adam", learning_rate=0.001)
    for name, stack in _named_stacks():
        net = describe(name, stack, settings)
        yield from ((net, batch_size) for batch_size in NAMED_BATCH_SIZES)


def describe(name: str, stack: Stack, settings: Settings) -> Net:
    """Describe a stack that fits, and how it is trained."""
    report = stack.check(CLASSES, settings.loss)
    assert report.problem is None, report.problem.text
    return {
        "name": name,
        "words": stack_words(stack, settings),
        "input_shape": list(stack.input_shape),
        "blocks": [_block(row) for row in report.rows],
        "loss": settings.loss,
        "optimizer": {
            "kind": settings.optimizer,
            "learning_rate": settings.learning_rate,
            "momentum": settings.momentum,
            "nesterov": settings.nesterov,
            "weight_decay": settings.weight_decay,
        },
    }


def built(net: Net) -> tuple[Stack, Settings]:
    """Build the stack and the settings that a description is of."""
    stack = Stack(input_shape=tuple(net["input_shape"]))
    for each in net["blocks"]:
        block = decode_block({"kind": each["kind"], **each["options"]})
        assert not isinstance(block, kinds.UnknownBlock)
        stack = stack.appended(block)
    numbers = {name: value for name, value in net["optimizer"].items() if name != "kind"}
    settings = Settings().with_changes(
        loss=net["loss"],
        optimizer=net["optimizer"]["kind"],
        classes=tuple(range(CLASSES)),
        limit=0,
        **numbers,
    )
    return stack, settings


def traits(net: Net) -> list[str]:
    """List what sets a net apart: kinds of blocks and of convolutions, loss, optimizer."""
    found = {block["kind"] for block in net["blocks"]}
    for block in net["blocks"]:
        if block["kind"] == "conv":
            found |= set(_conv_traits(block))
    return [*sorted(found), net["loss"], net["optimizer"]["kind"]]


def _conv_traits(block: Block) -> Iterator[str]:
    options = block["options"]
    size = options["kernel_size"]
    yield f"conv {size}×{size}" if size <= 5 else "conv 6×6 and larger"
    yield "conv with stride" if options["stride"] > 1 else "conv without stride"
    yield f"conv {options['padding']}"
    yield f"conv, bias per {options['bias']}"


def _block(row: Row) -> Block:
    assert row.input_shape is not None
    assert row.output_shape is not None
    block = row.slot.known
    options = json.loads(json.dumps(encode_block(block)))  # lists in place of tuples
    if isinstance(block, kinds.SkipBlock):
        options["source"] = block.source_number
    return {
        "kind": options.pop("kind"),
        "options": options,
        "input_shape": _plain(row.input_shape),
        "output_shape": _plain(row.output_shape),
        "border": _border(block, row.input_shape) if isinstance(block, kinds.Convolutional) else [],
        "arrays": {name: list(shape) for name, shape in (row.array_shapes or {}).items()},
    }


def _plain(shape: Shape) -> list[int]:
    return [math.prod(shape)] if is_vector(shape) else list(shape)


def _border(block: kinds.Convolutional, maps: Shape) -> list[list[int]]:
    geometry = block.geometry(maps)
    return [list(axis.padding) for axis in (geometry.rows, geometry.columns)]


def _named_stacks() -> Iterator[tuple[str, Stack]]:
    yield "mlp", _stack((1, 28, 28), [kinds.Reshape()], [512, 256])
    lenet: list[kinds.KnownBlock] = [
        *(kinds.Conv(depth=6, kernel_size=5, padding="same", bias="channel"), kinds.ReLU()),
        *(kinds.MaxPool(), kinds.Conv(depth=16, kernel_size=5, bias="channel"), kinds.ReLU()),
        *(kinds.MaxPool(), kinds.Reshape()),
    ]
    yield "lenet", _stack((1, 28, 28), lenet, [120, 84])
    yield "vgg", vgg_stack(batch_norm=False)
    yield "vgg-norm", vgg_stack(batch_norm=True)
    strided: list[kinds.KnownBlock] = []
    for depth in (16, 32, 64):
        conv = kinds.Conv(depth=depth, kernel_size=3, stride=2, padding="same", bias="channel")
        strided += [conv, kinds.ReLU()]
    yield "strided", _stack((1, 28, 28), [*strided, kinds.Reshape()], [])
    large: list[kinds.KnownBlock] = []
    for depth in (16, 32):
        large += [kinds.Conv(depth=depth, kernel_size=7, padding="same", bias="channel")]
        large += [kinds.ReLU(), kinds.AvgPool()]
    yield "conv7", _stack((1, 28, 28), [*large, kinds.Reshape()], [])
    mobile: list[kinds.KnownBlock] = [kinds.Conv(depth=16, padding="same", bias="channel")]
    for depth in (32, 64):
        alone = kinds.DepthwiseConv(kernel_size=3, padding="same", stride=2)
        beside = kinds.Conv(depth=depth, kernel_size=1, bias="channel")
        mobile += [kinds.ReLU(), alone, kinds.ReLU(), beside]
    yield "mobile", _stack((1, 28, 28), [*mobile, kinds.ReLU(), kinds.GlobalAvgPool()], [])
    yield "rgb", vgg_stack(batch_norm=False, depths=(32, 64), input_shape=(3, 32, 32))
    yield "resnet", residual_stack((16, 16, 32))
    yield "resnet-20", residual_stack((16,) * 9)


def _stack(input_shape: Shape, blocks: Iterable[kinds.KnownBlock], units: Iterable[int]) -> Stack:
    """Put hidden Dense layers, and one for the classes, behind the blocks."""
    stack = Stack(input_shape=input_shape).appended(*blocks)
    for count in units:
        stack = stack.appended(kinds.Dense(units=count), kinds.ReLU())
    return stack.appended(kinds.Dense(units=CLASSES), kinds.Softmax())
