"""Random nodes: each is refused, or gives what it gives in onnxruntime."""

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.imports.onnx.table import RefusedNetworkError
from tests.engine.imports.onnx.graphs import compared, node, proved, random, read_here, write_graph

SIZES = st.integers(1, 4)


@st.composite
def convolutions(draw: st.DrawFn) -> tuple[dict[str, Any], tuple[int, int], tuple[int, int]]:
    """Attributes of a Conv, its kernel and the maps."""
    kernel = (draw(SIZES), draw(SIZES)) if draw(st.booleans()) else (draw(SIZES),) * 2
    stride, dilation = draw(st.integers(1, 3)), draw(st.integers(1, 2))
    attributes: dict[str, Any] = {"strides": [stride] * 2, "dilations": [dilation] * 2}
    way = draw(st.sampled_from(("pads", "even", "SAME_UPPER", "SAME_LOWER", "VALID")))
    if way == "pads":
        attributes["pads"] = [draw(st.integers(0, 3)) for _ in range(4)]
    elif way == "even":
        attributes["pads"] = [draw(st.integers(0, 2))] * 4
    else:
        assume(dilation == 1 or way == "VALID")  # onnxruntime has others of its own there
        attributes["auto_pad"] = way
    return attributes, kernel, (draw(st.integers(5, 9)), draw(st.integers(5, 9)))


def check_convolution(folder: Path, made: tuple[dict[str, Any], Any, Any]) -> None:
    attributes, kernel, sizes = made
    nodes = [node("Conv", "x w", "sums", **attributes), node("Tanh", "sums", "y")]
    path = write_graph(folder / "a.onnx", nodes, ("N", 2, *sizes), {"w": random(3, 2, *kernel)})
    with contextlib.suppress(RefusedNetworkError):
        proved(path)


@pytest.mark.parametrize("examples", [12, pytest.param(2_000, marks=pytest.mark.soak)])
def test_random_convolutions(tmp_path: Path, examples: int) -> None:
    @settings(max_examples=examples, deadline=None)
    @given(convolutions())
    def check(made: Any) -> None:
        check_convolution(tmp_path, made)

    check()


# Of samples of 1×2×12 values; some suit what an earlier one gives, some suit nothing.
RESHAPINGS = [
    *(("Reshape", told) for told in ([0, -1], [0, 24], [-1, 24], [2, -1], [1, -1], [-1, 6, 4])),
    *(("Reshape", told) for told in ([0, 4, 6], [0, 2, 3, 4], [0, -1, 12], [0, 0, -1], [0, 24, 1])),
    *(("Reshape", told) for told in ([-1, 12], [0, 1, 0, 12], [24, -1], [-1, 1, 2, 12], [0, 5, 5])),
    *(("Flatten", [axis]) for axis in (1, 1, 2, 0, -1)),
    *(("Squeeze", told) for told in ([1], [-1], [2], [0], [1, -1], [3])),
    *(("Unsqueeze", told) for told in ([1], [-1], [2], [0], [1, 2], [3, -3])),
    *(("Transpose", told) for told in ([0, 2, 1, 3], [0, 1, 3, 2], [0, 2, 1], [0, 1], [1, 0])),
]


def reshapings() -> st.SearchStrategy[list[tuple[str, list[int]]]]:
    """Operators that change shapes, with what each is told."""
    return st.lists(st.sampled_from(RESHAPINGS), min_size=1, max_size=3)


def check_reshapings(folder: Path, made: list[tuple[str, list[int]]], batch: int | str) -> None:
    nodes, arrays, value = [node("Tanh", "x", "v0")], {}, "v0"
    for place, (op, told) in enumerate(made, 1):
        new = f"v{place}"
        if op == "Flatten":
            nodes.append(node(op, value, new, axis=told[0]))
        elif op == "Transpose":
            nodes.append(node(op, value, new, perm=told))
        else:
            arrays[f"t{place}"] = np.array(told, np.int64)
            nodes.append(node(op, f"{value} t{place}", new))
        value = new
    path = write_graph(folder / "b.onnx", nodes, (batch, 1, 2, 12), arrays)
    with contextlib.suppress(RefusedNetworkError):
        proved(path)


@pytest.mark.parametrize("examples", [20, pytest.param(5_000, marks=pytest.mark.soak)])
def test_random_shapes(tmp_path: Path, examples: int) -> None:
    @settings(max_examples=examples, deadline=None)
    @given(reshapings(), st.sampled_from(("N", 1, 2, 3)))
    def check(made: Any, batch: int | str) -> None:
        check_reshapings(tmp_path, made, batch)

    check()


