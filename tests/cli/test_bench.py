"""The command that measures, as people call it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from followupd.bench import workloads
from followupd.bench.suite import Contender, Ratio, Workload
from followupd.cli.door import enter

Call = Callable[..., tuple[int, str]]


@pytest.fixture
def speed(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """A suite of one workload that is as fast as it is told to be."""
    told = {"ours": 1.0}
    found = Workload(
        name="send",
        what="Some work",
        contenders=(Contender(name="ours", role="ours", run=lambda place: {"per_second": told["ours"] * place.scale}),),
        ratios=(Ratio(name="rate", of="ours", figure="per_second"),),
    )
    monkeypatch.setattr(workloads, "workload", lambda name: found)
    return told


@pytest.fixture
def call(capfd: pytest.CaptureFixture[str]) -> Call:
    """The command: its exit code, and what it says."""

    def once(*arguments: str) -> tuple[int, str]:
        code = enter(["bench", *arguments])
        said = capfd.readouterr()
        return code, said.out + said.err

    return once


def test_kept_and_compared(tmp_path: Path, speed: dict[str, float], call: Call) -> None:
    """A run that is kept is the baseline of the next; one that is 21 % slower ends with exit code 1 and says both figures."""
    baseline = str(tmp_path / "baseline.json")
    assert call("send", "--baseline", baseline, "--keep")[0] == 0
    assert call("send", "--baseline", baseline)[0] == 0
    speed["ours"] = 1 / 1.21
    code, said = call("send", "--baseline", baseline)
    assert code == 1
    assert "WORSE: 1.00 before, 0.83 now" in said
    assert call("send", "--quick", "--baseline", baseline)[0] == 0


def test_what_it_writes(tmp_path: Path, speed: dict[str, float], call: Call) -> None:
    """JSON, Markdown and a picture, each where it was asked for."""
    files = {name: tmp_path / f"result.{name}" for name in ("json", "markdown", "svg")}
    assert call("send", "--rounds", "2", *(part for name, path in files.items() for part in (f"--{name}", str(path))))[0] == 0
    assert json.loads(files["json"].read_text())["workloads"]["send"]["rounds"] == [{"ours": {"per_second": 1.0}}] * 2
    assert "| ours | ours | 1.00 | 2 |" in files["markdown"].read_text()
    assert files["svg"].read_text().startswith("<svg")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(("sent",), 'there is no workload "sent"; did you mean "send"?'), (("send", "--keep"), "--keep needs --baseline FILE")],
)
def test_typed_wrong(arguments: tuple[str, ...], said: str, call: Call) -> None:
    """A name that there is not, and a baseline that is to be kept nowhere."""
    code, shown = call(*arguments)
    assert code == 2
    assert said in " ".join(shown.split())
