"""The report as a whole: complete in itself, right in its numbers, safe with any text, proved."""

import base64
import io
import re
from collections.abc import Sequence
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree.ElementTree import Element

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from engine.array_types import Array
from engine.blocks import Conv, Dense, KnownBlock, ReLU, Reshape, Softmax
from engine.data import Dataset
from engine.exports.report.markup import data_uri, kernels_picture
from engine.exports.report.network_sections import accuracy_chart, loss_chart
from engine.exports.report.report_format import REPORT, read_outputs
from engine.exports.trained_network import TrainedNetwork
from engine.files.atomic import no_report
from engine.inputs.scaling import UNIT
from engine.model.project import Project
from engine.model.settings import Settings
from engine.model.stack import Stack
from engine.model.weights import initial_weights
from engine.proof.prove import images_to_prove, prove
from engine.proof.verdict import Verdict
from tests.approved import assert_approved
from tests.failing import failing

_VOID = {"meta", "br", "img", "link", "input", "hr"}


def trained(
    names: Sequence[str] = ("ant", "bee", "cat"),
    shape: tuple[int, int, int] = (1, 6, 6),
    samples: int = 40,
    blocks: Sequence[KnownBlock] = (Conv(depth=2, kernel_size=3), ReLU()),
) -> TrainedNetwork:
    """Make a network as it begins, with random images to test it on."""
    classes = len(names)
    settings = Settings(classes=tuple(range(classes)), loss="cross_entropy")
    ending = (Reshape(), Dense(units=classes), Softmax())
    stack = Stack(input_shape=shape).appended(*blocks, *ending)
    report = stack.check(classes, settings.loss)
    assert report.problem is None, report.problem
    weights = initial_weights(report, 3, "normal")
    rng = np.random.default_rng(1)
    images = rng.integers(0, 256, (samples, *shape), np.uint8)
    data = Dataset.from_numbers(images, np.arange(samples) % classes, "random", names)
    project = Project(stack, settings, weights, 2, class_names=tuple(names))
    return TrainedNetwork(project, report, weights, UNIT, tuple(names), data, data)


def html_of(network: TrainedNetwork) -> str:
    """Write the report of a network."""
    return REPORT.files(network, no_report)[""].decode()


class Page(HTMLParser):
    """A report as a person or a screen reader meets it: texts, rows of tables, pictures.

    `unclosed` names the elements that were not ended in their turn.
    """

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.rows: list[list[str]] = []
        self.unclosed: list[str] = []
        self.text, self.lines = "", list[str]()
        self._open: list[str] = []
        self.feed(html)
        self.close()
        self.unclosed += self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in _VOID:
            self._open.append(tag)
        if tag == "tr":
            self.rows.append([])
        elif tag in ("th", "td"):
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        if self._open and self._open[-1] == tag:
            self._open.pop()
        else:
            self.unclosed.append(tag)

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] in ("style", "script"):
            return
        self.text += data
        self.lines += [line.strip() for line in data.splitlines() if line.strip()]
        if "th" in self._open or "td" in self._open:
            self.rows[-1][-1] += data

    def all(self, tag: str, kind: str = "") -> list[dict[str, str]]:
        """Return the attributes of all elements of a name, and of a class if it is given."""
        found = (attributes for name, attributes in self.tags if name == tag)
        return [each for each in found if not kind or kind in each.get("class", "").split()]


def pixels(uri: str) -> NDArray[np.uint8]:
    """Decode a picture that stands in a page."""
    head, data = uri.split(",", 1)
    assert head == "data:image/png;base64"
    decoded: NDArray[np.uint8] = np.asarray(Image.open(io.BytesIO(base64.b64decode(data))))
    return decoded


NASTY = ("<script>alert(1)</script>", "R&D \"quoted\" 'x'", "Ünï\u202e\x00ᚠ </style>")


