"""Runs compared: told apart, their curves, their images, the table, and one run or none."""

import csv
import io
import random
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QAbstractItemModelTester, QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from engine.model.network import NO_ANSWER
from engine.model.settings import Settings
from engine.model.templates import notebook
from engine.runs.run_folder import Run
from engine.struct_fields import fields_of
from gui.runs.comparison_plot import ComparisonPlot
from gui.runs.comparison_table import (
    ComparisonModel,
    ComparisonTable,
    RunGroup,
    compared,
    groups_of,
    names_of,
)
from gui.runs.comparison_view import (
    EMPTY,
    ComparisonCurves,
    ComparisonImages,
    ComparisonView,
)
from gui.runs.run_colours import run_colour
from gui.runs.run_comparison import two_said
from gui.runs.run_images import FoundImages
from tests.approved import assert_approved
from tests.engine.runs.made_runs import called, made_run, with_rates
from tests.gui.finding import row_texts
from tests.gui.plots import curve_names, is_near, points_of, spot
from tests.gui.runs.made_predictions import made_predictions, made_test
from tests.gui.runs.made_rows import run
from tests.gui.showing import on_screen


@pytest.fixture
def view(qtbot: QtBot) -> ComparisonView:
    view = ComparisonView(lambda: None)
    qtbot.addWidget(view)
    view.resize(600, 400)
    view.show()
    return view


def said(view: ComparisonView, *runs: Run) -> str:
    """Return what stands in the place of curves."""
    view.set_runs([(each, "#0072B2") for each in runs])
    view.refresh()
    return "".join(each.text() for each in view.findChildren(QLabel, "empty") if each.isVisible())


def test_one_run_alone_has_its_curve(view: ComparisonView) -> None:
    assert said(view) == EMPTY
    assert said(view, run("a", epochs=0, kept=())) == ""
    assert said(view, run("a")) == ""
    assert "a" in curve_names(view)
    assert said(view, run("a"), run("b")) == ""
    assert view.curves.caution.text() == ""
    settings = notebook().settings.with_changes(dataset="/own/pets")
    said(view, run("a"), run("b", project=replace(notebook(), settings=settings)))
    assert view.curves.caution.text().startswith("These runs are of different data")


BLUE, ORANGE = "#0072B2", "#E69F00"


@pytest.fixture
def curves(qtbot: QtBot) -> ComparisonCurves:
    return on_screen(qtbot, ComparisonCurves(), 520, 320)


def show(curves: ComparisonCurves, *runs: Run) -> ComparisonPlot:
    colours = [BLUE, ORANGE] * len(runs)
    curves.set_runs(compared(list(zip(runs, colours, strict=False))))
    curves.draw()
    return curves.plot()


def lines(plot: ComparisonPlot) -> list[str]:
    return [name for name in curve_names(plot) if name not in ("best epoch", None)]


def test_each_run_has_its_curve_in_its_colour(curves: ComparisonCurves) -> None:
    one, other = made_run("one", (0.5, 0.9)), made_run("other", (0.7, 0.8), batch_size=2)
    plot = show(curves, one, other)
    assert points_of(plot, "one") == ([1, 2], [50, 90])
    assert points_of(plot, "other") == ([1, 2], [70, 80])
    image = plot.grab().toImage()
    assert is_near(image, spot(plot, 2, 90), BLUE, 4)
    assert is_near(image, spot(plot, 2, 80), run_colour(ORANGE, plot.colours), 4)
    assert [label.text for label in plot.right.labels] == ["one", "other"]
    plot.setFocus()
    QTest.keyClick(plot, Qt.Key.Key_End)
    assert plot.accessibleDescription() == "epoch 2: one 90.00 %, other 80.00 %"
    plot.toggle("one")
    show(curves, made_run("one", (0.5, 0.6, float("nan"))), other)
    assert [label.faint for label in plot.right.labels] == [True, False], "as before it grew"
    assert points_of(plot, "one")[1] == pytest.approx([50, 60, float("nan")], nan_ok=True)
    long = "a network with a very long name"
    child = made_run(f"{long} 1", (0.8, 0.9), epochs_before=10)
    show(curves, child, made_run(f"{long} 2", batch_size=2))
    assert points_of(plot, f"{long} 1")[0] == [11, 12], "it begins where its parent ended"
    labels = [label.text for label in plot.right.labels]
    assert len(set(labels)) == 2
    assert max(map(len, labels)) <= 16


