"""Whatever is done to a run folder, following it comes to what reading it afresh gives."""

import json
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import RunError
from engine.runs import read_run
from engine.runs.following import Follower
from tests.engine.runs.folders import LINE, write_run, write_weights


def line(epoch: int, seconds: float) -> bytes:
    return json.dumps({**LINE, "epoch": epoch, "seconds": seconds}).encode() + b"\n"


LINES = st.builds(line, st.integers(1, 6), st.floats(0, 2))
CHANGES = st.one_of(
    st.tuples(st.just("append"), LINES),
    st.tuples(st.just("append"), st.builds(lambda full: full[:40], LINES)),
    st.tuples(st.just("append"), st.sampled_from([b"\n", b"nonsense\n", b"\xff\n", b"\r\n"])),
    st.tuples(st.just("write"), st.lists(LINES, max_size=5).map(b"".join)),
    st.tuples(st.just("cut"), st.integers(0, 400)),
    st.tuples(st.just("remove"), st.none()),
    st.tuples(st.just("keep"), st.integers(0, 6)),
    st.tuples(st.just("halve"), st.integers(0, 6)),
    st.tuples(st.just("forget"), st.integers(0, 6)),
)


def change(folder: Path, what: str, how: object) -> None:
    metrics = folder / "metrics.jsonl"
    if isinstance(how, bytes):
        with metrics.open("ab" if what == "append" else "wb") as file:
            file.write(how)
    elif what == "cut" and isinstance(how, int) and metrics.exists():
        metrics.write_bytes(metrics.read_bytes()[:how])
    elif what == "remove":
        metrics.unlink(missing_ok=True)
    elif isinstance(how, int) and what != "cut":
        path = folder / "weights" / f"epoch-{how:04}.safetensors"
        if what == "forget":
            path.unlink(missing_ok=True)
        else:
            write_weights(folder, how)
        if what == "halve":
            path.write_bytes(path.read_bytes()[:500])


def is_whole(folder: Path, epoch: int) -> bool:
    try:
        read_run(folder).project_after(epoch)
    except RunError:
        return False
    return True


@settings(max_examples=25)
@given(st.lists(CHANGES, min_size=1, max_size=8))
def test_following_comes_to_what_reading_afresh_gives(changes: list[tuple[str, object]]) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "run"
        write_run(folder)
        follower = Follower(folder)
        follower.look()
        for what, how in changes:
            change(folder, what, how)
            run, afresh = follower.look(), read_run(folder)
            assert run.metrics == afresh.metrics
            assert set(run.kept_epochs) <= set(afresh.kept_epochs)
            last = afresh.kept_epochs[-1:]
            assert run.kept_epochs[-1:] == last or not is_whole(folder, last[0])
