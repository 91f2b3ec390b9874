"""What a run of the bench suite makes of its figures: ratios, promises, the baseline, and who is missing or wrong."""

import json
import re
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from followupd.bench import peers
from followupd.bench.result import Machine, Report, keep_baseline, picture, read_baseline
from followupd.bench.runner import Plan, carry_out, run
from followupd.bench.suite import Contender, Figures, Missing, Outcome, Place, Ratio, Workload, WrongOutcome
from followupd.bench.workloads import NAMES, workload

MACHINE = Machine(at="now", cpu="made up", cores=2, memory_gb=24, kernel="6", fsync_ms=0.2)
SPEED = Ratio(name="bare", of="ours", figure="per_second", over="floor", at_least=0.5, gate=True)
COST = Ratio(name="CPU", of="ours", figure="cpu", at_most=2.0, unit="s")


def contender(name: str, *figures: Figures | Exception) -> Contender:
    """Somebody who is measured at these figures, one for each round; an exception is raised."""
    left = iter(figures)

    def once(place: Place) -> Figures:
        found = next(left)
        if isinstance(found, Exception):
            raise found
        return found

    return Contender(name=name, role="ours" if name == "ours" else "floor", run=once)


def work(*contenders: Contender, ratios: tuple[Ratio, ...] = (SPEED,), rounds: int = 1) -> Workload:
    return Workload(name="send", what="Some work", contenders=contenders, ratios=ratios, rounds=rounds)


def report(workload: Workload, before: dict[str, float] | None = None, plan: Plan | None = None) -> Report:
    told: list[str] = []
    outcomes = list(run([workload], plan or Plan(), told.append))
    return Report(machine=MACHINE, outcomes=outcomes, scale=1.0, before=before or {})


def red(found: Report, *, gates: bool = False) -> list[str]:
    return [text for text, is_red in found.lines(gates=gates) if is_red]


def rate(value: float) -> Figures:
    return {"per_second": value}


def test_rounds_take_turns_and_the_median_counts() -> None:
    """A ratio is taken within each round; the median of the rounds is what is shown, with the lowest and the highest."""
    found = report(
        work(
            contender("ours", rate(50), rate(10), rate(90)),
            contender("floor", rate(100), rate(10), rate(100)),
            rounds=3,
        )
    )
    (line,) = found.ratios
    assert line.values == (0.5, 1.0, 0.9)
    assert (line.value, line.spread, line.kept) == (0.9, "0.50..1.00", True)


def test_everybody_once_before_anybody_twice() -> None:
    """A slow minute of the machine hits all contenders of a round, not all rounds of a contender."""
    turns: list[tuple[str, int]] = []

    def turn(name: str) -> Contender:
        return Contender(name=name, role="ours", run=lambda place: turns.append((name, place.number)) or {})

    carry_out(work(turn("a"), turn("b")), Plan(rounds=2), lambda text: None)
    assert turns == [("a", 0), ("b", 0), ("a", 1), ("b", 1)]


@pytest.mark.parametrize(("share", "shown"), [(1.21, True), (1.19, False)])
def test_a_rate_that_has_fallen(share: float, shown: bool) -> None:
    """What costs 21 % more time than the baseline is shown with both figures, and the run fails; 19 % is not."""
    found = report(work(contender("ours", rate(1 / share)), contender("floor", rate(1))), {"send: bare": 1.0})
    assert found.failed() is shown
    assert any(f"WORSE: 1.00 before, {1 / share:.2f} now" in text for text in red(found)) is shown


@pytest.mark.parametrize(("now", "shown"), [(1.21, True), (1.19, False)])
def test_a_cost_that_has_risen(now: float, shown: bool) -> None:
    """Where less is better, 21 % more is shown and 19 % more is not."""
    found = report(work(contender("ours", {"cpu": now}), ratios=(COST,)), {"send: CPU": 1.0})
    assert found.failed() is shown
    assert bool(red(found)) is shown


def test_a_ratio_that_became_better_is_no_news() -> None:
    """Better than the baseline is not red."""
    found = report(work(contender("ours", rate(9)), contender("floor", rate(1))), {"send: bare": 1.0})
    assert not found.failed()
    assert not red(found)