def test_another_metric_is_chosen_and_all_are_written_as_csv(curves: ComparisonCurves) -> None:
    show(curves, made_run("one", (0.5, 0.75), seed=3), made_run("other", (0.25,), batch_size=2))
    curves.metric_box.setFocus()
    QTest.keyClick(curves.metric_box, Qt.Key.Key_Down)
    assert points_of(curves.plot(), "one") == ([1, 2], [0.5, 0.25])
    assert curves.title() == "Test loss of 2 runs over the epochs"
    rows = list(csv.DictReader(io.StringIO(curves.table().decode())))
    assert [(r["name"], r["seed"], r["epoch"], r["test_accuracy"]) for r in rows] == [
        ("one", "3", "1", "0.5"),
        ("one", "3", "2", "0.75"),
        ("other", "0", "1", "0.25"),
    ]


def test_repeats_are_a_mean_with_a_band_or_each_by_itself(curves: ComparisonCurves) -> None:
    """The band is there on a logarithmic axis, too."""
    runs = [made_run(str(n), (0.4 + n / 5, 0.8 + n / 10), seed=n) for n in range(2)]
    plot, name = show(curves, *runs), "0: mean of 2 seeds"
    assert points_of(plot, name)[1] == pytest.approx([50, 85])
    assert curves.means.isVisible()
    ground = plot.grab().toImage().pixelColor(spot(plot, 1.5, 99.5))
    assert plot.grab().toImage().pixelColor(spot(plot, 1.02, 55)) != ground
    curves.means.click()
    assert points_of(plot, "0") == ([1, 2], [40, 80])
    assert name not in lines(plot)
    curves.means.click()
    curves.metric_box.setCurrentIndex(1)
    plot = show(curves, *(made_run(str(n), (0.5, 0.9 + n / 50), seed=n) for n in range(3)))
    log = next(action for action in plot.actions() if "Logarithmic" in action.text())
    log.trigger()
    assert plot.log
    low, high = plot.view.viewRange()[1]
    assert low < np.log10(0.08) < np.log10(0.5) < high
    inside = spot(plot, 2, np.log10(0.09)) - QPoint(4, 0)  # within 0.08 ± 0.02
    assert plot.grab().toImage().pixelColor(inside).name() != plot.colours.window.lower()
    log.trigger()
    assert not plot.log


LEFT = Qt.MouseButton.LeftButton
RUNS = compared([(made_run(name, batch_size=n), "#0072B2") for n, name in enumerate("xyz", 1)])
TEST = made_test([0, 1, 2, 0], ("cat", "dog", "owl"))
FOUND = FoundImages(TEST)
# Image 0: both are right; 1: A alone; 2: both wrong, in other ways; 3: both wrong alike.
A, B = (made_predictions(TEST, [said]) for said in ([0, 1, 0, 1], [0, 2, 1, 1]))
SAID = two_said(A, B, TEST.class_names, (1, 1))


@pytest.fixture
def images(qtbot: QtBot) -> ComparisonImages:
    made = on_screen(qtbot, ComparisonImages(), 480, 360)
    made.set_runs(RUNS)
    return made


def spoken(images: ComparisonImages) -> str:
    """Return what is said of the first image to who cannot see it."""
    return str(images.grid.samples.index(0).data(Qt.ItemDataRole.AccessibleTextRole))


