"""Run an export in each way that there is, and compare its outputs with those of the network."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Array, format_shape
from engine.data.images import Images
from engine.errors import ExportError, in_one_line
from engine.files.atomic import ProgressReport, no_report
from engine.inputs.scaling import Scaling
from engine.model.network import Network
from engine.model.weights import Weights
from engine.proof.own_process import outputs_in_own_process
from engine.proof.verdict import TOLERANCE, UNSTEADY, BlockDifference, BlockOutputs, Verdict, Way
from engine.version import version

SAMPLES = 200
_SEED = 20
_VALUES = 25_000_000  # of all blocks and samples: 100 MB as float32
_CHANGES = 8  # of the last bits: one alone may move a sum near zero less than usual
_ROUNDINGS = 30  # the sums of a block are rounded many times
_MULTIPLY_ADDS = 5_000_000_000  # some seconds in plain numpy


class ProofImages(NamedTuple):
    """Images of bytes (n, channels, height, width); noise where there are no test images."""

    bytes: NDArray[np.uint8]
    are_noise: bool


def images_to_prove(network: Network, test: Images | None) -> ProofImages:
    """Return up to 200 of the test images; noise by a fixed seed if there are none that fit.

    They are fewer for a network so large that they would take minutes or much memory.
    """
    report = network.report
    values = sum(math.prod(row.output_shape or ()) for row in report.rows)
    fitting = min(_VALUES // values, _MULTIPLY_ADDS // max(1, report.multiply_adds))
    count = max(1, min(SAMPLES, fitting))
    if test is not None and len(test) and test.shape[1:] == network.input_shape:
        return ProofImages(np.asarray(test[:count]), are_noise=False)
    shape = (count, *network.input_shape)
    noise = np.random.default_rng(_SEED).integers(0, 256, shape, np.uint8)
    return ProofImages(noise, are_noise=True)


def prove(
    ways: Sequence[Way],
    path: Path,
    network: Network,
    scaling: Scaling,
    images: ProofImages,
    report: ProgressReport = no_report,
) -> tuple[Verdict, ...]:
    """Return what comes of running the export at `path` in each of the ways.

    `report` is called with the fraction done, and often while another program runs; what it raises
    ends the work, and that program.
    """
    inputs = scaling.inputs(images.bytes)
    expected = _expected(network, inputs)
    given = images.bytes.astype(np.float32) / np.float32(255)
    verdicts = []
    for number, way in enumerate(ways):
        tick = partial(report, number / len(ways))
        tick()
        found = _run(way, path, given, tick)
        if isinstance(found, Verdict):
            verdicts.append(found)
        else:
            verdicts.append(_compare(Verdict(way.name, program_of(way)), expected, found))
    report(1.0)
    if not images.are_noise:
        return tuple(verdicts)
    return tuple(replace(verdict, images="images of noise") for verdict in verdicts)


def _run(way: Way, path: Path, given: Array, tick: Callable[[], None]) -> BlockOutputs | Verdict:
    """Return the outputs of the blocks, or a verdict that says why there are none."""
    failed = Verdict(way.name, program_of(way))
    if missing := missing_packages(way):
        return replace(failed, missing=missing)
    if way.packages:
        try:
            return outputs_in_own_process(way.outputs, path, given, tick)
        except ExportError as fault:
            return replace(failed, failure=str(fault))
    try:
        return way.outputs(path, given)
    except Exception as fault:  # an export that is wrong makes its reader raise nearly anything
        reason = in_one_line(fault, 200)
        return replace(failed, failure=f"it could not be read back and run ({reason}).")


def missing_packages(way: Way) -> tuple[str, ...]:
    """Name the packages of a way that are not installed."""
    return tuple(package for package in way.packages if find_spec(package) is None)


def program_of(way: Way) -> str:
    """Name what runs an export in a way, with its version."""
    if way.name == "read back":
        return f"Layerscope {version()}"
    from importlib import metadata  # takes 10 ms

    package = way.packages[0] if way.packages else "numpy"
    try:
        return f"{package} {metadata.version(package)}"
    except metadata.PackageNotFoundError:
        return package


class _Expected(NamedTuple):
    """What a block should give, how large that is, and how much of it rounding may change."""

    label: str
    outputs: Array
    scale: float
    rounding: float


def _expected(network: Network, inputs: Array) -> list[_Expected]:
    """Run the network as it is, and with the last bits of its inputs and weights changed.

    Raises ExportError if it gives numbers that are not finite, which no two programs agree on.
    """
    rng = np.random.default_rng(_SEED)
    without: Weights = {layer.slot.id: {} for layer in network.layers}
    outputs, others = network.activations(inputs), list[list[Array]]()
    for _ in range(_CHANGES):
        changed = network.copy_weights()
        for arrays in changed.values():
            arrays |= {name: _with_other_bits(array, rng) for name, array in arrays.items()}
        other = Network(network.report, without | changed)
        others.append(other.activations(_with_other_bits(inputs, rng)))
    found, rounding = [], TOLERANCE
    triples = zip(network.layers, outputs, zip(*others, strict=True), strict=True)
    for number, (layer, wanted, changes) in enumerate(triples, 1):
        label = layer.slot.label
        if not np.isfinite(wanted).all():
            raise ExportError(
                f"The network was not exported, because block {number} ({label}) gives numbers "
                "that are not finite. Train with a lower learning rate, then export."
            )
        # The range; where the outputs are nearly all the same, how large they are.
        scale = float(max(np.ptp(wanted), np.abs(wanted).max())) or 1.0
        moved = max(float(_differences(wanted, other).max()) for other in changes) / scale
        rounding = max(rounding, _ROUNDINGS * moved)  # a block may hide what one behind it shows
        found.append(_Expected(label, wanted, scale, rounding))
    return found


def _with_other_bits(array: Array, rng: np.random.Generator) -> Array:
    """Return the numbers of an array, each a little larger or smaller by chance."""
    little = np.abs(array) * np.finfo(array.dtype).eps
    return np.where(rng.integers(0, 2, array.shape, dtype=np.bool_), array + little, array - little)


def _compare(verdict: Verdict, expected: Sequence[_Expected], found: BlockOutputs) -> Verdict:
    if len(found) != len(expected):
        words = f"it gives the outputs of {len(found)} blocks instead of {len(expected)}."
        return replace(verdict, failure=words)
    if found[-1] is None:
        return replace(verdict, failure="it gives no outputs of the last block.")
    blocks = []
    for number, (wanted, given) in enumerate(zip(expected, found, strict=True), 1):
        if given is None:
            continue
        shapes = given.shape, wanted.outputs.shape
        if len(given) != len(wanted.outputs) or given.size != wanted.outputs.size:
            gives, instead = (format_shape(shape[1:]) for shape in shapes)
            words = f"block {number} ({wanted.label}) gives {gives} instead of {instead}."
            return replace(verdict, failure=words)
        relative = _differences(wanted.outputs, given) / wanted.scale
        largest, mean = float(relative.max()), float(relative.mean())
        blocks.append(BlockDifference(number, wanted.label, largest, mean, wanted.rounding))
    wanted, last = expected[-1], found[-1]
    difference = _differences(wanted.outputs, last)
    return replace(
        verdict,
        samples=len(last),
        agree=_agreeing(wanted, last),
        largest=float(difference.max()),
        mean=float(difference.mean()),
        blocks=tuple(blocks),
    )


def _differences(wanted: Array, given: Array) -> Array:
    difference: Array = np.abs(wanted.astype(np.float64) - given.reshape(wanted.shape))
    return difference


def _agreeing(wanted: _Expected, given: Array) -> int:
    """Count the samples of which both name the same class, or one as good but for rounding."""
    outputs = wanted.outputs.reshape(len(given), -1)
    named = given.reshape(outputs.shape).argmax(axis=1)
    gap = outputs.max(axis=1) - outputs[np.arange(len(outputs)), named]
    return int((gap <= min(wanted.rounding, UNSTEADY) * wanted.scale).sum())
