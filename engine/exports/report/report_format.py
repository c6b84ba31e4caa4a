"""The report as a format: how it is written, and how its predictions are read back."""

import hashlib
import math
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from xml.etree.ElementTree import Element

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.array_types import Array
from engine.errors import ExportError
from engine.exports.export_format import ExportFormat, Files
from engine.exports.report.data_sections import data_section, results_section, samples_section
from engine.exports.report.findings import Findings, find
from engine.exports.report.markup import Node, document, extend, json_script, tag
from engine.exports.report.network_sections import (
    curves_section,
    kernels_section,
    setting_words,
    settings_section,
    stack_section,
    versions_section,
)
from engine.exports.trained_network import TrainedNetwork
from engine.files.atomic import ProgressReport
from engine.files.untrusted_read import DamagedError, read_file
from engine.proof.prove import images_to_prove
from engine.proof.way import BlockOutputs, Way
from engine.text import words
from engine.version import version

STYLE = """
:root {
  color-scheme: light dark;
  --ground: #ffffff; --text: #1b1f24; --muted: #5a626e; --line: #d5d9df; --band: #f4f5f7;
  --train: #0072b2; --test: #a87500; --right: #0072b2; --wrong: #d55e00; --wrong-text: #a84800;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #16181d; --text: #e6e8eb; --muted: #a6adb8; --line: #434953; --band: #1f2228;
    --train: #56b4e9; --test: #e69f00; --right: #56b4e9; --wrong: #d55e00; --wrong-text: #ff9a4d;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; max-width: 62rem; padding: 2rem 1.5rem 4rem;
  background: var(--ground); color: var(--text);
  font: 1rem/1.5 system-ui, "Segoe UI", "Noto Sans", "DejaVu Sans", sans-serif;
}
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .3rem; overflow-wrap: anywhere; }
h2 {
  font-size: 1.3rem; margin: 2.6rem 0 .6rem; padding-top: .9rem; border-top: 1px solid var(--line);
}
h3 { font-size: 1.05rem; margin: 1.6rem 0 .4rem; }
p { margin: .5rem 0; max-width: 48rem; }
.muted, figcaption { color: var(--muted); }
figure { margin: 1rem 0; }
figcaption { font-size: .9rem; text-align: left; max-width: 48rem; }
svg text { fill: var(--muted); font-size: 12px; }
svg { max-width: 100%; height: auto; display: block; }
img.pixels, image { image-rendering: pixelated; }

.figures { display: flex; flex-wrap: wrap; gap: 1rem 2.6rem; margin: 1.4rem 0; padding: 0; }
.figures div { display: flex; flex-direction: column-reverse; }
.figures dt { color: var(--muted); font-size: .9rem; }
.figures dd { margin: 0; font-size: 1.6rem; font-weight: 600; line-height: 1.25; }

.wide { overflow-x: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin: .6rem 0; }
th, td { padding: .3rem .8rem .3rem 0; text-align: left; vertical-align: top; }
thead th { border-bottom: 1px solid var(--line); color: var(--muted); font-weight: 600; }
tbody tr + tr { border-top: 1px solid var(--line); }
th.number, td.number { text-align: right; white-space: nowrap; }
th[scope=row] { font-weight: 400; overflow-wrap: anywhere; }
.equation { color: var(--muted); font-size: .85rem; }
.pairs { columns: 20rem 2; column-gap: 3rem; margin: .6rem 0; }
.pairs div {
  display: flex; justify-content: space-between; gap: 1.5rem; break-inside: avoid;
  padding: .3rem 0; border-bottom: 1px solid var(--line);
}
.pairs dt { color: var(--muted); flex: none; }
.pairs dd { margin: 0; text-align: right; overflow-wrap: anywhere; min-width: 0; }

.line { fill: none; stroke-width: 2; stroke-linejoin: round; }
.train { stroke: var(--train); } .test { stroke: var(--test); stroke-dasharray: 7 3; }
.batches { stroke: var(--train); stroke-width: 1; opacity: .35; fill: none; }
.dots.train { fill: var(--train); stroke: none; } .dots.test { fill: var(--test); stroke: none; }
svg text.train { fill: var(--train); stroke: none; font-weight: 600; }
svg text.test { fill: var(--test); stroke: none; font-weight: 600; }
.axis { stroke: var(--line); fill: none; }
svg text.end { text-anchor: end; } svg text.middle { text-anchor: middle; }
.stage { stroke: var(--right); fill: color-mix(in srgb, var(--right) 14%, var(--ground)); }
.ground { stroke: var(--line); fill: var(--band); }
svg text.name { fill: var(--text); }

.confusion th, .confusion td { padding: .25rem .5rem; text-align: right; border: 0; }
.confusion tbody tr + tr { border: 0; }
.confusion thead th { vertical-align: bottom; }
.confusion thead th span {
  writing-mode: vertical-rl; transform: rotate(180deg); max-height: 9rem;
  overflow: hidden; text-overflow: ellipsis; white-space: nowrap;
}
.confusion thead th.short span { writing-mode: horizontal-tb; transform: none; }
.confusion td { min-width: 2.6rem; border: 1px solid var(--ground); }
.confusion .right { background: color-mix(in srgb, var(--right) var(--share), var(--band)); }
.confusion .wrong { background: color-mix(in srgb, var(--wrong) var(--share), var(--band)); }
.confusion .none { color: var(--muted); background: var(--band); }

.samples {
  display: grid; grid-template-columns: repeat(auto-fill, minmax(8.6rem, 1fr));
  gap: 1rem; margin: 1rem 0; padding: 0; list-style: none;
}
.samples li { break-inside: avoid; font-size: .88rem; line-height: 1.35; overflow-wrap: anywhere; }
.samples img {
  width: 100%; aspect-ratio: 1; object-fit: contain; background: #000;
  border: 3px solid var(--right); border-radius: 4px;
}
.samples .mistake img { border: 3px dashed var(--wrong); }
.samples .mistake .said { color: var(--wrong-text); font-weight: 600; }
.samples .said { display: block; font-weight: 600; }
.kernels img { background: var(--band); border: 1px solid var(--line); max-width: 100%; }
.answers {
  display: grid; grid-template-columns: 1fr auto; gap: 0 .6rem; margin: .1rem 0 0;
  color: var(--muted); font-variant-numeric: tabular-nums;
}
.answers dt { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.answers dd { margin: 0; }
.beside p { max-width: 26rem; }
.beside { display: flex; flex-wrap: wrap; gap: 0 4rem; align-items: flex-start; }
details { margin: .8rem 0; } summary { cursor: pointer; color: var(--muted); }
summary:focus-visible { outline: 2px solid var(--train); }

@media print {
  :root {
    color-scheme: light; --ground: #ffffff; --text: #000000; --muted: #444444; --line: #bbbbbb;
    --band: #f4f5f7; --train: #0072b2; --test: #a87500; --right: #0072b2; --wrong: #d55e00;
    --wrong-text: #a84800;
  }
  @page { margin: 16mm 14mm; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  h2, h3, h3 + p { break-after: avoid; }
  table { font-size: 9pt; } .beside { gap: 0 2rem; }
  .beside p { max-width: 20rem; }
  .figures { gap: 1rem 1.8rem; } .figures dd { font-size: 1.25rem; }
  figure, tr, .figures, .confusion, .beside details { break-inside: avoid; }
  thead { display: table-header-group; }
  .pairs { columns: 2; }
  .samples { grid-template-columns: repeat(6, 1fr); gap: .7rem; font-size: .8rem; }
  details:not([open]) { display: none; }
  .wide { overflow: visible; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
"""


