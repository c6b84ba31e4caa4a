"""Read an ONNX file as a new project, with a table of what became of each node."""

import logging
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from engine.array_types import Shape, format_shape
from engine.data.names import listed
from engine.errors import ExportError, NetworkFileError, in_one_line
from engine.files.atomic import ProgressReport, no_report
from engine.files.network_form import Metadata, read_notes
from engine.files.onnx_file import (
    Graph,
    Node,
    Tensor,
    ValueInfo,
    packed_graph,
    unpacked_graph,
)
from engine.files.untrusted_read import DamagedError
from engine.imports.onnx.constants import Constants
from engine.imports.onnx.operators import (
    BEFORE_WORDS,
    OPERATORS,
    Done,
    End,
    StackMaker,
    take_grouping,
    take_skip,
    take_way,
)
from engine.imports.onnx.table import (
    NodeRow,
    Outcome,
    RefusedNetworkError,
    RefusedNodeError,
    node_label,
    node_name,
)
from engine.model.losses import LOSSES
from engine.model.project import Project
from engine.model.settings import Settings
from engine.model.stack import MAX_PARAMETERS, BlockSlot, Stack
from engine.proof.onnx_nodes import COMPOSED, not_honoured
from engine.proof.own_process import outputs_in_own_process
from engine.text import words
from engine.text.letters import printable

_logger = logging.getLogger(__name__)

_MOST_CLASSES = 1000
_MOST_SIDE = 1024  # px, of the setting Image size
_MOST_MULTIPLY_ADDS = 100_000_000_000  # of one image
_TYPED = (Tensor, ValueInfo)
_FLOAT16 = 10  # what a Cast calls it
_LOSSES = ("cross_entropy", "bce", "mse")  # the first that the outputs go with
_KNOWN_DOMAINS = ("", "ai.onnx")
_KNOWN = OPERATORS.keys() | {"Constant", "Shape", "Gather", "Concat"}
_TWO_SIDED = ("Add", "Sub", "Mul", "Div", "Max", "MatMul")  # may have the constant in front
_NO_BLOCK = "no block does this"
# What contradicts itself makes numpy raise nearly anything.
_CONTRADICTIONS = (ValueError, TypeError, LookupError, ArithmeticError, AttributeError)
_ADDED = {
    "reshape": "gives the values the shape that the file has for them",
    "batch_norm": "multiplies each map by a number and adds one",
}


@dataclass(frozen=True, eq=False)
class ImportedNetwork:
    """A project made of the graph of a file, and what is needed to compare the two.

    `rows` tells what became of each node, `notes` what else there is to know. `values` names the
    value of the file in which each block ends, empty for a block that was added. `input_shape` is
    the shape of a sample that the file takes, `batch` how many (0: any number), `input_factor` what
    the largest value of a pixel is there. `ends_in` names the operator that lies between the
    outputs of file and project, if there is one: the file gives logarithms ("LogSoftmax"), or what
    a "Softmax" was added to. `is_half` says that the file computes in float16.
    """

    graph: Graph
    project: Project
    rows: tuple[NodeRow, ...]
    notes: tuple[str, ...]
    values: tuple[str, ...]
    input_shape: Shape
    batch: int
    input_factor: float
    ends_in: str = ""
    is_half: bool = False


def read_network(path: Path, report: ProgressReport = no_report) -> ImportedNetwork:
    """Read a file as a new project, with its weights.

    The file is opened in a process of its own, so that a trap does no harm. `report` is called with
    the fraction done; what it raises ends the work.
    Raises RefusedNetworkError, with the table, if a node does nothing that blocks do, and
    NetworkFileError if the file cannot be read.
    """
    report(0.0)
    try:
        packed = outputs_in_own_process(packed_graph, path, np.empty(0), lambda: report(0.2))
    except ExportError as fault:
        words = f"{path} could not be read: {fault} Choose another file."
        raise NetworkFileError(words) from fault
    graph = unpacked_graph(packed)
    report(0.4)
    imported = network_of(graph, str(path), lambda fraction: report(0.4 + 0.6 * fraction))
    _logger.info("Imported %s: %d blocks", path, len(imported.project.stack))
    return imported


