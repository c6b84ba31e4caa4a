"""The page of a report, from its head to its last section."""

from datetime import UTC, datetime
from xml.etree.ElementTree import Element

from engine.exports.report.data_sections import data_section, results_section, samples_section
from engine.exports.report.findings import Findings
from engine.exports.report.markup import Node, document, extend, tag
from engine.exports.report.network_sections import (
    curves_section,
    kernels_section,
    setting_words,
    settings_section,
    stack_section,
    versions_section,
)
from engine.exports.report.style import STYLE
from engine.exports.trained_network import TrainedNetwork
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