def page(network: TrainedNetwork, found: Findings | None, embedded: Element) -> bytes:
    """Write the page of a network, what was found of it, and an element of values for programs."""
    names = network.class_names
    title = f"A network for {setting_words(network.settings, 'dataset')}"
    sections: tuple[tuple[str, list[Node]], ...] = (
        ("The network", stack_section(network)),
        ("How it learned", curves_section(network)),
        ("How well it does", results_section(found, names)),
        ("What it says", samples_section(found, names)),
        ("Kernels", kernels_section(network)),
        ("Data", data_section(network)),
        ("Settings", settings_section(network)),
        ("Versions and seed", versions_section(network)),
    )
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="generator", content=f"Layerscope {version()}"),
        tag("title", f"{title} – Layerscope report"),
        tag("style", STYLE),
    )
    today = datetime.now(UTC).astimezone()
    when = f"Layerscope report of {today.day} {today:%B %Y}"
    main = tag("main", tag("h1", title), tag("p", when, class_="muted"), _figures(network, found))
    for heading, content in sections:
        main.append(extend(tag("section", tag("h2", heading)), content))
    return document(tag("html", head, tag("body", main, embedded), lang="en"))


def _figures(network: TrainedNetwork, found: Findings | None) -> Element:
    """Give the numbers that are asked for first."""
    told: list[tuple[str, str]] = []
    if found is not None:
        told.append(("test accuracy", words.percent(found.confusion.accuracy)))
        if found.confusion.is_unbalanced:
            balanced = words.percent(found.confusion.balanced_accuracy)
            told.append(("balanced accuracy", balanced))
        told.append(("test loss", f"{found.loss:.4g}"))
        told.append(("test samples", f"{len(found.samples):,}"))
    told.append(("classes", f"{len(network.class_names):,}"))
    told.append(("parameters", f"{network.report.parameters:,}"))
    position = network.project.known_position
    if position is not None:
        told.append(("epochs trained", words.plain(position)))
    shown = (tag("div", tag("dt", name), tag("dd", value)) for name, value in told)
    return tag("dl", *shown, class_="figures")