def network_of(graph: Graph, named: str, report: ProgressReport = no_report) -> ImportedNetwork:
    """Make a project of the graph of a file that is named so in errors, as `read_network` does."""
    reader = _Reader(graph)
    try:
        return reader.read(report)
    except RefusedNodeError as fault:
        said = printable(str(fault))  # it names parts of the file
        raise RefusedNetworkError(f"{named} cannot be taken: {said}.", reader.rows) from fault
    except DamagedError as fault:
        raise NetworkFileError(f"{named} is damaged: {fault}. Export it again.") from fault
    except MemoryError:
        raise NetworkFileError(f"{named} does not fit into memory.") from None
    except _CONTRADICTIONS as fault:
        reason = in_one_line(fault)
        raise NetworkFileError(f"{named} is damaged ({reason}). Export it again.") from fault


@dataclass(eq=False)
class _Reader:
    """Goes through the nodes, each of which gets its row.

    `composed` has, by the number of their first node, the kinds that are several nodes, with the
    numbers of all of these; `ways` the numbers of the nodes between an earlier value and an Add.
    """

    graph: Graph
    rows: list[NodeRow] = field(default_factory=list)
    composed: dict[int, tuple[str, list[int]]] = field(init=False)
    ways: set[int] = field(init=False)

    def __post_init__(self) -> None:
        self.composed = _composed(self.graph)
        self.ways = _ways(self.graph)
        self.groupings = _groupings(self.graph)
        self._within = {each for _, numbers in self.composed.values() for each in numbers}

    def read(self, report: ProgressReport) -> ImportedNetwork:
        """Go through the nodes, up to one that is refused."""
        graph = self.graph
        try:
            live = self._live()
            source = source_of(graph)
            self._require_known(live)
            shape, batch = sample_shape(source)
            images, constants = image_shape(shape), Constants(graph)
            factor = 255.0 if source.dtype == "uint8" else 1.0
            maker = StackMaker(images, shape, batch, source.name, constants, graph.opset, factor)
            for number, node in enumerate(graph.nodes, 1):
                report(number / len(graph.nodes))
                if number in live:
                    self._step(maker, number, node)
                else:
                    self._tell(number, node, "dropped", "nothing uses what it gives")
        except RefusedNodeError:
            self._tell_unseen()
            raise
        if maker.value != graph.outputs[0].name:
            raise RefusedNodeError("its output does not depend on the images")
        if not maker.parts:
            raise RefusedNodeError("it has no node that is a block")
        if any(maker.pads):
            raise RefusedNodeError("a border is added that no Conv takes")
        return self._finished(maker)

    def _live(self) -> set[int]:
        """Return the numbers of the nodes that the output depends on."""
        if len(self.graph.outputs) != 1:
            raise RefusedNodeError(f"it gives {len(self.graph.outputs)} outputs, but must give one")
        wanted, live = {self.graph.outputs[0].name}, set()
        for number in range(len(self.graph.nodes), 0, -1):
            node = self.graph.nodes[number - 1]
            if not node.outputs or any(node.outputs.count(name) > 1 for name in node.outputs):
                raise DamagedError(f"{node_label(node, number)} gives nothing, or one value twice")
            if wanted.intersection(node.outputs) - {""}:
                live.add(number)
                wanted.update(node.inputs)
        return live

    def _tell_unseen(self) -> None:
        """Tell of the nodes that were not looked at before a file was refused."""
        seen = {row.number for row in self.rows}
        for number, node in enumerate(self.graph.nodes, 1):
            if number in seen:
                continue
            if self._is_known(number, node):
                self._tell(number, node, "not looked at", "because the file is refused")
            else:
                self._tell(number, node, "refused", _NO_BLOCK)

    def _require_known(self, live: set[int]) -> None:
        """Name all operators at once that no block does."""
        if not self.graph.opset:
            raise RefusedNodeError("it does not say which version of ONNX's own operators it uses")
        nodes = enumerate(self.graph.nodes, 1)
        found = [
            (node, number)
            for number, node in nodes
            if number in live and not self._is_known(number, node)
        ]
        if found:
            names = listed(sorted({node.op[:40] for node, _ in found}))
            first = node_label(*found[0])
            raise RefusedNodeError(f"no block does {names} (the first is {first})")

    def _step(self, maker: StackMaker, number: int, node: Node) -> None:
        try:
            if number in self._within and number not in self.composed:
                self._tell(number, node, "folded", f"into block {len(maker.parts)}")
            elif reason := not_honoured(node, self.graph.opset):
                raise RefusedNodeError(reason)
            elif node.op == "Shape" and node.inputs == (maker.value,):
                # A 0 for the number of images is copied by a Reshape.
                sizes = np.array([maker.batch, *maker.named_shape], np.int64)
                maker.constants.keep(node.outputs[0], sizes)
                self._tell(number, node, "folded", "it is constant")
            elif maker.constants.fold(node):
                self._tell(number, node, "folded", "it is constant")
            else:
                self._take(maker, number, node)
        except RefusedNodeError as fault:
            self._tell(number, node, "refused", str(fault))
            raise RefusedNodeError(f"{node_label(node, number)}: {fault}") from fault

    def _take(self, maker: StackMaker, number: int, node: Node) -> None:
        given = maker.constants.given(node.inputs)
        data = [name for name in node.inputs if name not in maker.constants]
        if node.op not in OPERATORS:
            raise RefusedNodeError(_NO_BLOCK)
        if number in self.ways:
            self._tell(number, node, *take_way(maker, node, given))
            return
        rest = [*data]
        if maker.value in data:
            rest.remove(maker.value)
        if rest and (node.op != "Add" or rest == data or len(node.inputs) != 2):
            raise RefusedNodeError(BEFORE_WORDS)
        if node.inputs[0] in maker.constants and node.op not in _TWO_SIDED:
            raise RefusedNodeError("it takes the values by which it works from an earlier node")
        if maker.ended and node.op not in ("Identity", "Reshape", "Flatten", "Squeeze"):
            raise RefusedNodeError("it goes on after a LogSoftmax, which must be the end")
        if any(maker.pads) and node.op not in ("Pad", "Conv", "Identity"):
            raise RefusedNodeError("it takes maps with a border, which only a Conv does here")
        before = len(maker.parts)
        last = node
        if number in self.composed:
            kind, numbers = self.composed[number]
            last = self.graph.nodes[numbers[-1] - 1]
            maker.append(kind, {})
            done = Done("taken", f"with {words.count(len(numbers) - 1, 'node')} behind it")
        elif rest:
            done = take_skip(maker, rest[0])
        elif number in self.groupings:
            done = take_grouping(maker, node, given)
        else:
            done = OPERATORS[node.op](maker, node, given)
        count = sum(array.size for part in maker.parts[-2:] for array in part.arrays.values())
        if count > MAX_PARAMETERS:
            raise RefusedNodeError(f"it has more than {MAX_PARAMETERS:,} parameters")
        maker.value = last.outputs[0]
        has_new = len(maker.parts) > before
        if maker.parts and not any(maker.pads):  # a value with a border is that of no block
            end = End(len(maker.parts), maker.named_shape)
            if done.outcome == "folded" and not has_new:  # what it gave before is gone
                maker.ends = {k: v for k, v in maker.ends.items() if v.number != end.number}
            if has_new or done.outcome == "folded":
                maker.parts[-1].value = maker.value
            maker.ends[maker.value] = end
        block = len(maker.parts) if done.outcome == "taken" else 0
        for added in range(before + 1, len(maker.parts) + (done.outcome != "taken")):
            self._tell_added(maker, added)
        text = f"block {block}: {maker.parts[-1].block.summary()}" if block else ""
        said = "; ".join(each for each in (text, done.text) if each)
        self._tell(number, node, done.outcome, said, block)

    def _is_known(self, number: int, node: Node) -> bool:
        own = node.domain in _KNOWN_DOMAINS
        return own and (node.op in _KNOWN or number in self._within)

    def _tell_added(self, maker: StackMaker, number: int, why: str = "") -> None:
        block = maker.parts[number - 1].block
        said = f"block {number}: {why or _ADDED[block.kind]}"
        self.rows.append(NodeRow(0, "", block.name, "added", said, number))

    def _tell(self, number: int, node: Node, outcome: Outcome, text: str, block: int = 0) -> None:
        told = node_name(node), printable(node.op)
        self.rows.append(NodeRow(number, *told, outcome, printable(text), block))

    def _finished(self, maker: StackMaker) -> ImportedNetwork:
        input_shape, _batch = sample_shape(self.graph.inputs[0])
        maker.settle_input()
        ends_in = "LogSoftmax" if maker.ended else ""
        self._end_in_vector(maker)
        if not ends_in and _gives_logits(maker):
            maker.append("softmax", {})
            ends_in = "Softmax"
            said = (
                "the outputs are of any size, and go through a Softmax before they are compared "
                "with the classes, as PyTorch's CrossEntropyLoss does by itself"
            )
            self._tell_added(maker, len(maker.parts), said)
        project = with_notes(_project(maker), self.graph.metadata)
        if project.check().multiply_adds > _MOST_MULTIPLY_ADDS:
            raise RefusedNodeError("a single image would take minutes")
        return ImportedNetwork(
            self.graph,
            project,
            tuple(self.rows),
            tuple(_notes(maker, project, input_shape, is_half=self._is_half())),
            tuple(part.value for part in maker.parts),
            input_shape,
            maker.batch,
            maker.input_factor,
            ends_in,
            self._is_half(),
        )

    def _is_half(self) -> bool:
        nodes = self.graph.nodes
        constants = [node.attributes.get("value") for node in nodes]
        tensors = [*self.graph.tensors.values(), *self.graph.inputs, *constants]
        casts = (node.attributes.get("to") for node in nodes if node.op == "Cast")
        return _FLOAT16 in casts or any(
            isinstance(each, _TYPED) and each.dtype == "float16" for each in tensors
        )

    def _end_in_vector(self, maker: StackMaker) -> None:
        """Make a vector of maps of 1×1 at the end."""
        if len(maker.shape) == 3 and maker.shape[1:] == (1, 1) and maker.shape[0] > 1:
            maker.named_shape = maker.shape
            maker.append("reshape", {"target_shape": (-1,)})
            said = "maps of 1×1 become a vector, one value for each class"
            self._tell_added(maker, len(maker.parts), said)


