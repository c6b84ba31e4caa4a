"""Random networks through every format of exports: each way that can run holds."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from engine.exports.export import export
from engine.exports.formats import FORMATS
from engine.exports.trained_network import TrainedNetwork
from tests.engine.exports.trained import trained_networks

pytestmark = pytest.mark.soak
OF_RUNTIMES = 8  # examples; each way of another program takes seconds to start


def check(folder: Path, name: str, network: TrainedNetwork, *, with_programs: bool) -> None:
    kind = FORMATS[name]
    ways = tuple(way for way in kind.ways if with_programs or not way.packages)
    outcome = export(
        network, folder / f"net{kind.ending}", replace(kind, ways=ways), overwrite=True
    )
    assert ways == () or outcome.verdicts
    for verdict in outcome.verdicts:
        assert verdict.holds or verdict.missing, verdict.text
        assert verdict.missing or verdict.samples == 20


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(network=trained_networks())
def test_by_ways_of_our_own(tmp_path: Path, name: str, network: TrainedNetwork) -> None:
    check(tmp_path, name, network, with_programs=False)


@pytest.mark.parametrize("name", [name for name, kind in FORMATS.items() if kind.ways])
@settings(
    max_examples=OF_RUNTIMES,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(network=trained_networks())
def test_by_other_programs(tmp_path: Path, name: str, network: TrainedNetwork) -> None:
    check(tmp_path, name, network, with_programs=True)