def test_a_broken_promise_is_shown() -> None:
    """What is below its promise is said to be not kept, in red and in the table."""
    found = report(work(contender("ours", rate(0.4)), contender("floor", rate(1))))
    assert [text for text in red(found) if "NOT KEPT" in text and "promised ≥ 0.50" in text]
    assert "| 0.40 |" in found.markdown()
    assert "**no**" in found.markdown()
    assert "of the full size" not in replace(found, scale=1.0).markdown()
    assert "A run at 0.1 of the full size" in replace(found, scale=0.1).markdown()


def test_a_missing_peer_is_one_line() -> None:
    """Who is not installed is told once, with what would bring it, takes no more turns, and the others are measured."""
    told: list[str] = []
    one = work(contender("ours", rate(1), rate(1)), contender("floor", Missing("no floor here: apt-get install floor")), rounds=2)
    outcome = carry_out(one, Plan(), told.append)
    assert [text for text in told if "floor" in text] == ["send 1/2 floor: skipped, no floor here: apt-get install floor"]
    found = Report(machine=MACHINE, outcomes=[outcome], scale=1.0)
    assert [text for text, _ in found.lines() if "apt-get" in text] == [
        "send: floor was skipped: no floor here: apt-get install floor"
    ]
    assert not found.failed()
    assert found.ratios == []
    assert "Skipped: floor, no floor here" in found.markdown()


def test_a_wrong_outcome_fails_the_run() -> None:
    """Work that was done wrong is named with its reason; the run goes on to its end, and fails."""
    one = work(contender("ours", WrongOutcome("Ann got two")), contender("floor", rate(1)))
    found = report(one)
    assert found.failed()
    assert red(found) == ["send: ours did it WRONG: Ann got two"]
    assert found.outcomes[0].rounds == [{"floor": rate(1)}]


@pytest.mark.parametrize(("now", "passes"), [(0.26, True), (0.24, False)])
def test_the_gate_is_half_of_the_promise(now: float, passes: bool) -> None:
    """CI fails below half of what is promised, and not above it."""
    found = report(work(contender("ours", rate(now)), contender("floor", rate(1))), plan=Plan(gates=True))
    assert found.failed(gates=True) is not passes
    assert any("not even half" in text for text in red(found, gates=True)) is not passes


def test_a_promise_that_is_not_kept_yet_has_its_gate_lower() -> None:
    """Where less was reached than is promised, CI fails below half of that; the promise is still shown as not kept."""
    ratio = Ratio(name="work", of="ours", figure="per_second", over="floor", at_least=0.6, gate=True, reached=0.2)
    assert not ratio.met(0.2)
    assert (ratio.passes(0.11), ratio.passes(0.09)) == (True, False)


def test_a_gate_that_was_not_measured_is_shut() -> None:
    """A floor that is missing does not open the gate."""
    found = report(work(contender("ours", rate(1)), contender("floor", Missing("gone"))), plan=Plan(gates=True))
    assert found.failed(gates=True)
    assert red(found, gates=True)[-1] == "send: bare was not measured: floor: gone"


def test_only_what_the_gates_need_is_done() -> None:
    """Contenders without a gate, and workloads without one, take no time."""
    unneeded = contender("peer", AssertionError("not asked for"))
    told: list[str] = []
    outcomes = list(
        run(
            [work(contender("ours", rate(1)), contender("floor", rate(1)), unneeded), work(unneeded, ratios=())],
            Plan(gates=True),
            told.append,
        )
    )
    assert [one.rounds for one in outcomes] == [[{"ours": rate(1), "floor": rate(1)}]]


def test_the_baseline_is_kept_by_scale(tmp_path: Path) -> None:
    """A short run is never compared with a long one; what was not run stays as it was."""
    path = tmp_path / "baseline.json"
    path.write_text(json.dumps({"1": {"old: ratio": 3.0}}))
    keep_baseline(path, report(work(contender("ours", rate(0.77777)), contender("floor", rate(1)))))
    assert read_baseline(path, 1.0) == {"old: ratio": 3.0, "send: bare": 0.7778}
    assert read_baseline(path, 0.1) == {}


def test_the_picture_is_a_picture() -> None:
    """The SVG is well-formed, has a bar for each promise, and colours for light and dark."""
    found = report(
        work(contender("ours", rate(0.4) | {"cpu": 1.0}), contender("floor", rate(1)), ratios=(SPEED, COST)),
    )
    drawn = ET.fromstring(found.svg())
    bars = [one.get("class") for one in drawn.iter("{http://www.w3.org/2000/svg}rect")]
    assert bars == ["broken", "kept"]
    assert "prefers-color-scheme: dark" in found.svg()
    assert "&lt;" in picture([_named("<b>")])


