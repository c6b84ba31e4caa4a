"""The report as a format: how it is written, and how its predictions are read back."""

import hashlib
import math
import re
from datetime import UTC, datetime
from pathlib import Path
from xml.etree.ElementTree import Element

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.array_types import Array
from engine.errors import ExportError
from engine.exports.export_format import ExportFormat, Files, resource
from engine.exports.report.data_sections import (
    Findings,
    data_section,
    find,
    results_section,
    samples_section,
)
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
from engine.proof.verdict import BlockOutputs, Way
from engine.text import words
from engine.version import version


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
        tag("style", "\n" + resource("report.css")),
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
    """What is read back of a report: its blocks by their labels, and predictions."""

    blocks: list[str]
    predictions: list[_Prediction]


def encode(network: TrainedNetwork, report: ProgressReport) -> Files:
    """Write the report."""
    found = find(network, lambda fraction: report(0.8 * fraction))
    written = page(network, found, _embedded(network))
    report(1.0)
    return {"": written}


def read_outputs(path: Path, images: Array) -> BlockOutputs:
    """Look up what a report says of images of values from 0 to 1: the outputs of its last block.

    Raises ExportError if the file cannot be read, DamagedError if it is no whole report, or tells
    nothing of an image.
    """
    page = read_file(path, _MAX_BYTES, ExportError).decode()
    found = re.search(rf'<script [^>]*id="{_EMBEDDED}">([^<]*)</script>', page)
    try:
        embedded = msgspec.json.decode(found[1] if found else "", type=_Embedded)
    except msgspec.DecodeError as fault:
        raise DamagedError(f"its values for programs cannot be read: {fault}") from fault
    told = {each.image: each.outputs for each in embedded.predictions}
    wanted = [_fingerprint(image) for image in np.rint(images * 255).astype(np.uint8)]
    if not told.keys() >= set(wanted):
        raise DamagedError("it tells nothing of some of the images")
    outputs = np.array([told[each] for each in wanted], np.float32)
    return [*[None] * (len(embedded.blocks) - 1), outputs]


def _embedded(network: TrainedNetwork) -> Element:
    """Keep the predictions by which the report can be proved."""
    built = network.network()
    images = images_to_prove(built, None if network.test is None else network.test.images).bytes
    outputs = built.activations(network.scaling.inputs(images))[-1].reshape(len(images), -1)
    values = _Embedded(
        blocks=[row.slot.label for row in network.report.rows],
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


REPORT = ExportFormat(
    name="report",
    title="Report (HTML)",
    audience="To read, print or hand in. Needs only a browser.",
    contents="One HTML file with the network, its settings, curves, results, samples and kernels.",
    ending=".html",
    files=encode,
    ways=(Way("read back", read_outputs),),
)
