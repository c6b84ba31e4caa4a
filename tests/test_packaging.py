import tomllib

from tests.paths import ROOT


def test_pip_and_uv_install_the_same_tools() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    extras = project["project"]["optional-dependencies"]
    assert sorted(extras["dev"] + extras["native"]) == sorted(project["dependency-groups"]["dev"])