def _ways(graph: Graph) -> set[int]:
    """Find the 1×1 Convs, with a BatchNorm behind, that are the shorter of two ways to an Add."""
    made = {each.name: 0 for each in graph.inputs}  # what is not constant, and which node gives it
    takers = Counter(name for node in graph.nodes for name in node.inputs)
    begins: dict[str, int] = {}  # of what a 1×1 Conv gives one node: which one gives what it takes
    norms: dict[int, int] = {}  # which one gives what a BatchNorm behind such a Conv takes
    found = set()

    def rank(name: str) -> int:
        """Where both begin at one value, tell what exports of ours have inside an Add."""
        return 1 if name not in begins else 0 if "/" in name else 2

    for number, node in enumerate(graph.nodes, 1):
        if node.op == "Add" and len(node.inputs) == 2 and made.keys() >= set(node.inputs):
            shorter = min(node.inputs, key=lambda name: (begins.get(name, made[name]), rank(name)))
            if shorter in begins:
                found |= {made[shorter], norms.get(made[shorter], made[shorter])}
        taken = [made[name] for name in node.inputs if name in made]
        made |= dict.fromkeys(node.outputs, number) if taken else {}
        if node.op == "Conv" and taken and _kernel(node, graph) == (1, 1):
            begins |= {name: taken[0] for name in node.outputs if takers[name] == 1}
        if node.op == "BatchNormalization" and node.inputs[0] in begins:
            begins |= {name: begins[node.inputs[0]] for name in node.outputs if takers[name] == 1}
            norms[number] = made[node.inputs[0]]
    return found


