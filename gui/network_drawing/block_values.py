"""BlockValues: one number for each block, which colours it in the drawing, and how it is found."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from engine.array_types import Array
from engine.data.dataset import Dataset
from engine.errors import ExportError
from engine.model.project import Project
from engine.text.words import count
from gui.background.latest_task import Report
from gui.widgets.colour_scale import Levels
from gui.widgets.number_words import brief, bytes_text, percent

Found = tuple[Sequence[float] | Array, str]  # a number for each block, and how it was found
NO_COLOURS, GRADIENT = "no colours", "gradient norm"


@dataclass(frozen=True)
class Measure:
    """What each block has one number of, in a unit, and how it is written; NaN: it has none.

    `find` works it out beside the window; without it, the drawing knows it. One that is not `live`
    stays as it is while a training goes on. Colours are for the number, or for its power of ten.
    """

    unit: str
    write: Callable[[float], str]
    find: Callable[[Project, Dataset, Report], Found] | None
    live: bool = True
    by_powers: bool = False


def _times(project: Project, samples: Dataset, report: Report) -> Found:
    from engine.explain.block_times import PASSES, block_times
    from engine.explain.class_score import portions

    network = project.network()
    at_once = next(portions(network, 1)).stop
    most = min(project.settings.batch_size, len(samples), at_once)
    inputs = samples.batch_inputs(slice(0, most), network.dtype)
    note = (
        f"Forward and back with {count(most, 'image')} in one thread, the least of {PASSES} times"
    )
    return block_times(network, inputs, lambda: report(0.0)), note


def _memory(project: Project, _samples: Dataset, _report: Report) -> Found:
    network = project.network()
    sizes = []
    for layer in network.layers:
        weights = sum(a.nbytes for k, a in network.arrays.items() if k.slot_id == layer.slot.id)
        values = math.prod(layer.output_shape) * network.dtype.itemsize
        sizes.append(float(weights + values))
    return sizes, "Weights, and outputs for one image"


def _stuck(project: Project, samples: Dataset, _report: Report) -> Found:
    from engine.inspection.unit_health import check_health, health_samples

    network = project.network()
    inputs = health_samples(samples, network)
    health = check_health(network, inputs, project.position)
    note = (
        f"Units that are dead or saturated, for {count(len(inputs), 'image')}; – where none can be"
    )
    return [block.stuck for block in health.blocks], note


def _export_errors(project: Project, samples: Dataset, report: Report) -> Found:
    from engine.exports.export import DisprovedError, export
    from engine.exports.onnx import ONNX
    from engine.exports.trained_network import TrainedNetwork

    network = TrainedNetwork.of(project, test=samples)
    with TemporaryDirectory(prefix="layerscope-onnx-", ignore_cleanup_errors=True) as folder:
        try:
            verdicts = export(network, Path(folder) / "network.onnx", ONNX, report=report).verdicts
        except DisprovedError as error:  # all the more is to be seen
            verdicts = error.verdicts
    verdict = next((each for each in reversed(verdicts) if each.ran), verdicts[-1])
    if not verdict.ran:
        raise ExportError(verdict.text)
    found = dict.fromkeys(range(1, len(project.stack) + 1), math.nan)
    found |= {block.number: block.largest for block in verdict.blocks}
    note = f"Largest difference of an ONNX export, run by {verdict.program} with "
    note += f"{count(verdict.samples, 'image')}, as a share of the range of the block's outputs"
    return list(found.values()), note


def _time_text(seconds: float) -> str:
    return f"{1e6 * seconds:,.0f} µs" if seconds < 1e-3 else f"{1e3 * seconds:,.3g} ms"


MEASURES = {
    GRADIENT: Measure("", brief, None, by_powers=True),
    "time": Measure("s", _time_text, _times),
    "memory": Measure("bytes", bytes_text, _memory),
    "dead units": Measure("share", percent, _stuck),
    "export error": Measure(
        "share of the range", brief, _export_errors, live=False, by_powers=True
    ),
}


class BlockValues(NamedTuple):
    """What blocks are coloured by: its name, a number for each block by slot id, how it was found.

    Without numbers, the note says why there are none.
    """

    name: str
    of: Mapping[int, float]
    note: str = ""

    @property
    def measure(self) -> Measure:
        """What it is."""
        return MEASURES[self.name]

    @property
    def ends(self) -> Levels:
        """The ends of the scale: the largest number, and 0, or of powers the smallest above it."""
        by_powers = self.measure.by_powers
        found = [each for each in self.of.values() if math.isfinite(each) and each > 0]
        return min(found, default=0.0) if by_powers else 0.0, max(found, default=0.0)

    def share(self, value: float) -> float:
        """Return where on the scale a number lies, from 0 to 1."""
        low, high = self.ends
        value = min(high, max(low, value))
        if self.measure.by_powers and value > 0:
            low, high, value = math.log10(low), math.log10(high), math.log10(value)
        return (value - low) / (high - low) if high > low else 0.0

    def text(self, slot_id: int) -> str:
        """Write the number of a block with its unit; a dash where it has none."""
        value = self.of.get(slot_id, math.nan)
        return "–" if math.isnan(value) else self.measure.write(value)


def find_values(name: str, project: Project, samples: Dataset, report: Report) -> BlockValues:
    """Work out what blocks are coloured by; this runs beside the window."""
    find = MEASURES[name].find
    assert find is not None
    found, note = find(project, samples, report)
    slots = [slot.id for slot in project.stack.slots]
    return BlockValues(name, dict(zip(slots, map(float, found), strict=True)), note)
