"""The runs as an item view has them."""

from PySide6.QtCore import QPersistentModelIndex, Qt
from PySide6.QtGui import QTextDocumentFragment
from PySide6.QtTest import QAbstractItemModelTester

from gui.runs.run_model import MOST_TICKED, RunModel
from gui.runs.run_rows import rows_of
from tests.engine.runs.made_runs import called
from tests.gui.runs.made_rows import DIFFERS, rows, run

FATAL = QAbstractItemModelTester.FailureReportingMode.Fatal


def model_of(*names: str) -> RunModel:
    model = RunModel()
    model.show_rows(rows(*(run(name) for name in names)))
    return model


def names(model: RunModel) -> list[str]:
    return [row.run.id for row in model.rows]


def test_it_keeps_the_rules_of_models_while_runs_come_and_go() -> None:
    model = RunModel()
    QAbstractItemModelTester(model, FATAL)
    for shown in ("", "a", "cba", "dcba", "da", "ad", "", "xyz"):
        model.show_rows(rows(*(run(name) for name in shown)))
        assert "".join(names(model)) == shown


def test_only_rows_that_say_something_else_are_drawn_again() -> None:
    model, same = model_of("b", "a"), [run("b"), run("a")]
    kept = QPersistentModelIndex(model.index(1, 0))
    model.show_rows(rows(run("c"), *same))
    assert kept.row() == 2
    changed: list[int] = []
    model.dataChanged.connect(
        lambda first, last: changed.extend(range(first.row(), last.row() + 1))
    )
    model.show_rows(rows(run("c", epochs=9), *same))
    assert changed == [0]


def test_a_row_says_name_and_key_numbers_and_its_tip_all_that_differs() -> None:
    many = [f"thing {n} 1 → 2" for n in range(9)]
    model = RunModel()
    model.show_rows(
        rows_of([called(run("a"), "night\nrun\n\n of Ada "), run("b")], lambda *_: many)
    )
    index, accuracy = model.index(0, 0), model.rows[0].accuracy
    texts = [model.index(0, column).data() for column in range(model.columnCount())]
    differs = ", ".join(many)
    assert texts == [
        *("night run of Ada", accuracy, "8 epochs"),
        f"{differs} · 4.8 s · 2025-11-26",
    ]
    assert index.data(Qt.ItemDataRole.EditRole) == "night run of Ada"
    sentence = index.data(Qt.ItemDataRole.AccessibleTextRole)
    said = f"Run 1 of 2: night run of Ada, finished, test accuracy {accuracy}"
    assert sentence.startswith(said)
    tip = QTextDocumentFragment.fromHtml(index.data(Qt.ItemDataRole.ToolTipRole)).toPlainText()
    assert [line.strip() for line in tip.splitlines()][:3] == ["night", "run", "of Ada"]
    assert all(each.partition(" 1")[0] in tip for each in many)


def test_ticked_runs_stay_ticked_while_they_are_there() -> None:
    model = model_of("c", "b", "a")
    told: list[list[str]] = []
    model.ticked_changed.connect(lambda: told.append([row.run.id for row in model.ticked()]))
    for row in (2, 0):
        assert model.setData(
            model.index(row, 0), Qt.CheckState.Checked, Qt.ItemDataRole.CheckStateRole
        )
    assert told == [["a"], ["a", "c"]]
    model.show_rows(rows(run("c"), run("b"), run("a")))
    assert len(told) == 2, "nothing that is compared has changed"
    model.show_rows(rows(run("c", epochs=9), run("b")))
    assert told[2:] == [["c"]]
    model.untick_all()
    assert model.ticked() == ()
    model = model_of(*(f"run{n}" for n in range(20)))
    model.tick([row.run for row in model.rows], on=True)
    assert model.ticked() == tuple(model.rows[-MOST_TICKED:]), "so many can be compared"


def test_the_moment_that_is_looked_at_is_marked_in_its_row() -> None:
    model = model_of("b", "a")
    for looked, begins in ((run("a"), "shown: epoch 4"), (None, "4.8 s")):
        model.set_looked(looked, "epoch 4")
        assert model.index(0, 3).data().startswith(DIFFERS)
        assert model.index(1, 3).data().startswith(begins)
