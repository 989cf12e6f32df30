"""Commands around databases, and the databases."""

from __future__ import annotations

import io
import sys

import pytest

from sipway.cli.main import main
from tests.cli.saying import Said, Say
from tests.databases import urls


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Say:
    """Run a command; its exit status, output and errors."""

    def say(*arguments: str, typed: str = "") -> Said:
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        code = main(arguments)
        caught = capsys.readouterr()
        return code, caught.out, caught.err

    return say


url = urls("tables")


@pytest.fixture
def made(url: str, say: Say) -> str:
    """A database with all tables."""
    assert say("db", "create", url)[0] == 0
    return url