# Operators behind a Conv of 3×3×3, with what may be constant there, and attributes; some of these
# are those of another operator, or of another opset.
CONSTANTS: dict[str, tuple[tuple[int, ...], ...]] = {
    **dict.fromkeys(("Add", "Sub", "Mul", "Div"), ((), (3,), (3, 1, 1), (1, 3, 1, 1), (3, 3))),
    **dict.fromkeys(("Max", "Clip", "PRelu"), ((), (1,), (3,), (3, 1, 1), (1,) * 5)),
}
PLAIN = (
    *("AveragePool", "MaxPool", "BatchNormalization", "Dropout", "Softmax", "LogSoftmax", "Conv"),
    *("Flatten", "LeakyRelu", "Relu", "Transpose", "ReduceMean", "Squeeze", "Reshape"),
)
ATTRIBUTES: dict[str, Sequence[Any]] = {
    **dict.fromkeys(("axis", "broadcast"), (0, 1, 3)),
    **dict.fromkeys(("is_test", "spatial", "training_mode", "allowzero"), (0, 1)),
    **dict.fromkeys(("ceil_mode", "count_include_pad", "keepdims", "noop_with_empty_axes"), (0, 1)),
    **dict.fromkeys(("strides", "dilations"), ((1, 1), (2, 2))),
    "alpha": [0.2, 1.0],
    "auto_pad": ["VALID", "SAME_UPPER", "SAME_LOWER", "OTHER"],
    "axes": [[2, 3], [1], [0]],
    "group": [1, 3],
    "kernel_shape": [[1, 1], [2, 2], [3, 3]],
    "min": [0.0, -1.0],
    "pads": [[0, 0, 0, 0], [1, 1, 1, 1]],
    "shape": [[0, -1], [0, 3, 9]],
}


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_random_attributes(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    op = data.draw(st.sampled_from((*CONSTANTS, *PLAIN)))
    names = data.draw(st.sets(st.sampled_from(sorted(ATTRIBUTES)), max_size=2))
    attributes = {name: data.draw(st.sampled_from(ATTRIBUTES[name])) for name in sorted(names)}
    if op in ("AveragePool", "MaxPool"):
        attributes = {"kernel_shape": [2, 2], **attributes}
    arrays, inputs = {"w": random(3, 2, 2, 2)}, "maps"
    if op in CONSTANTS:
        arrays["c"] = np.abs(random(*data.draw(st.sampled_from(CONSTANTS[op]))))
        inputs = data.draw(st.sampled_from(("maps c", "c maps")))
    elif op == "BatchNormalization":
        arrays["c"], inputs = np.abs(random(3)), "maps c c c c"
    elif op == "Conv":
        arrays["k"], inputs = random(3, 3, 2, 2), "maps k"
    nodes = [node("Conv", "x w", "maps"), node(op, inputs, "y", **attributes)]
    path = tmp_path_factory.getbasetemp() / "d.onnx"
    write_graph(path, nodes, ("N", 2, 4, 4), arrays, data.draw(st.integers(1, 20)))
    with contextlib.suppress(RefusedNetworkError):
        verdicts = compared(path, read_here(path))
        assert all(each.holds or (each.failure and each.way != "numpy") for each in verdicts)


class Chain:
    """Nodes one behind the other, the shape of a sample behind them, and their constants."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.arrays: dict[str, Any] = {}
        self.shape: tuple[int, ...] = (2, 6, 6)
        self.shapes: list[tuple[int, ...]] = []  # behind each node
        self.ways: list[
            tuple[int, Any]
        ] = []  # nodes between, each behind one of those in the chain

    def add(self, op: str, *constants: Any, before: bool = False, **attributes: Any) -> None:
        """Add a node that takes the last value and constants."""
        place = len(self.nodes)
        names = [f"c{place}_{number}" for number in range(len(constants))]
        self.arrays |= zip(names, constants, strict=True)
        value = f"v{place - 1}" if place else "x"
        inputs = " ".join([*names, value] if before else [value, *names])
        self.nodes.append(node(op, inputs, f"v{place}", **attributes))


def _constant(data: st.DataObject, shape: tuple[int, ...]) -> Any:
    """Draw numbers from 0.5 on: one, one for each map, or one for each value."""
    shapes = ((), (shape[0], *(1,) * (len(shape) - 1)), (1, *shape))
    drawn = data.draw(st.sampled_from(shapes))
    return np.abs(random(*drawn, seed=data.draw(st.integers(0, 9)))) + np.float32(0.5)


def _grow(chain: Chain, data: st.DataObject) -> None:
    shape, ops = chain.shape, ["Relu", "Sigmoid", "Identity", "Dropout", "Clip", "norm"]
    ops += ["Add", "Sub", "Mul", "Div"] * 2 + ["skip"] * 4
    ops += ["Conv", "MaxPool", "mean", "Pad", "Flatten"] if len(shape) == 3 else ["Gemm", "MatMul"]
    op, seed = data.draw(st.sampled_from(ops)), data.draw(st.integers(0, 9))
    if op in ("Add", "Sub", "Mul", "Div"):
        before = data.draw(st.booleans()) and op != "Div"
        chain.add(op, _constant(data, shape), before=before)
    elif op == "norm":
        numbers = [random(shape[0], seed=seed + place) for place in range(4)]
        chain.add("BatchNormalization", *numbers[:3], np.abs(numbers[3]), epsilon=1e-3)
    elif op == "Clip":
        chain.add(op, np.float32(0))
    elif op == "Conv" and min(shape[1:]) >= 2:
        depth, size = data.draw(st.integers(1, 3)), data.draw(st.integers(1, 2))
        chain.add(op, random(depth, shape[0], size, size, seed=seed))
        chain.shape = (depth, shape[1] - size + 1, shape[2] - size + 1)
    elif op == "MaxPool" and min(shape[1:]) >= 2:
        chain.add(op, kernel_shape=[2, 2], strides=[2, 2])
        chain.shape = (shape[0], shape[1] // 2, shape[2] // 2)
    elif op == "mean":
        chain.add("GlobalAveragePool")
        chain.shape = (shape[0], 1, 1)
    elif op == "Pad":  # which only a Conv takes
        chain.add(op, np.array([0, 0, 1, 1, 0, 0, 1, 1]))
        if data.draw(st.booleans()):
            chain.add("Identity")
        chain.add("Conv", random(2, shape[0], 3, 3, seed=seed))
        chain.shape = (2, *shape[1:])
    elif op == "Flatten":
        chain.add(op)
        chain.shape = (int(np.prod(shape)),)
    elif op in ("Gemm", "MatMul"):
        units = data.draw(st.integers(1, 4))
        chain.add(op, random(shape[0], units, seed=seed))
        chain.shape = (units,)
    elif op in ("Relu", "Sigmoid", "Identity", "Dropout"):
        chain.add(op)
    elif op == "skip" and chain.nodes:
        _add_earlier(chain, data)
    chain.shapes += [chain.shape] * (len(chain.nodes) - len(chain.shapes))


def _add_earlier(chain: Chain, data: st.DataObject) -> None:
    """Add an earlier value to the last, as it is or through a Conv of 1×1 somewhere between."""
    last, shape = len(chain.nodes) - 1, chain.shape
    place = data.draw(st.integers(0, last))
    earlier, given = f"v{place}", chain.shapes[place]
    if len(shape) == len(given) == 3 and (given != shape or data.draw(st.booleans())):
        chain.arrays[f"k{last}"] = random(shape[0], given[0], 1, 1, seed=last)
        steps = [max(1, given[1] // shape[1])] * 2
        made = node("Conv", f"{earlier} k{last}", f"s{last}", strides=steps)
        chain.ways.append((data.draw(st.integers(place, last)), made))
        earlier = f"s{last}"
    names = data.draw(st.permutations([f"v{last}", earlier]))
    chain.nodes.append(node("Add", " ".join(names), f"v{last + 1}"))


def check_chain(folder: Path, data: st.DataObject) -> None:
    chain = Chain()
    for _ in range(data.draw(st.integers(1, 7))):
        _grow(chain, data)
    assume(chain.nodes)
    nodes = [
        each
        for place, of_chain in enumerate(chain.nodes)
        for each in (of_chain, *(way for behind, way in chain.ways if behind == place))
    ]
    path = write_graph(folder / "c.onnx", nodes, ("N", 2, 6, 6), chain.arrays)
    with contextlib.suppress(RefusedNetworkError):
        proved(path)


@pytest.mark.parametrize("examples", [25, pytest.param(3_000, marks=pytest.mark.soak)])
def test_random_chains(tmp_path: Path, examples: int) -> None:
    @settings(max_examples=examples, deadline=None)
    @given(st.data())
    def check(data: st.DataObject) -> None:
        check_chain(tmp_path, data)

    check()
