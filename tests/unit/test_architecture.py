"""The import rules in pyproject.toml: the tree keeps them, and each notices what it is there to notice."""

import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
RULES: dict[str, Any] = PROJECT["tool"]["importlinter"]

INWARDS = "imports point inwards: bootstrap, adapters, application, domain"
NO_LIBRARY = "the core imports no third-party library"
NO_IO = "the domain does no I/O and reads no clock"
CONTAINER = "the container stays in bootstrap"
PROVIDERS = "providers are strangers to each other"
PROVIDERS_IO = "providers do no I/O"
STORAGES = "storages are strangers to each other"
SANDBOX_OUT = "nothing behind bootstrap knows the sandbox"
SANDBOX_IN = "the sandbox knows nothing of the product"

VIOLATIONS = [
    (INWARDS, "domain", "import application"),
    (INWARDS, "application", "import adapters.outbound"),
    (INWARDS, "adapters/inbound", "import adapters.outbound"),
    (INWARDS, "adapters/outbound", "import adapters.inbound"),
    (INWARDS, "adapters/inbound/http", "import bootstrap"),
    (NO_LIBRARY, "domain", "import msgspec"),
    (NO_LIBRARY, "application/ports", "from httpx import AsyncClient"),
    (NO_IO, "domain", "import asyncio"),
    (NO_IO, "domain", "from time import time"),
    (CONTAINER, "adapters/inbound/http", "from dependency_injector.wiring import inject"),
    (PROVIDERS, "adapters/outbound/providers", "from adapters.outbound.providers import hubspot"),
    (PROVIDERS_IO, "adapters/outbound/providers", "import httpx"),
    (PROVIDERS_IO, "adapters/outbound/providers", "import adapters.outbound.provider_http"),
    (STORAGES, "adapters/outbound/sqlite", "import adapters.outbound.memory"),
    (STORAGES, "adapters/outbound/memory", "import adapters.outbound.redis"),
    (SANDBOX_OUT, "application", "import sandbox"),
    (SANDBOX_OUT, "adapters/outbound", "import sandbox"),
    (SANDBOX_IN, "sandbox", "import domain"),
    (SANDBOX_IN, "sandbox", "import bootstrap"),
]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the product's Python files and of the rules."""
    for package in RULES["root_packages"]:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=_all_but_python)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_the_tree_keeps_every_rule(tree: Path) -> None:
    told = lint_imports(tree)
    assert told.returncode == 0, told.stdout
    assert f"{len(RULES['contracts'])} kept, 0 broken" in told.stdout


@pytest.mark.parametrize(("rule", "package", "line"), VIOLATIONS)
def test_a_rule_notices(rule: str, package: str, line: str, tree: Path) -> None:
    (tree / package / "planted.py").write_text(line + "\n")
    told = lint_imports(tree)
    assert told.returncode == 1
    assert f"{rule} BROKEN" in told.stdout


def test_every_rule_has_a_violation_that_breaks_it() -> None:
    assert {rule for rule, _, _ in VIOLATIONS} == {contract["name"] for contract in RULES["contracts"]}


def test_every_library_of_ours_is_forbidden_to_the_core() -> None:
    ours = {canonicalize_name(Requirement(line).name) for line in PROJECT["project"]["dependencies"]}
    installed = packages_distributions()
    forbidden = next(rule["forbidden_modules"] for rule in RULES["contracts"] if rule["name"] == NO_LIBRARY)
    covered = {canonicalize_name(name) for module in forbidden for name in installed.get(module, [])}
    assert ours <= covered


def lint_imports(tree: Path) -> subprocess.CompletedProcess[str]:
    program = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    command = [sys.executable, "-c", program, "--no-cache", "--no-logo"]
    return subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)


def _all_but_python(folder: str, names: list[str]) -> list[str]:
    return [name for name in names if not name.endswith(".py") and not (Path(folder) / name).is_dir()]