def outputs_of(network: TrainedNetwork) -> Array:
    """Predict the test samples in another way than the report does: all at once."""
    assert network.test is not None
    inputs = network.test.batch_inputs(slice(None))
    return network.network().activations(inputs)[-1].reshape(len(inputs), -1)


def verdict_on(network: TrainedNetwork, path: Path) -> Verdict:
    built = network.network()
    assert network.test is not None
    images = images_to_prove(built, network.test.images)
    (verdict,) = prove(REPORT.ways, path, built, network.scaling, images)
    return verdict


@pytest.mark.parametrize(("classes", "shape"), [(2, (1, 5, 8)), (20, (3, 6, 6)), (21, (1, 7, 7))])
def test_any_number_of_classes_makes_a_whole_page(
    classes: int, shape: tuple[int, int, int]
) -> None:
    network = trained([f"class {number}" for number in range(classes)], shape, 2 * classes)
    page = Page(html_of(network))
    assert not page.unclosed
    matrix = page.all("table", "confusion")
    assert len(matrix) == (1 if classes <= 20 else 0)
    assert f"class {classes - 1}" in page.text


def test_nothing_is_fetched_and_nothing_runs() -> None:
    page = Page(html_of(trained()))
    for _, attributes in page.tags:
        for name in ("src", "href"):
            assert attributes.get(name, "data:").startswith("data:")
        assert not any(name.startswith("on") for name in attributes)
    scripts = page.all("script")
    assert [script["type"] for script in scripts] == ["application/json"]
    assert not re.search(r"url\(|@import", html_of(trained()))


def test_a_screen_reader_is_told_of_every_picture_and_table() -> None:
    page = Page(html_of(trained()))
    assert all(image["alt"] for image in page.all("img"))
    assert all(drawing["aria-label"] for drawing in page.all("svg"))
    assert {head["scope"] for head in page.all("th")} == {"col", "row"}
    assert page.all("html")[0]["lang"] == "en"


def test_texts_of_a_user_stay_texts() -> None:
    network = trained(NASTY)
    slot = replace(network.project.stack.slots[0], title="<img src=x onerror=alert(2)>")
    stack = network.project.stack.replaced(slot)
    project = replace(network.project, stack=stack)
    network = replace(network, project=project, report=project.check())
    html = html_of(network)
    page = Page(html)
    assert not page.unclosed
    assert len(page.all("script")) == 1
    assert all("onerror" not in image for image in page.all("img"))
    assert NASTY[0] in page.text
    assert NASTY[1] in page.text
    assert "\x00" not in html
    assert "\u202e" not in html, "nothing turns the writing round"


def test_the_matrix_counts_what_the_network_says() -> None:
    network = trained()
    assert network.test is not None
    counted = np.zeros((3, 3), int)
    for label, row in zip(network.test.labels, outputs_of(network), strict=True):
        counted[label, row.argmax()] += 1
    rows = Page(html_of(network)).rows
    start = rows.index(["true", "ant", "bee", "cat"])
    shown = [[int(cell) for cell in row[1:]] for row in rows[start + 1 : start + 4]]
    assert shown == counted.tolist()
    assert f"{100 * np.trace(counted) / counted.sum():.2f} %" in html_of(network)


def test_the_worst_mistakes_come_first() -> None:
    network = trained()
    assert network.test is not None
    outputs, labels = outputs_of(network), network.test.labels
    wrong = {
        place: float(row.max() - row[label])
        for place, (row, label) in enumerate(zip(outputs, labels, strict=True))
        if row.argmax() != label
    }
    worst = sorted(wrong, key=lambda place: -wrong[place])[:24]
    page = Page(html_of(network))
    pictures = page.all("img", "pixels")[12:36]  # behind the examples
    for place, picture in zip(worst, pictures, strict=False):
        assert picture["alt"].startswith(f"Test sample {place + 1},")
        assert (pixels(picture["src"]) == network.test.images[place, 0]).all()
    assert [each["class"] for each in page.all("li")[12:]] == ["mistake"] * len(worst)