def _groupings(graph: Graph) -> set[int]:
    """Find the Reshapes whose value a normalisation alone takes."""
    takers: dict[str, list[str]] = {}
    for node in graph.nodes:
        for name in node.inputs:
            takers.setdefault(name, []).append(node.op)
    return {
        number
        for number, node in enumerate(graph.nodes, 1)
        if node.op == "Reshape"
        and [takers.get(name) for name in node.outputs] == [["InstanceNormalization"]]
    }


def _kernel(node: Node, graph: Graph) -> object:
    tensor = graph.tensors.get(node.inputs[1]) if len(node.inputs) > 1 else None
    if tensor is None or tensor.values is None:
        return node.attributes.get("kernel_shape")
    return tensor.values.shape[2:]


def _composed(graph: Graph) -> dict[int, tuple[str, list[int]]]:
    """Find the nodes that are one block together, which gives no other value than its last."""
    takers: dict[str, list[int]] = {}
    for number, node in enumerate(graph.nodes, 1):
        for name in node.inputs:
            takers.setdefault(name, []).append(number)
    takers |= {each.name: [*takers.get(each.name, ()), 0] for each in graph.outputs}
    constants = dict(graph.tensors)
    for node in graph.nodes:
        tensor = node.attributes.get("value")
        if node.op == "Constant" and isinstance(tensor, Tensor):
            constants[node.outputs[0]] = tensor
    found = {}
    for first in range(1, len(graph.nodes) + 1):
        for kind, steps in COMPOSED.items():
            numbers = _matching(graph, steps, first, takers, constants)
            if numbers:
                found[first] = kind, numbers
    return found


