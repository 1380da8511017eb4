"""Keys that are made once and kept."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from bootstrap.development_keys import development_keys
from bootstrap.environment import Environment, SettingsRefused
from bootstrap.settings import load


def test_they_are_made_once_and_kept(tmp_path: Path) -> None:
    file = tmp_path / "var" / "keys.json"
    keys = development_keys(file, keep=True)
    assert len(keys.encryption) == 32
    assert len(keys.signing) >= 32
    assert development_keys(file, keep=True) == development_keys(file, keep=False) == keys
    assert file.stat().st_mode & 0o777 == 0o600


def test_whoever_only_looks_leaves_no_file(tmp_path: Path) -> None:
    assert len(development_keys(tmp_path / "var" / "keys.json", keep=False).encryption) == 32
    assert list(tmp_path.iterdir()) == []


def test_a_place_where_nothing_can_be_kept_is_told(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("a file, not a folder")
    with pytest.raises(SettingsRefused):
        development_keys(tmp_path / "var" / "keys.json", keep=True)


def test_no_two_installations_have_the_same(tmp_path: Path) -> None:
    assert development_keys(tmp_path / "a", keep=True) != development_keys(tmp_path / "b", keep=True)


def test_all_that_start_at_once_get_the_same(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(partial(development_keys, keep=True), [tmp_path / "keys.json"] * 16))
    assert {keys.signing for keys in made} == {made[0].signing}


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"signing": "x", "encryption": "!"}', "null", "7"])
@pytest.mark.parametrize("keep", [True, False])
def test_a_damaged_file_is_not_replaced(tmp_path: Path, text: str, keep: bool) -> None:
    file = tmp_path / "keys.json"
    file.write_text(text)
    with pytest.raises(SettingsRefused, match=r"keys\.json"):
        development_keys(file, keep=keep)
    assert file.read_text() == text


def test_keys_of_the_environment_leave_no_file(tmp_path: Path) -> None:
    environment = Environment({"JWT_SECRET_KEY": "anything", "ENCRYPTION_KEYS": ""}, {})
    settings = load(environment, slugs=(), directory=tmp_path)
    assert settings.jwt_keys["default"] != b"anything"
    assert len(settings.jwt_keys["default"]) >= 32
    assert (tmp_path / "var" / "keys.json").exists()