def test_the_images_of_two_runs_are_in_groups(images: ComparisonImages, qtbot: QtBot) -> None:
    assert [each.name for each in images.pair() or ()] == ["x", "y"]
    assert images.names.text() == "A: x · B: y"
    model = images.grid.samples
    fatal = QAbstractItemModelTester.FailureReportingMode.Fatal
    tester = QAbstractItemModelTester(model, fatal, model)
    images.show_said(SAID, FoundImages(None, "The data is gone."))
    assert not images.grid.isVisible()
    assert images.groups.button(3).text() == "none 2"
    images.show_said(SAID, FOUND)
    assert images.grid.isVisible()
    assert tester.model() is model
    assert [button.text() for button in images.groups.buttons()] == [
        *("both 1", "only A 1", "only B 0", "none 2")
    ]
    assert images.groups.button(3).accessibleName() == "2 images in which both are wrong"
    assert row_texts(model) == ["dog  B: owl"]
    assert spoken(images) == "Test image 2: dog; A says dog with 0.75, B says owl with 0.75."
    for number, texts in ((0, ["cat"]), (3, ["owl  A: cat B: dog", "cat  → dog"])):
        QTest.mouseClick(images.groups.button(number), LEFT)
        assert row_texts(model) == texts
    with qtbot.waitSignal(images.grid.sample_activated) as chosen:
        at = images.grid.visualRect(model.index(1)).center()
        QTest.mouseClick(images.grid.viewport(), LEFT, pos=at)
    assert chosen.args == [3], "its place in the test part"
    QTest.mouseClick(images.groups.button(1), LEFT)
    said, certainty = B.said.copy(), B.certainty.copy()
    said[0, 1], certainty[0, 1] = NO_ANSWER, np.nan
    none = replace(B, said=said, certainty=certainty)
    images.show_said(two_said(A, none, TEST.class_names, (1, 2)), FOUND)
    assert images.note.text() == "A after epoch 1, B after epoch 2."
    assert spoken(images) == (
        "Test image 2: dog; A says dog with 0.75, B: no answer: outputs not finite."
    )
    assert row_texts(model) == ["dog  B: ?"]
    images.set_runs(RUNS[:1])
    assert images.pair() is None
    assert not images.names.isVisible()


def test_in_a_low_panel_the_verdict_scrolls_and_is_not_pressed_together(
    images: ComparisonImages, qtbot: QtBot
) -> None:
    images.show_said(replace(SAID, sentence="A is better. " * 20, note="By chance. " * 20), FOUND)
    images.resize(300, 160)
    labels = images.sentence, images.note
    qtbot.waitUntil(
        lambda: all(label.height() >= label.heightForWidth(label.width()) for label in labels)
    )
    assert images.grid.isVisible()


RESULTS = ("Test accuracy", "Best test loss", "Epochs done", "Time")
FAST, SLOW = made_run("fast", (0.5, 0.9), learning_rate=0.3), made_run("slow", (0.5,))


def columns(model: ComparisonModel) -> list[list[str]]:
    return [
        [
            model.headerData(column, Qt.Orientation.Horizontal),
            *(model.index(row, column).data() for row in range(model.rowCount())),
        ]
        for column in range(model.columnCount())
    ]


def repeats() -> Iterator[Run]:
    """Give runs of three seeds, with another of the last of them."""
    for place, (accuracy, seed) in enumerate(((0.9, 0), (0.93, 1), (0.96, 2), (0.1, 2))):
        yield made_run(f"s{place}", (accuracy,), seed=seed)


CASES: dict[str, tuple[Run, ...]] = {
    "two rates": (FAST, SLOW),
    "a rate that was changed within a run": (
        with_rates(made_run("later", (0.5, 0.6)), None, 0.01),
        SLOW,
    ),
    "a run without an epoch": (made_run("new", ()), SLOW),
    "repeats": (*repeats(), FAST),
}