def lines_of(network: TrainedNetwork) -> list[str]:
    """Return rows and texts of words in a report, but for fractions, the day and the versions."""
    html = html_of(network)
    assert "NaN" not in html
    assert "anna" not in html
    page = Page(html)
    assert not page.unclosed
    lines = page.lines[: page.lines.index("Versions and seed")]
    lines = [line for line in lines if " " in line] + [" | ".join(row) for row in page.rows]
    numbers = re.compile(r"\d+\.\d+|(?<=report of ).*")
    return list(dict.fromkeys(numbers.sub("#", line) for line in lines))


def test_what_reports_say() -> None:
    network = trained()
    project, settings = network.project, network.settings
    fewer, others = (trained(names).test for names in (["ant", "bee"], ["ant", "bee", "cow", "d"]))
    huge = trained(blocks=(Conv(depth=2, kernel_size=3, bias="channel"),))
    for array in (array for arrays in huge.weights.values() for array in arrays.values()):
        array[...] = 3e38
    curves = np.array([[1.0, 1.75, 1.6, 0.5, 0.625], [2.0, 1.125, np.nan, 0.75, 0.7]])
    held_out = settings.with_changes(validation_split=25.0)
    secret = settings.with_changes(dataset="/home/anna/secret/leaves", seed=12345)
    plain = lines_of(network)
    text = "\n".join(plain)
    for name, other in {
        "without data": replace(network, training=None, test=None),
        "weights from elsewhere": replace(network, project=replace(project, trained_epochs=0)),
        "held out samples": replace(network, project=replace(project, settings=held_out)),
        "a path": replace(network, project=replace(project, settings=secret)),
        "data that no longer fits": replace(network, test=fewer),
        "other classes": replace(network, training=others, test=others),
        "outputs that are not finite": huge,
        "curves": replace(network, curves=curves),
        "later curves": replace(network, curves=curves + np.array([4, 0, 0, 0, 0])),
    }.items():
        said = lines_of(other)
        changes = [f"- {line}" for line in plain if line not in said]
        changes += [f"+ {line}" for line in said if line not in plain]
        text += "\n".join(["", "", name, *changes])
    assert_approved("reports.txt", text + "\n")


def test_the_predictions_are_read_back(tmp_path: Path) -> None:
    network = trained(NASTY)
    path = tmp_path / "a.html"
    path.write_text(html_of(network), "utf-8")
    verdict = verdict_on(network, path)
    assert verdict.holds
    assert verdict.samples == 40
    other = initial_outputs_changed(path)
    assert not verdict_on(network, other).holds


def initial_outputs_changed(path: Path) -> Path:
    """Swap two outputs of the first prediction that a report holds."""
    text = path.read_text("utf-8")
    found = re.search(r'"outputs": ?\[([^,\]]+), ?([^,\]]+),', text)
    assert found is not None
    first, second = found.groups()
    changed = found.group().replace(first, "\0").replace(second, first).replace("\0", second)
    path.write_text(text.replace(found.group(), changed), "utf-8")
    return path