def _matching(
    graph: Graph,
    steps: Sequence[tuple[str | float, ...]],
    first: int,
    takers: Mapping[str, list[int]],
    constants: Mapping[str, Tensor],
) -> list[int]:
    """Return the numbers of the nodes that do these steps, from the first on; empty if none do."""
    own = [name for name in graph.nodes[first - 1].inputs if name not in constants]
    if len(own) != 1:
        return []
    values, numbers = {"x": own[0]}, [first]
    for step, (op, *operands) in enumerate(steps, 1):
        node = graph.nodes[numbers[-1] - 1]
        if node.op != op or len(node.inputs) != len(operands) or len(node.outputs) != 1:
            return []
        left = list(node.inputs) if op in ("Add", "Mul") else []  # in any order
        for place, wanted in enumerate(operands):
            choices = left or [node.inputs[place]]
            fitting = [name for name in choices if _is_operand(name, wanted, values, constants)]
            if not fitting:
                return []
            if left:
                left.remove(fitting[0])
        values[""] = node.outputs[0]
        if step < len(steps):
            next_ones = set(takers.get(values[""], ()))
            if len(next_ones) != 1 or 0 in next_ones:
                return []
            numbers.append(next_ones.pop())
    return numbers


def _is_operand(
    name: str, wanted: str | float, values: Mapping[str, str], constants: Mapping[str, Tensor]
) -> bool:
    if isinstance(wanted, str):
        return values[wanted] == name
    tensor = constants.get(name)
    if tensor is None or tensor.values is None or tensor.values.size != 1:
        return False
    return math.isclose(float(tensor.values.reshape(())), wanted, rel_tol=1e-5)


def _gives_logits(maker: StackMaker) -> bool:
    """Whether the last block that changes values gives values of any size, one for each class."""
    if len(maker.shape) != 1 or not 2 <= maker.shape[0] <= _MOST_CLASSES:
        return False
    kinds = (part.block for part in reversed(maker.parts))
    last = next((block for block in kinds if block.output_range != "same"), None)
    return last is not None and bool(last.gradient_words)


def _project(maker: StackMaker) -> Project:
    stack = Stack(
        tuple(BlockSlot(number, part.block) for number, part in enumerate(maker.parts, 1)),
        maker.image_shape,
    )
    outputs = math.prod(maker.shape)
    classes = tuple(range(outputs)) if 2 <= outputs <= _MOST_CLASSES else (0, 1)
    fitting = (loss for loss in _LOSSES if stack.check(len(classes), loss).problem is None)
    settings = Settings().with_changes(
        classes=classes,
        loss=next(fitting, "mse"),
        scaling="standard" if maker.scaling.is_standard else "unit",
        optimizer="adam",
        learning_rate=0.001,
        batch_size=32,
        **_image_form(maker.image_shape),
    )
    weights = {number: part.arrays for number, part in enumerate(maker.parts, 1)}
    scaling = maker.scaling if maker.scaling.is_standard else None
    return Project(
        stack, settings, {number: held for number, held in weights.items() if held}, scaling=scaling
    )


def _image_form(shape: Shape) -> dict[str, object]:
    """Return the settings by which the images of any data get a shape, as far as there are some.

    Without them the network would take the shape of the images, and its weights would not fit.
    """
    channels, height, width = shape
    colour = {1: "grey", 3: "rgb"}.get(channels)
    if shape == Stack().input_shape or colour is None or height != width or height > _MOST_SIDE:
        return {}
    return {"image_size": height, "colour": colour}


