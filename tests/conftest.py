"""The sandbox on a real socket, and the command line, for every test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, Phase, settings

from harness import Key, Sandbox
from imagefence.cli.main import main
from imagefence.sandbox.birth import fresh_world

# Why: the same examples in every run, and no test that fails because the machine is busy; other examples
# come by `--hypothesis-profile=explore`.
settings.register_profile(
    "steady", derandomize=True, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("explore", settings.get_profile("steady"), derandomize=False)
settings.register_profile(
    "mutation", settings.get_profile("steady"), phases=[Phase.explicit, Phase.generate], max_examples=40
)
settings.load_profile("steady")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """One sandbox for a whole test file: two fresh accounts."""
    running = Sandbox(fresh_world(accounts=2, seed=1))
    yield running
    running.stop()


@pytest.fixture
def fresh_sandbox() -> Iterator[Sandbox]:
    """A sandbox for one test alone."""
    running = Sandbox(fresh_world(accounts=2, seed=2))
    yield running
    running.stop()


@pytest.fixture
def environ_for(tmp_path: Path) -> Callable[..., dict[str, str]]:
    """Gives `environ_for(sandbox, key=None)`: the variables for the CLI, with an empty HOME."""

    def environ(target: Sandbox, key: Key | None = None) -> dict[str, str]:
        return {**target.environment(key), "HOME": str(tmp_path)}

    return environ


@pytest.fixture
def run_cli(environ_for: Callable[..., dict[str, str]]) -> Callable[..., Result]:
    """Gives `run_cli(sandbox, "images", "list", key=None)`: the command in this process."""

    def run(target: Sandbox, *arguments: str, key: Key | None = None, text: str | None = None) -> Result:
        return CliRunner().invoke(main, list(arguments), env=environ_for(target, key), input=text)

    return run