@pytest.mark.parametrize("damage", ["", "<p>hello</p>", '<script id="layerscope-report">{"a":'])
def test_what_is_no_report_is_refused(damage: str, tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_text(damage)
    assert "read back" in verdict_on(trained(), path).failure


def test_an_image_that_it_does_not_tell_of_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_text(html_of(trained()), "utf-8")
    with pytest.raises(Exception, match="nothing of some of the images"):
        read_outputs(path, np.zeros((1, 1, 6, 6), np.float32))


def test_the_work_ends_when_it_is_cancelled() -> None:
    with pytest.raises(InterruptedError):
        REPORT.files(trained(), failing(InterruptedError()))
    assert REPORT.files(trained(), no_report).keys() == {""}


# The charts of a report: points where the numbers are, whatever they are.


def curves_of(*losses: float) -> Array:
    rows = [(float(i), loss, loss / 2, 0.5, 0.8) for i, loss in enumerate(losses, 1)]
    return np.array(rows)


def dots(chart: Element, kind: str) -> Array:
    """Return the places (n, 2) of the points of a curve."""
    found = [each for each in chart.iter("circle") if each.get("class") == f"dots {kind}"]
    return np.array([[float(each.get(name, "")) for name in ("cx", "cy")] for each in found])


def axis(chart: Element) -> dict[float, float]:
    """Return where the numbers of the vertical axis stand: place by value."""
    lines = [each for each in chart.iter("path") if each.get("class") == "axis"]
    heights = [float(re.findall(r"[\d.]+", each.get("d", ""))[1]) for each in lines]
    texts = [each for each in chart.iter("text") if each.get("class") == "end"]
    return {float(text.text or ""): at for text, at in zip(texts, heights, strict=False)}


def test_points_stand_beside_their_numbers() -> None:
    chart = loss_chart(curves_of(4.0, 2.0, 1.0))
    places = axis(chart)
    (low, at_low), (high, at_high) = min(places.items()), max(places.items())
    per_unit = (at_high - at_low) / (high - low)
    expected = [at_low + per_unit * (loss - low) for loss in (4.0, 2.0, 1.0)]
    assert dots(chart, "train")[:, 1] == pytest.approx(expected, abs=0.1)
    long = loss_chart(curves_of(*np.linspace(3, 1, 2500)))
    texts = [each.text for each in long.iter("text") if each.get("class") == "middle"]
    assert texts[-1] == "2500"
    assert 3 <= len(texts) <= 12
    steps = np.diff(dots(chart, "train")[:, 0])
    assert steps[0] == pytest.approx(steps[1], abs=0.1)


def test_accuracies_are_in_percent() -> None:
    places = axis(accuracy_chart(curves_of(1.0)))
    assert max(places) == 100.0
    values = sorted(places)
    expected = np.interp(80.0, values, [places[value] for value in values])
    found = dots(accuracy_chart(curves_of(1.0, 2.0)), "test")
    assert found[:, 1] == pytest.approx(expected, abs=0.1)


@pytest.mark.parametrize("losses", [(np.nan,), (0.0,), (1e-30, 1e-31), (1e30, 5.0), (7.0,)])
def test_any_losses_make_a_chart(losses: tuple[float, ...]) -> None:
    for chart in (loss_chart(curves_of(*losses)), accuracy_chart(curves_of(*losses))):
        numbers = re.findall(r"nan|inf", " ".join(str(each.attrib) for each in chart.iter()))
        assert not numbers
        assert len(list(chart.iter("text"))) < 40


# The pictures of a report: strength for size, blue and red for what is below and above.


def test_each_weight_is_a_pixel_as_strong_as_it_is_large() -> None:
    kernels = np.array([[[[2.0, -1.0], [0.0, 0.5]], [[-2.0, 1.0], [1.0, 1.0]]]])
    png, width, height = kernels_picture(kernels)
    found = pixels(data_uri(png))
    assert found.shape == (2, 5, 4)
    assert (width, height) == (5, 2)
    assert found[:, :, 3].tolist() == [[255, 128, 0, 255, 128], [0, 64, 0, 128, 128]]
    red, blue = found[0, 0, 0] > found[0, 0, 2], found[0, 1, 2] > found[0, 1, 0]
    assert red, "above zero is red"
    assert blue, "below zero is blue"


@pytest.mark.parametrize(
    ("shape", "size"),
    [((5, 1, 3, 3), (19, 3)), ((40, 1, 2, 2), (47, 8)), ((100, 64, 1, 1), (63, 63))],
)
def test_kernels_stand_side_by_side_and_not_too_many(
    shape: tuple[int, ...], size: tuple[int, int]
) -> None:
    png, width, height = kernels_picture(np.ones(shape))
    assert (width, height) == size
    assert pixels(data_uri(png)).shape == (height, width, 4)
    assert not pixels(data_uri(kernels_picture(np.zeros(shape))[0]))[..., 3].any()