def _named(name: str):
    found = report(
        work(
            contender("ours", rate(1)),
            contender("floor", rate(1)),
            ratios=(Ratio(name=name, of="ours", figure="per_second", at_least=1),),
        )
    )
    return found.ratios[0]


def test_json_has_everything() -> None:
    """The JSON holds the machine, each round of each contender, and each ratio with its promise."""
    found = json.loads(report(work(contender("ours", rate(0.4)), contender("floor", rate(1)))).json())
    assert found["workloads"]["send"]["rounds"] == [{"ours": rate(0.4), "floor": rate(1)}]
    assert found["ratios"]["send: bare"] == {
        "value": 0.4, "values": [0.4], "at_least": 0.5, "at_most": None, "kept": False, "before": None,
    }  # fmt: skip
    assert found["machine"]["cpu"] == "made up"


def test_this_machine_is_described() -> None:
    """Processor, cores, memory, kernel, disk and versions are found out."""
    found = Machine.look()
    assert found.cores > 0
    assert found.memory_gb > 0
    assert found.fsync_ms > 0
    assert re.fullmatch(r"3\.\d+\.\d+\S*", found.versions["python"])
    assert {"sqlite", "aiosmtplib", "sqlalchemy", "pydantic"} <= found.versions.keys()
    assert "pytest" not in found.versions


def _there() -> list[str]:
    folder = Path(__file__).parents[2] / "followupd/bench/workloads"
    return [name for name in NAMES if (folder / f"{name.replace('-', '_')}.py").exists()]


@pytest.mark.parametrize("name", _there())
def test_each_workload_is_well_formed(name: str) -> None:
    """It has the name under which it is found, contenders with names of their own, and ratios of contenders that there are."""
    found = workload(name)
    assert found.name == name
    names = [one.name for one in found.contenders]
    assert len(set(names)) == len(names)
    assert {one.role for one in found.contenders} <= {"ours", "floor", "peer"}
    ratios = [one.name for one in found.ratios]
    assert len(set(ratios)) == len(ratios)
    for ratio in found.ratios:
        assert {ratio.of, ratio.over or ratio.of} <= set(names)


def test_medians_leave_out_who_was_away() -> None:
    """A contender with fewer rounds has the median of those it took part in."""
    outcome = Outcome(workload=work(), rounds=[{"a": rate(1), "b": rate(5)}, {"a": rate(3)}])
    assert outcome.medians() == {"a": rate(2), "b": rate(5)}


def test_the_page_has_every_workload() -> None:
    """docs/bench.md says of each workload what it measures, in the order in which they run."""
    page = (Path(__file__).parents[2] / "docs/bench.md").read_text("utf-8")
    assert tuple(re.findall(r"(?m)^\| `([a-z-]+)` \|", page)) == NAMES


def test_a_fault_in_a_workload_does_not_cost_the_others() -> None:
    """Whatever a contender dies of is named as wrong, and the run goes on."""
    found = report(work(contender("ours", LookupError("our own fault")), contender("floor", rate(1))))
    assert found.failed()
    assert "LookupError: our own fault" in found.outcomes[0].wrong["ours"]
    assert found.outcomes[0].rounds == [{"floor": rate(1)}]


def test_a_peer_that_is_not_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a folder, without its Python, or without a module of it, what is missing is said, with the command that brings it."""
    monkeypatch.delenv(peers.FOLDER, raising=False)
    with pytest.raises(Missing, match="--setup-peers FOLDER, then --peers FOLDER"):
        peers.python("django")
    monkeypatch.setenv(peers.FOLDER, str(tmp_path))
    with pytest.raises(Missing, match=f"--setup-peers {tmp_path}"):
        peers.python("json")
    (tmp_path / "venv/bin").mkdir(parents=True)
    (tmp_path / "venv/bin/python").symlink_to(sys.executable)
    assert peers.python("json") == tmp_path / "venv/bin/python"
    with pytest.raises(Missing, match=r"no_such_peer, nor_this\.one is not installed: followupd bench"):
        peers.python("json", "no_such_peer", "nor_this.one")
    assert peers.versions() == {}
