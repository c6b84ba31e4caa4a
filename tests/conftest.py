"""What holds for every test: no display, no question asked, nothing of the user's touched."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

import engine  # noqa: F401 - before numpy, as in the program

# Before anything imports Qt. The display can be asked for: QT_QPA_PLATFORM=xcb make test
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["LAYERSCOPE_UNATTENDED"] = "1"

# The machines differ in speed, so no example has a deadline; CI draws the same examples each time.
settings.register_profile("dev", deadline=None, max_examples=50)
settings.register_profile(
    "ci",
    deadline=None,
    max_examples=50,
    derandomize=True,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


@pytest.fixture(scope="session", autouse=True)
def layerscope_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the settings, caches and recovery files of the tests in a folder of their own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAYERSCOPE_HOME", str(tmp_path_factory.mktemp("layerscope-home")))
        yield
