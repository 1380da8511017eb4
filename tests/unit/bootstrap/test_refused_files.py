"""Files and names that the product will not start with."""

from pathlib import Path

import pytest

from bootstrap.development_keys import development_keys
from bootstrap.environment import Environment, SettingsRefused
from tests.unit.builders import ENCRYPTION_KEY, some_settings


def test_settings_that_are_no_text_are_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"PORT=80\xff\n")
    with pytest.raises(SettingsRefused, match=r"\.env") as refusal:
        Environment.here(tmp_path)
    assert "\n" not in str(refusal.value)


def test_keys_that_are_no_text_are_left_as_they_are(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsRefused, match="damaged"):
        development_keys(file, keep=True)
    assert file.read_bytes() == b"\xff\xfe"


@pytest.mark.parametrize("name", ["a|b", "a b", "ключ", "x" * 65, "a\x1b", "a/b"])
@pytest.mark.parametrize(("setting", "key"), [("JWT_KEYS", "x" * 40), ("ENCRYPTION_KEYS", ENCRYPTION_KEY)])
def test_a_key_has_a_plain_name(setting: str, key: str, name: str) -> None:
    with pytest.raises(SettingsRefused, match=setting) as refusal:
        some_settings(**{setting: f"{name}:{key}"})
    assert key not in str(refusal.value)
    some_settings(**{setting: f"Key-1_b.{'x' * 56}:{key}"})
