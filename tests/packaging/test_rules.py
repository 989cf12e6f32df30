"""Rules that other files have to keep: who imports whom, what is compiled, what is skipped."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Final

import pytest

from sipway import _build

_ROOT: Final = Path(__file__).parents[2]


def test_imports_go_down_only() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=_ROOT,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_installing_sipway_brings_little_else() -> None:
    """DNS, the store, what lays out for terminals, regular expressions that take their time."""
    project = tomllib.loads((_ROOT / "pyproject.toml").read_text())["project"]
    names = {re.split(r"[<>=~!\[]", each)[0] for each in project["dependencies"]}
    assert names == {"dnspython", "google-re2", "lmdb", "rich"}


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_make_watches_what_is_compiled() -> None:
    """A file that setup.py compiles and make does not know would not be compiled anew."""
    done = subprocess.run(
        ["make", "--no-print-directory", "--eval", "show: ; @echo $(sort $(compiled))", "show"],
        cwd=_ROOT,
        capture_output=True,
        text=True,
        timeout=20,
        check=True,
    )
    watched = {_ROOT / name for name in done.stdout.split()}
    assert watched == {*_build.compiled_sources(), *_build.layout_files()}


_SUITE: Final = """
import pytest

@pytest.mark.skip(reason="no IPv6 here")
def test_listed(): ...

@pytest.mark.skipif("{unlisted}" == "yes", reason="it was raining")
def test_unlisted(): ...

@pytest.mark.xfail(reason="known", strict=True)
def test_expected_to_fail(): assert False
"""


def _run_suite(tmp_path: Path, *options: str, unlisted: bool) -> subprocess.CompletedProcess[str]:
    suite = tmp_path / "test_suite.py"
    suite.write_text(_SUITE.replace("{unlisted}", "yes" if unlisted else "no"))
    conftest = _ROOT / "tests" / "conftest.py"
    return subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"),
            *("--rootdir", str(tmp_path), "-c", "/dev/null", "--confcutdir", str(tmp_path)),
            *("-p", "tests.conftest", "--strict-skips", *options, str(suite)),
        ],
        cwd=conftest.parents[1],
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )


def test_a_listed_skip_passes(tmp_path: Path) -> None:
    done = _run_suite(tmp_path, unlisted=False)
    assert done.returncode == 0, done.stdout


def test_an_unlisted_skip_fails_and_is_named(tmp_path: Path) -> None:
    done = _run_suite(tmp_path, unlisted=True)
    assert done.returncode == 1
    assert "test_suite.py::test_unlisted: it was raining" in done.stdout


def test_a_skip_can_be_allowed_for_one_run(tmp_path: Path) -> None:
    done = _run_suite(tmp_path, "--allow-skip", "*rain*", unlisted=True)
    assert done.returncode == 0, done.stdout
