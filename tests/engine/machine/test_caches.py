from pathlib import Path

from engine.machine.caches import cache_sizes


def write(folder: Path, level: str, kind: str, size: str) -> None:
    folder.mkdir()
    for name, text in (("level", level), ("type", kind), ("size", size)):
        (folder / name).write_text(text + "\n")


def test_data_has_a_cache_on_each_level(tmp_path: Path) -> None:
    write(tmp_path / "index0", "1", "Data", "48K")
    write(tmp_path / "index1", "1", "Instruction", "32K")
    write(tmp_path / "index2", "2", "Unified", "1M")
    write(tmp_path / "index3", "3", "Unified", "big")
    assert cache_sizes(tmp_path) == {1: 48 * 1024, 2: 1024**2}


def test_a_system_that_says_nothing_has_no_sizes(tmp_path: Path) -> None:
    assert cache_sizes(tmp_path / "none") == {}
