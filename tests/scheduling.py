"""Which tests run in one process, and which of them first, where pytest-xdist runs several.

Tests of a group share what is made for their file: a server that was started, flows that were
played. The groups are read from the names of tests, since names are what xdist gives to whoever
distributes them (a mark `xdist_group` reaches it only with some versions of pytest).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final
from zlib import crc32

from xdist.scheduler import LoadScopeScheduling

if TYPE_CHECKING:
    from xdist.workermanage import WorkerController

# Files of which several processes may run a part each, by the first word of the tests' parameters.
# Of what is compared with Kamailio a part plays several things at a time (tests/compat/ahead.py),
# so few parts keep all busy.
_PARTS: Final = {
    "tests/compat/test_compat.py": 2,
    "tests/compat/test_expressions.py": 4,
    "tests/compat/test_flows.py": 2,
    "tests/simulation/test_simulation.py": 4,
}

# What takes long must not be what all others wait for at the end: these begin first. They take
# more than 10 s each, and longer than the number of their tests tells.
_LONG: Final = (
    "tests/compat/test_flows.py",
    "tests/compat/test_compat.py",
    "tests/simulation/test_simulation.py",
    "tests/cli/test_databases.py",
    "tests/compat/test_expressions.py",
    "tests/language/test_mutations.py",
    "tests/scenarios/test_proxy.py",
    "tests/modules/test_usrloc_database.py",
    "tests/scenarios/test_dns.py",
    "tests/stores/databases/test_databases.py",
    "tests/cli/test_check.py",
    "tests/examples/test_101.py",
    "tests/fuzz/test_fuzz.py",
    "tests/cli/test_run.py",
    "tests/stores/databases/test_outages.py",
    "tests/packaging/test_build.py",
    "tests/scenarios/test_sipp.py",
    "tests/bench/test_calls.py",
)


def group(test: str) -> str:
    """The group of a test, by its name (pytest's node ID)."""
    file, _, rest = test.partition("::")
    if file not in _PARTS:
        return file
    word = rest.partition("[")[2].partition("-")[0].rstrip("]")
    return f"{file}-{crc32(word.encode()) % _PARTS[file]}"


def in_order(groups: Iterable[tuple[str, int]]) -> list[str]:
    """Groups with the number of their tests, in the order in which they are to begin."""
    first = {file: number for number, file in enumerate(_LONG)}

    def rank(each: tuple[str, int]) -> tuple[int, int]:
        return first.get(each[0].partition(".py")[0] + ".py", len(first)), -each[1]

    return [name for name, _ in sorted(groups, key=rank)]


class Scheduling(LoadScopeScheduling):  # type: ignore[misc]
    """Gives processes groups, those that take long first."""

    def _split_scope(self, nodeid: str) -> str:
        return group(nodeid)

    def _assign_work_unit(self, node: WorkerController) -> None:
        waiting = [(name, len(tests)) for name, tests in self.workqueue.items()]
        self.workqueue.move_to_end(in_order(waiting)[0], last=False)
        super()._assign_work_unit(node)
