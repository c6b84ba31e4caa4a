"""What a report says of the data, and of what the network makes of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from xml.etree.ElementTree import Element

import numpy as np

from engine.array_types import Array, format_shape
from engine.data.dataset import Dataset
from engine.exports.report.markup import Node, data_uri, details, pairs, sample_picture, table, tag
from engine.exports.trained_network import TrainedNetwork
from engine.files.atomic import ProgressReport
from engine.model.network import NO_ANSWER, answers
from engine.text import words
from engine.training.evaluation import Confusion, evaluate
from engine.training.executor import Executor

EXAMPLES, MISTAKES = 12, 24  # samples that are shown
_PORTION = 2_000  # samples between two looks at whether the work shall end
NO_TEST = "There were no test samples at hand that fit the network, so nothing was measured."
_OPEN = 30  # classes whose rows are shown unfolded
_TABLE = 20  # classes; of more, only the most frequent confusions are told
_PAIRS = 10  # confusions that are listed
_TOP = 3  # answers that are told of a sample
_LONG = 20  # letters of a name where there is little room


@dataclass(frozen=True, eq=False)
class Findings:
    """The outcome over test samples, whose `outputs` (n, classes) are in their order."""

    samples: Dataset
    outputs: Array
    loss: float
    confusion: Confusion

    def mistakes(self) -> list[int]:
        """Return the places of all samples that were taken for another class, the worst first.

        The worst are those whose wrong class got most above the true one.
        """
        labels = self.samples.labels
        said = answers(self.outputs)
        (wrong,) = np.nonzero((said != NO_ANSWER) & (said != labels))
        above = np.zeros(len(labels))
        above[wrong] = self.outputs[wrong, said[wrong]] - self.outputs[wrong, labels[wrong]]
        places: list[int] = wrong[np.argsort(-above[wrong], kind="stable")].tolist()
        return places


def find(network: TrainedNetwork, report: ProgressReport) -> Findings | None:
    """Run a network over its test samples; None if there are none that fit."""
    test = network.test
    shape, classes = network.report.rows[0].input_shape, len(network.class_names)
    if not test or test.input_shape != shape or len(test.classes) != classes:
        return None
    samples = replace(test, scaling=network.scaling)
    executor = Executor(network.network(), network.settings.loss)
    try:
        parts = []
        for start in range(0, len(samples), _PORTION):
            places = np.arange(start, min(start + _PORTION, len(samples)))
            parts.append(evaluate(executor, samples.take(places)))
            report(int(places[-1] + 1) / len(samples))
    finally:
        executor.close()
    return Findings(
        samples,
        np.concatenate([part.outputs for part in parts]),
        sum(part.loss * part.samples for part in parts) / len(samples),
        Confusion.total([part.confusion for part in parts]),
    )


def data_section(network: TrainedNetwork) -> list[Node]:
    """Tell the classes, how many samples each has, and the fingerprint of all."""
    training, test = network.training, network.test
    if training is None or test is None:
        classes = ", ".join(network.class_names)
        return [tag("p", "The data was not at hand."), pairs([("Classes", classes)])]
    trained = network.settings.trained_samples(len(training))
    held_out = len(training) - trained
    names = training.class_names
    shape = format_shape(training.input_shape)
    facts: list[tuple[str, Node]] = [
        ("Images", f"{shape}, {'grey' if training.input_shape[0] == 1 else 'RGB'}"),
        ("Classes", f"{len(names):,}"),
        ("Training samples", f"{trained:,}"),
        *([("Validation samples", f"{held_out:,}")] if held_out else []),
        ("Test samples", f"{len(test):,}"),
        ("Fingerprint (SHA-256)", network.data_digest()),
    ]
    counts = [np.bincount(part.labels, minlength=len(names)) for part in (training, test)]
    rows = [
        [name, f"{first:,}", f"{second:,}"]
        for name, first, second in zip(names, *(each.tolist() for each in counts), strict=True)
    ]
    learned_from = "Training and validation" if held_out else "Training"
    listed = table(["Class", learned_from, "Test"], rows, numbers=(1, 2))
    unfolded = len(rows) <= _OPEN
    return [pairs(facts), details("The samples of each class", [listed], unfolded=unfolded)]


def results_section(found: Findings | None, names: Sequence[str]) -> list[Node]:
    """Tell how well each class is found, and which are confused."""
    if found is None:
        return [tag("p", NO_TEST)]
    confusion = found.confusion
    content = _matrix(confusion, names) if len(names) <= _TABLE else []
    rows = [
        [
            name,
            f"{count:,}",
            *(_share(score[i]) for score in (confusion.recall, confusion.precision, confusion.f1)),
        ]
        for i, (name, count) in enumerate(zip(names, confusion.of_class.tolist(), strict=True))
    ]
    heads = ["Class", "Test samples", "Recall", "Precision", "F1"]
    listed = table(heads, rows, numbers=(1, 2, 3, 4))
    meant = (
        "Recall: the share of a class that is found. Precision: the share of what is taken for it "
        "that is of it. F1: their harmonic mean."
    )
    told = [tag("p", meant, class_="muted"), listed]
    shown = details("The scores of each class", told, unfolded=len(rows) <= _OPEN)
    return [*content, tag("div", shown, *_frequent(confusion, names), class_="beside")]


def samples_section(found: Findings | None, names: Sequence[str]) -> list[Node]:
    """Show some samples with what the network says of them, and the worst mistakes."""
    if found is None:
        return [tag("p", NO_TEST)]
    mistakes = found.mistakes()
    content: list[Node] = [
        tag("p", "The first test samples of the classes, with the largest outputs for each."),
        _samples(found, found.samples.of_each_class(EXAMPLES).tolist(), names),
        tag("h3", "The worst mistakes"),
    ]
    if not mistakes:
        none = f"None: all {len(found.samples):,} test samples are taken for what they are."
        if unanswered := found.confusion.without_answer:
            samples = words.count(unanswered, "test sample")
            none = f"None is taken for another class. The outputs for {samples} are not finite."
        return [*content, tag("p", none)]
    which = "All of them" if len(mistakes) <= MISTAKES else f"The first {MISTAKES}"
    said = (
        f"{words.count(len(mistakes), 'test sample')} of {len(found.samples):,} "
        f"{'is' if len(mistakes) == 1 else 'are'} taken for another class. {which}, those first "
        "whose wrong class got most above the true one:"
    )
    return [*content, tag("p", said), _samples(found, mistakes[:MISTAKES], names)]


def _share(score: float) -> str:
    return "–" if np.isnan(score) else words.percent(score)


def _matrix(confusion: Confusion, names: Sequence[str]) -> list[Node]:
    meaning = "A row for each true class, a column for each answer. Blue: right, red: wrong."
    told = tag("p", meaning, class_="muted")
    short = max(map(len, names)) <= 3
    head = tag("tr", tag("th", "true", scope="col"))
    for name in names:
        letters = tag("span", _cut(name), title=name)
        head.append(tag("th", letters, scope="col", class_="short" if short else "long"))
    body = tag("tbody")
    shares = np.sqrt(np.nan_to_num(confusion.rates))
    for i, (name, counts) in enumerate(zip(names, confusion.counts.tolist(), strict=True)):
        row = tag("tr", tag("th", _cut(name), scope="row", title=name))
        for j, count in enumerate(counts):
            kind = "right" if i == j else "wrong"
            style = f"--share: {50 * shares[i, j]:.0f}%"
            cell = tag("td", f"{count:,}", class_=kind if count else "none")
            if count:
                cell.set("style", style)
            row.append(cell)
        body.append(row)
    made = tag("table", tag("thead", head), body, class_="confusion")
    return [tag("h3", "Confusion matrix"), told, tag("div", made, class_="wide")]


def _frequent(confusion: Confusion, names: Sequence[str]) -> list[Node]:
    """List the most frequent confusions."""
    rows = [
        [names[each.true], names[each.said], f"{each.samples:,}", words.percent(each.share)]
        for each in confusion.most_frequent(_PAIRS)
    ]
    if len(names) <= 3 or not rows:
        return []
    heads = ["True class", "Taken for", "Samples", "Of the class"]
    listed = table(heads, rows, numbers=(2, 3))
    return [details("The most frequent confusions", [listed], unfolded=True)]


def _samples(found: Findings, places: Sequence[int], names: Sequence[str]) -> Element:
    return tag("ul", *(_sample(found, place, names) for place in places), class_="samples")


def _sample(found: Findings, place: int, names: Sequence[str]) -> Element:
    samples, outputs = found.samples, found.outputs[place]
    true, said = int(samples.labels[place]), int(answers(outputs))
    best = np.argsort(-outputs, kind="stable")[:_TOP].tolist()
    listed = tag("dl", class_="answers")
    for each in best:
        listed.extend([tag("dt", names[each]), tag("dd", _output(outputs[each]))])
    title = f"Test sample {place + 1:,}"
    picture = tag(
        "img",
        class_="pixels",
        src=data_uri(sample_picture(samples.images[place])),
        alt=f"{title}, an image of {names[true]}",
        title=(samples.files[place] if samples.files else "") or title,
    )
    right = _cut(names[true])
    taken = "no answer" if said == NO_ANSWER else _cut(names[said])
    verdict = right if true == said else f"✗ {taken}, not {right}"
    told = tag("span", verdict, class_="said")
    kind = "right" if true == said else "mistake"
    return tag("li", picture, told, listed, class_=kind)


def _output(output: float) -> str:
    return f"{output:.2f}" if abs(output) < 1000 else f"{output:.3g}"


def _cut(name: str) -> str:
    return name if len(name) <= _LONG else f"{name[: _LONG - 1]}…"
