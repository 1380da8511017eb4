"""Only its own file names a provider: everything else of the product learns of it from the registry."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.outbound.providers import declarations

ROOT = Path(__file__).parents[2]
PARTS = (
    "domain",
    "application",
    "adapters",
    "bootstrap",
    "frontend/app",
    "frontend/components",
    "frontend/lib",
)
OWN_FILES = {f"adapters/outbound/providers/{one.slug}.py" for one in declarations()}
GENERATED = {"frontend/lib/api/schema.d.ts"}

_WORDS = "|".join(re.escape(word) for word in {text for one in declarations() for text in (one.slug, one.name)})
_NAMED = re.compile(
    # As a word, also between underscores; and within one that is WrittenLikeThis.
    rf"(?i:(?<![a-z])(?:{_WORDS})(?![a-z]))|(?<![A-Z])(?i:{_WORDS})(?=[A-Z][a-z])|(?<=[a-z])(?:{_WORDS})(?![a-z])"
)


def named(root: Path) -> list[str]:
    """Each line, and each path, that names a provider where it should not."""
    return [place for path in _files(root) for place in _named_in(path, path.relative_to(root).as_posix())]


def _files(root: Path) -> Iterator[Path]:
    for part in PARTS:
        for path in sorted((root / part).rglob("*")):
            place = path.relative_to(root).as_posix()
            if path.is_file() and "__pycache__" not in path.parts and place not in OWN_FILES | GENERATED:
                yield path


def _named_in(path: Path, place: str) -> Iterator[str]:
    if _NAMED.search(place):
        yield place
    # What is no text has no words.
    for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
        if _NAMED.search(line):
            yield f"{place}:{number}: {line.strip()}"


def test_only_its_own_file_names_a_provider() -> None:
    assert named(ROOT) == []


@pytest.mark.parametrize("part", PARTS)
def test_every_part_is_there_and_looked_at(part: str, tmp_path: Path) -> None:
    assert (ROOT / part).is_dir()
    (tmp_path / part).mkdir(parents=True)
    (tmp_path / part / "planted.txt").write_text("one\nand HubSpot\n")
    assert named(tmp_path) == [f"{part}/planted.txt:2: and HubSpot"]


@pytest.mark.parametrize("name", sorted({text for one in declarations() for text in (one.slug, one.name)}))
@pytest.mark.parametrize(
    "line", ['"{}"', "get_{}_items", "{}:", "provider={}", "from adapters.outbound.providers import {}", "_{}_1"]
)
def test_a_planted_name_is_noticed(line: str, name: str, tmp_path: Path) -> None:
    for spelled in (name, name.upper(), name.lower()):
        assert _noticed(line.format(spelled), tmp_path)


@pytest.mark.parametrize("line", ["HubSpotCard", "hubspotCard", "SlackThread", "isSlack", "useNotion()", "NotionPage"])
def test_a_name_within_a_name_is_noticed(line: str, tmp_path: Path) -> None:
    assert _noticed(line, tmp_path)


@pytest.mark.parametrize("line", ["a notional value", "slackened", "google", "the hub's spot", "Notionally"])
def test_what_names_nobody_is_left_alone(line: str, tmp_path: Path) -> None:
    assert not _noticed(line, tmp_path)


def test_a_file_that_is_called_like_a_provider_is_noticed(tmp_path: Path) -> None:
    for place in (
        "adapters/outbound/slack.py",
        "frontend/components/ui/notion-logo.tsx",
        "application/sync_hubspot.py",
    ):
        file = tmp_path / place
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    assert len(named(tmp_path)) == 3


def test_a_providers_own_file_may_name_it(tmp_path: Path) -> None:
    for place in OWN_FILES | GENERATED:
        file = tmp_path / place
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("hubspot notion slack airtable")
    assert named(tmp_path) == []


def _noticed(line: str, root: Path) -> bool:
    file = root / "domain" / "planted.py"
    file.parent.mkdir(exist_ok=True)
    file.write_text(line)
    return named(root) != []
