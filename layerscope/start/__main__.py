"""The command `layerscope`, and `python -m layerscope`: does what `python main.py` does."""

from runpy import run_module


def start() -> None:
    """Run the program."""
    run_module("main", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    start()
