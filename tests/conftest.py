"""What all tests share: no network but loopback, settled dice, a real PostgreSQL, and a loud word about what was left out."""

import gc
import ipaddress
import os
import socket
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from followupd.bench.servers.postgres import PostgresServer, postgres_server
from followupd.bench.suite import Missing
from tests import faults
from tests.faults import toll

CI = bool(os.environ.get("CI"))

# -- hypothesis: the same cases on every run of the CI, fresh ones on a desk --------------------------

settings.register_profile("dev", deadline=None, max_examples=60)
settings.register_profile("ci", deadline=None, max_examples=200, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("fuzz", deadline=None, max_examples=20_000, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if CI else "dev"))

# -- nothing leaves the machine ----------------------------------------------------------------------


class OutsideNetwork(RuntimeError):
    """A test tried to reach a machine that is not this one."""


_attempts: list[str] = []


def _is_here(host: object) -> bool:
    if host in (None, "", b"", "localhost", b"localhost", "0.0.0.0", "::"):  # any address of this machine
        return True
    try:
        name = host.decode() if isinstance(host, bytes) else str(host)
        return ipaddress.ip_address(name.partition("%")[0]).is_loopback
    except ValueError:
        return False


def _watch_the_network(event: str, arguments: tuple[object, ...]) -> None:
    """Refuse every connection and every look-up that is not of this machine (an audit hook sees them all)."""
    if event in ("socket.connect", "socket.sendto"):
        address = arguments[1]
        if isinstance(address, tuple) and not _is_here(address[0]):
            _refuse(f"{event} {address}")
    elif event == "socket.getaddrinfo" and not _is_here(arguments[0]):
        name = arguments[0].decode() if isinstance(arguments[0], bytes) else str(arguments[0])
        if name.rstrip(".").endswith(".invalid"):  # RFC 6761, section 6.4: never resolves, here not even by asking
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        try:
            ipaddress.ip_address(name)  # a look-up of plain figures asks nobody
        except ValueError:
            _refuse(f"{event} {name}")


def _refuse(what: str) -> None:
    _attempts.append(what)
    raise OutsideNetwork(what)


sys.addaudithook(_watch_the_network)


@pytest.fixture(autouse=True)
def nothing_leaves_the_machine() -> Iterator[None]:
    """Fail a test that reached outside, even if the code under test swallowed the refusal."""
    _attempts.clear()
    yield
    tried = list(_attempts)
    _attempts.clear()
    assert tried == [], f"the test reached outside this machine: {tried}"


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup() -> Iterator[None]:
    """A fixture whose server is not installed leaves its tests out; the end of the run names them."""
    try:
        return (yield)
    except Missing as reason:
        pytest.skip(str(reason))


# -- PostgreSQL: one real server for the run, a new database for each test ---------------------------


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    """Give a running PostgreSQL of our own, on a socket in a temporary folder."""
    with postgres_server() as server:
        yield server


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> Iterator[str]:
    """Give the URL of an empty database of this test's own."""
    with postgres.database() as url:
        yield url


__all__ = ["toll"]

# -- golden files ------------------------------------------------------------------------------------


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[Path, str | bytes], None]:
    """Compare with a file in git, byte for byte; `make golden` writes the file instead."""

    def compare(path: Path, got: str | bytes) -> None:
        new = got.encode() if isinstance(got, str) else got
        if request.config.getoption("--golden"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(new)
        assert path.exists(), f"{path} is missing: run `make golden` and look at what it writes"
        assert new.decode() == path.read_bytes().decode(), f"{path} differs: if that is meant, run `make golden`"

    return compare


# -- the fast ring: what needs no server and kills nobody ----------------------------------------------

SLOW_FOLDERS = {"bench", "cli", "contrib", "crash", "demo", "fuzz", "machines", "mailbox", "store", "stories", "torture"}
SLOW_FILES = {
    "test_frame.py",
    "test_opening.py",
    "test_reader.py",
    "test_lifecycle_walks.py",
    "test_marks.py",
    "test_templates.py",
    "test_prospects.py",
    "test_bad.py",
    "test_schemas.py",
    "test_plan.py",
    "test_end_to_end.py",
    "test_cadence_reference.py",
    "test_when_oracle.py",
    "test_starter_mutations.py",
    "test_wrong.py",
    "test_schema_proof.py",
    "test_expressions.py",
    "test_opinion.py",
    "test_words.py",
    "test_receipts.py",
    "test_statistics.py",
    "test_pipelining.py",
    "test_smtp.py",
    "test_oauth.py",
    "test_faults.py",
    "test_start.py",
    "test_simulation.py",
    "test_quiet.py",
    "test_libraries.py",
    "test_security_page.py",
    "test_bad_mail.py",
    "test_matrix.py",
    "test_page.py",
    "test_inbound.py",
}


def _slow(path: Path) -> bool:
    tests = Path(__file__).parent
    folder = path.relative_to(tests).parts[0] if path.is_relative_to(tests) else ""
    return folder in SLOW_FOLDERS or path.name in SLOW_FILES


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """In the fast ring a module that is slow as a whole isn't even imported: that alone takes seconds."""
    return True if config.option.markexpr == "not slow" and collection_path.is_file() and _slow(collection_path) else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark as slow what starts servers and processes, or tries thousands of cases, so that nobody has to remember it test by test."""
    items[:], left = faults.note_rows(items, nightly=bool(config.option.torture))
    if left:
        config.hook.pytest_deselected(items=left)
    for item in items:
        if _slow(item.path) or "postgres" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.slow)


def pytest_collection_finish() -> None:
    """Nine thousand tests are no garbage, and looking through them each time takes a twentieth of the run."""
    gc.collect()
    gc.freeze()


# -- what was left out is said last, and in CI nothing may be left out -------------------------------


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--golden`, which writes the golden files again, and `--torture`, which runs the long rings."""
    parser.addoption("--golden", action="store_true", help="write the golden files again instead of comparing")
    parser.addoption("--torture", action="store_true", help="run the long rings as well, and print the table of faults")


class LeftOut:
    """Collects the tests that did not run, and says so after everything else."""

    def __init__(self) -> None:
        self.reasons: Counter[str] = Counter()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a test that was skipped (an expected failure is no skip)."""
        if report.skipped and not hasattr(report, "wasxfail"):
            self.note(report.longrepr)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note a whole file that was skipped."""
        if report.skipped:
            self.note(report.longrepr)

    def note(self, longrepr: object) -> None:
        """Count a reason."""
        reason = longrepr[2] if isinstance(longrepr, tuple) else str(longrepr)
        self.reasons[reason.removeprefix("Skipped: ")] += 1

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """In CI a test left out fails the run."""
        if CI and self.reasons and session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_unconfigure(self) -> None:
        """Say what did not run, in the very last lines."""
        for reason, count in sorted(self.reasons.items()):
            print(f"NOT RUN: {count} test{'s' if count > 1 else ''}: {reason}")
        if CI and self.reasons:
            print("NOT RUN: nothing may be left out here (CI is set), so this run has failed")


def pytest_configure(config: pytest.Config) -> None:
    """Let the one process that reports keep the list."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(LeftOut(), "left-out")
        config.pluginmanager.register(faults.Table(shown=config.option.torture), "faults")