_EMBEDDED = "layerscope-report"
_MAX_BYTES = 200_000_000


class _Prediction(msgspec.Struct, frozen=True):
    """What the network says of one image, which is known by the SHA-256 of its bytes.

    JSON has no number for what is not finite; it is None.
    """

    image: str
    outputs: list[float | None]


class _Embedded(msgspec.Struct, frozen=True):
    """What programs can read of a report."""

    version: str
    seed: int
    classes: list[str]
    blocks: list[str]
    samples: int
    accuracy: float | None
    loss: float | None
    predictions: list[_Prediction]


def encode(network: TrainedNetwork, report: ProgressReport) -> Files:
    """Write the report."""
    found = find(network, lambda fraction: report(0.8 * fraction))
    written = page(network, found, _embedded(network, found))
    report(1.0)
    return {"": written}


def read_outputs(path: Path, images: Array) -> BlockOutputs:
    """Look up what a report says of images of values from 0 to 1: the outputs of its last block.

    Raises ExportError if the file cannot be read, DamagedError if it is no whole report, or tells
    nothing of an image.
    """
    finder = _EmbeddedFinder()
    finder.feed(read_file(path, _MAX_BYTES, ExportError).decode())
    finder.close()
    try:
        embedded = msgspec.json.decode(finder.text, type=_Embedded)
    except msgspec.DecodeError as fault:
        raise DamagedError(f"its values for programs cannot be read: {fault}") from fault
    told = {each.image: each.outputs for each in embedded.predictions}
    wanted = [_fingerprint(image) for image in np.rint(images * 255).astype(np.uint8)]
    if not told.keys() >= set(wanted):
        raise DamagedError("it tells nothing of some of the images")
    outputs = np.array([told[each] for each in wanted], np.float32)
    return [*[None] * (len(embedded.blocks) - 1), outputs]


def _embedded(network: TrainedNetwork, found: Findings | None) -> Element:
    """Keep the figures and the predictions by which the report can be proved."""
    built = network.network()
    images = images_to_prove(built, None if network.test is None else network.test.images).bytes
    outputs = built.activations(network.scaling.inputs(images))[-1].reshape(len(images), -1)
    values = _Embedded(
        version=version(),
        seed=network.settings.seed,
        classes=list(network.class_names),
        blocks=[row.slot.label for row in network.report.rows],
        samples=0 if found is None else len(found.samples),
        accuracy=None if found is None else found.confusion.accuracy,
        loss=None if found is None else _number(found.loss),
        predictions=[
            _Prediction(_fingerprint(image), [_number(output) for output in each])
            for image, each in zip(images, outputs, strict=True)
        ],
    )
    return json_script(_EMBEDDED, msgspec.to_builtins(values))


def _number(value: float) -> float | None:
    """Return a number with no more digits than it needs, None if it is not finite."""
    return float(str(value)) if math.isfinite(value) else None


def _fingerprint(image: NDArray[np.uint8]) -> str:
    return hashlib.sha256(image.tobytes()).hexdigest()


class _EmbeddedFinder(HTMLParser):
    """Finds the text of the element that holds the values for programs."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note where it begins."""
        self._inside = tag == "script" and ("id", _EMBEDDED) in attrs

    def handle_endtag(self, tag: str) -> None:
        """Note where it ends."""
        self._inside = False

    def handle_data(self, data: str) -> None:
        """Keep what it holds."""
        if self._inside:
            self.text += data


REPORT = ExportFormat(
    name="report",
    title="Report (HTML)",
    audience="For people: to read, to print and to hand in, without any program but a browser.",
    contents="One HTML file with the network, its settings, curves, results, samples and kernels.",
    ending=".html",
    files=encode,
    ways=(Way("read back", read_outputs),),
    measures=True,
)
