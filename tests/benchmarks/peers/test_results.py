"""The outcome of a comparison: kept cell by cell, and summed up."""

from pathlib import Path

import pytest

from benchmarks.peers.results import Results
from benchmarks.peers.summary import Cell, summary


def _cell(net: str, batch_size: int, ratio: float, *traits: str) -> Cell:
    return {
        "net": net,
        "words": f"what {net} is made of",
        "traits": list(traits),
        "batch_size": batch_size,
        "samples_per_second": {"Layerscope": ratio, "torch": 1.0},
        "ratio": ratio,
        "others_percent": 0.0,
    }


def test_a_comparison_goes_on_with_the_cells_that_its_file_has(tmp_path: Path) -> None:
    path = tmp_path / "cells.json"
    first = Results(path, "a machine")
    first.add(_cell("conv5", 1, 2.0))
    again = Results(path, "a machine")
    assert again.cells == first.cells
    assert again.has("conv5", 1)
    assert not again.has("conv5", 32)


def test_what_was_disturbed_is_measured_again_and_the_quieter_counts(tmp_path: Path) -> None:
    results = Results(tmp_path / "cells.json", "a machine", redo=5.0)
    loud, quiet = _cell("conv5", 1, 2.0), _cell("conv5", 1, 3.0)
    loud["others_percent"] = 50.0
    results.add(loud)
    assert not results.has("conv5", 1)
    results.add(quiet)
    results.add(loud)
    assert results.has("conv5", 1)
    assert results.cells == [quiet]


def test_cells_of_another_machine_are_not_mixed_with_these(tmp_path: Path) -> None:
    path = tmp_path / "cells.json"
    Results(path, "a machine").add(_cell("conv5", 1, 2.0))
    with pytest.raises(SystemExit, match="a machine"):
        Results(path, "another")


def test_the_summary_counts_by_batch_size_and_trait_and_names_the_worst() -> None:
    cells = [_cell("a", 1, 4.0, "conv"), _cell("a", 16, 1.0, "conv"), _cell("b", 1, 0.5, "dense")]
    lines = list(summary(cells))
    numbers = {line[:30].strip(): line[30:].split() for line in lines}
    #                       cells, worst, 5 %, median, geometric mean, >= 1, >= 0.8
    assert numbers["all"] == ["3", "0.50", "0.55", "1.00", "1.26", "67", "%", "67", "%"]
    assert numbers["batch 1"][:2] == ["2", "0.50"]
    assert numbers["batch 1"][4] == "1.41"
    assert numbers["conv"][4] == "2.00"
    assert lines[lines.index("\nthe worst:") + 1] == "0.50  b:1  what b is made of"