def test_only_what_differs_has_a_row_and_each_seed_counts_once() -> None:
    """Of 90, 93 and 96 % the deviation is 3 %."""
    model = ComparisonModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal, model)
    said = list[str]()
    for title, runs in CASES.items():
        model.set_runs(compared([(run, BLUE) for run in runs]))
        heads = (model.headerData(n, Qt.Orientation.Vertical) for n in range(model.rowCount()))
        said += [f"# {title}", " | ".join(["", *heads]), *map(" | ".join, columns(model))]
        said.append(model.index(1, 0).data(Qt.ItemDataRole.AccessibleTextRole))
    assert_approved("run_table.txt", "\n".join(said) + "\n")
    assert not {field.title for field in fields_of(Settings)} & set(RESULTS)


def test_no_column_is_too_wide(qtbot: QtBot) -> None:
    table = on_screen(qtbot, ComparisonTable(), 480, 200)
    long = made_run("a very long name " * 10, learning_rate=1.0)
    table.set_runs(compared([(FAST, BLUE), (long, BLUE)]))
    assert table.columnWidth(1) <= 26 * 8
    assert table.columnWidth(0) > table.fontMetrics().horizontalAdvance("90.00 %")


def named(*names: str) -> list[Run]:
    return [called(made_run(f"id-{n}"), name) for n, name in enumerate(names)]


def grouped(*runs: Run) -> list[RunGroup]:
    return groups_of(compared([(run, BLUE) for run in runs]))


def test_equal_names_have_their_seeds_or_a_number() -> None:
    assert names_of(named("slow", "fast")) == ["slow", "fast"]
    first, second = called(made_run("a", seed=1), "net"), called(made_run("b", seed=2), "net")
    assert names_of([first, second]) == ["net, seed 1", "net, seed 2"]
    assert names_of(named("net", "other", "net")) == ["net (1)", "other", "net (2)"]
    numbered = replace(first, description=replace(first.description, number=3, name=""))
    assert names_of([numbered, second]) == ["Run 3", "net"]


@given(st.lists(st.tuples(st.integers(0, 20), st.sampled_from("ab")), max_size=12), st.randoms())
def test_shades_follow_from_the_numbers_of_the_runs_in_whichever_order(
    told: list[tuple[int, str]], random: random.Random
) -> None:
    runs = []
    for place, (number, colour) in enumerate(told):
        run = made_run(f"id-{place}")
        runs.append((replace(run, description=replace(run.description, number=number)), colour))
    shades = {each.run.id: each.shade for each in compared(runs)}
    random.shuffle(runs)
    again = compared(runs)
    assert {each.run.id: each.shade for each in again} == shades
    for one in again:
        for other in again:
            if one.colour == other.colour and one is not other:
                assert one.shade != other.shade
                if one.run.description.number < other.run.description.number:
                    assert one.shade < other.shade


def test_runs_with_fewer_than_half_the_epochs_of_the_longest_are_by_themselves() -> None:
    epochs = {"none": 0, "below": 9, "half": 10, "longest": 20}
    runs = [made_run(name, [0.5] * n, seed=n) for name, n in epochs.items()]
    assert [[each.run.id for each in group.runs] for group in grouped(*runs)] == [
        ["none"],
        ["below"],
        ["half", "longest"],
    ]
    assert len(grouped(*(made_run(str(n), (), seed=n) for n in range(2)))) == 1


def test_a_mean_is_of_different_seeds_and_called_without_them() -> None:
    runs = [
        called(made_run(f"{n}", seed=seed), f"net, seed {seed}") for n, seed in enumerate((1, 2, 1))
    ]
    first, other = grouped(*runs)
    assert [each.run.id for each in first.runs] == ["0", "1"]
    assert (first.name, first.has_mean, other.has_mean) == ("net: mean of 2 seeds", True, False)
    own = [called(made_run(str(n), seed=n, digest=f"a{n}"), f"net, seed {n}") for n in range(3)]
    (group,) = grouped(*own)
    assert group.name == "net: mean of 3 seeds, each tested on images of its own"