def _notes(maker: StackMaker, project: Project, input_shape: Shape, *, is_half: bool) -> list[str]:
    notes = []
    if is_half:
        notes.append(
            "The file computes with half as many digits (float16); so it is compared in plain "
            "numpy alone, where it does not."
        )
    if maker.image_shape != input_shape:
        notes.append(
            f"The file takes {format_shape(input_shape)} values; here these are the pixels of "
            f"images of {format_shape(maker.image_shape)}, row by row."
        )
    if maker.input_factor != 1.0:
        notes.append("The file takes pixels from 0 to 255; here they are from 0 to 1, as always.")
    if project.scaling is not None:
        notes.append("The file standardises the images; here the scaling of the images does that.")
    problem = project.check().problem
    if problem is not None:
        notes.append(f"It cannot be trained as it is. {problem.text}")
    loss = LOSSES[project.settings.loss].title.lower()
    notes.append(f"The loss is {loss}, which goes with its outputs; a file does not say it.")
    return notes


def with_notes(project: Project, metadata: Mapping[str, str]) -> Project:
    """Copy a project with what the metadata of a file tells, as far as it goes with the network."""
    try:
        told = read_notes(metadata)
    except DamagedError:  # another program may use the same names
        return project
    if told is None:
        return project
    named = _with_classes(project, told.classes)
    return replace(_with_titles(named, told), trained_epochs=told.epochs)


def _with_classes(project: Project, names: Sequence[str]) -> Project:
    """Take names of classes; classes that are called by their numbers are these."""
    if len(names) != len(project.settings.classes):
        return project
    if all(name.isascii() and name.isdecimal() and len(name) < 7 for name in names):
        numbers = tuple(int(name) for name in names)
        if list(numbers) == sorted(set(numbers)):
            settings = project.settings.with_changes(classes=numbers)
            return replace(project, settings=settings)
    return replace(project, class_names=tuple(names))


def _with_titles(project: Project, told: Metadata) -> Project:
    """Take the titles of blocks, if the blocks are those that the file tells of."""
    stack = project.stack
    kinds = [slot.block.kind for slot in stack]
    if kinds != [note.block.get("kind") for note in told.stack]:
        return project
    slots = zip(stack, told.stack, strict=True)
    titled = tuple(replace(slot, title=note.title) for slot, note in slots)
    return replace(project, stack=replace(stack, slots=titled))


_MOST_PIXELS = 3 * 1024 * 1024
_MOST_AT_ONCE = 100_000_000  # values of all images that the file takes at once: 400 MB


def source_of(graph: Graph) -> ValueInfo:
    """Return the only input; raise RefusedNodeError if there are others, or none."""
    if len(graph.inputs) != 1:
        named = ", ".join(repr(each.name[:40]) for each in graph.inputs[:4]) or "none"
        raise RefusedNodeError(f"it must have one input, the images, but has {named}")
    return graph.inputs[0]


def sample_shape(source: ValueInfo) -> tuple[Shape, int]:
    """Return the shape of one sample, and how many the file takes at once, 0 for any number.

    Raises RefusedNodeError for what is no image.
    """
    if source.dtype not in ("float32", "float16", "float64", "uint8"):
        raise RefusedNodeError(f"its input is {source.dtype or 'no tensor'}, but must be images")
    if source.shape is None or not 2 <= len(source.shape) <= 4:
        sizes_said = "×".join(map(str, source.shape or ())) or "of an unknown shape"
        raise RefusedNodeError(
            "its input must be images (samples, channels, height, width) or vectors, but is "
            f"{sizes_said}"
        )
    first, *sizes = source.shape
    if any(isinstance(size, str) or size < 1 for size in sizes):
        raise RefusedNodeError(
            "the size of its images is open. Export it for images of a fixed size"
        )
    shape = tuple(int(size) for size in sizes)
    if math.prod(shape) > _MOST_PIXELS:
        raise RefusedNodeError(f"its images of {format_shape(shape)} are larger than any here")
    batch = first if isinstance(first, int) and first > 0 else 0
    if batch * math.prod(shape) > _MOST_AT_ONCE:
        raise RefusedNodeError(
            f"it takes {batch:,} images at once, which memory may not. Export it for any number"
        )
    return shape, batch


def image_shape(shape: Shape) -> Shape:
    """Return the shape of images of which samples can be made: vectors are taken as grey ones."""
    if len(shape) == 3:
        return shape
    side = math.isqrt(math.prod(shape))
    if len(shape) == 1 and side > 1 and side * side == shape[0]:
        return (1, side, side)
    return (1, *(1,) * (2 - len(shape)), *shape)
