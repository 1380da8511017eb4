"""What the environment may say, and what the product will not start with."""

import base64
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bootstrap import resources
from bootstrap.environment import Environment, SettingsRefused
from bootstrap.settings import Settings, load
from tests.unit.builders import ENCRYPTION_KEY

JWT_KEY = "8dJZ0lD3oWq5vXn1RtYc7BfGhK2mPsUe4aNy6"
KEYS = {"JWT_KEYS": f"one:{JWT_KEY}", "ENCRYPTION_KEYS": f"one:{ENCRYPTION_KEY}"}
PRODUCTION = KEYS | {"APP_ENV": "production", "PUBLIC_URL": "https://vectorshift.example"}


def loaded(given: Mapping[str, str], file: Mapping[str, str] | None = None) -> Settings:
    settings = load(Environment(given, file or {}), slugs=("hubspot",), directory=Path("/nonexistent"))
    resources.check(settings)
    return settings


def refusal(given: Mapping[str, str]) -> str:
    with pytest.raises(SettingsRefused) as refused:
        loaded(given)
    text = str(refused.value)
    assert "\n" not in text
    assert text.endswith((".", "32", "bytes)."))
    return text


def test_without_a_word_it_runs_for_one_person_on_this_machine() -> None:
    settings = loaded(KEYS)
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert settings.public_url == settings.web_url == "http://localhost:8000"
    assert settings.origins == ("http://localhost:8000", "http://localhost:3000")
    assert (settings.storage_url, settings.cache_url) == ("sqlite:///var/vectorshift.db", "memory://")
    assert (settings.worker, settings.production, settings.secure, settings.alone) == (True, False, False, True)
    assert (settings.password_min_length, settings.expose_access_token) == (12, False)
    assert (settings.sandbox_url, dict(settings.failpoints), dict(settings.providers)) == (None, {}, {})
    assert settings.access_token_ttl == timedelta(minutes=15)
    assert settings.state_ttl == timedelta(minutes=10)
    assert (settings.log_level, settings.log_format) == ("info", "console")


def test_in_production_little_changes_by_itself() -> None:
    settings = loaded(PRODUCTION)
    assert settings.origins == ("https://vectorshift.example",)
    assert (settings.secure, settings.log_format) == (True, "json")


@pytest.mark.parametrize(
    "changed",
    [
        {"JWT_KEYS": ""},
        {"ENCRYPTION_KEYS": ""},
        {"JWT_KEYS": "one:short"},
        {"JWT_KEYS": "one:" + "x" * 40},
        {"JWT_KEYS": "one:changeme-changeme-changeme-changeme-12345"},
        {"JWT_KEYS": "", "JWT_SECRET_KEY": "your-secret-key"},
        {"JWT_KEYS": "", "JWT_SECRET_KEY": "secret"},
        {"PUBLIC_URL": "http://localhost:8000"},
        {"PUBLIC_URL": ""},
        {"SANDBOX_URL": "http://127.0.0.1:8100"},
        {"FAILPOINTS": "sync.after_items=exit"},
    ],
    ids=str,
)
def test_production_refuses_what_is_only_good_for_trying(changed: dict[str, str]) -> None:
    assert JWT_KEY not in refusal(PRODUCTION | changed)


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"APP_ENV": "staging"}, "APP_ENV"),
        ({"PORT": "http"}, "PORT"),
        ({"PORT": "0"}, "PORT"),
        ({"PORT": "65536"}, "PORT"),
        ({"PORT": "-1"}, "PORT"),
        ({"PUBLIC_URL": "localhost:8000"}, "PUBLIC_URL"),
        ({"PUBLIC_URL": "https://example.com/path"}, "PUBLIC_URL"),
        ({"PUBLIC_URL": "https://user@"}, "PUBLIC_URL"),
        ({"PUBLIC_URL": "ftp://example.com"}, "PUBLIC_URL"),
        ({"PUBLIC_URL": "http://[::1"}, "PUBLIC_URL"),
        ({"PUBLIC_URL": "https://example.com:port"}, "PUBLIC_URL"),
        ({"CORS_ORIGINS": "http://[::1"}, "CORS_ORIGINS"),
        ({"PUBLIC_URL": "http://192.168.1.7:8000"}, "PUBLIC_URL"),
        ({"WEB_URL": "https://localhost:8000"}, "WEB_URL"),
        ({"WEB_URL": "http://other.example"}, "WEB_URL"),
        ({"PUBLIC_URL": "https://api.example.com", "WEB_URL": "https://app.example.org"}, "WEB_URL"),
        ({"CORS_ORIGINS": "*"}, "CORS_ORIGINS"),
        ({"CORS_ORIGINS": "http://localhost:3000/app"}, "CORS_ORIGINS"),
        ({"CORS_ORIGINS": "null"}, "CORS_ORIGINS"),
        ({"STORAGE_URL": "postgres://db"}, "STORAGE_URL"),
        ({"STORAGE_URL": "nonsense"}, "STORAGE_URL"),
        ({"CACHE_URL": "memcached://x"}, "CACHE_URL"),
        ({"WORKER": "yes"}, "WORKER"),
        ({"JWT_KEYS": "no-colon"}, "JWT_KEYS"),
        ({"JWT_KEYS": f"one:{JWT_KEY},one:{JWT_KEY}"}, "JWT_KEYS"),
        ({"JWT_KEYS": ":x"}, "JWT_KEYS"),
        ({"ENCRYPTION_KEYS": "one:AAAA"}, "one"),
        ({"ENCRYPTION_KEYS": "one:" + base64.b64encode(bytes(32)).decode()}, "one"),
        ({"ENCRYPTION_KEYS": "one:not base64!"}, "one"),
        ({"ENCRYPTION_KEYS": "one:é"}, "one"),
        ({"PASSWORD_MIN_LENGTH": "7"}, "PASSWORD_MIN_LENGTH"),
        ({"CREDENTIALS_EXPOSE_ACCESS_TOKEN": "maybe"}, "CREDENTIALS_EXPOSE_ACCESS_TOKEN"),
        ({"ACCESS_TOKEN_EXPIRE_MINUTES": "soon"}, "ACCESS_TOKEN_EXPIRE_MINUTES"),
        ({"ACCESS_TOKEN_EXPIRE_MINUTES": "0"}, "ACCESS_TOKEN_EXPIRE_MINUTES"),
        ({"FAILPOINTS": "nowhere=exit"}, "FAILPOINTS"),
        ({"FAILPOINTS": "sync.after_items=explode"}, "FAILPOINTS"),
        ({"HUBSPOT_REDIRECT_URI": "https://evil.example/cb"}, "HUBSPOT_REDIRECT_URI"),
        ({"HUBSPOT_REDIRECT_URI": "http://localhost:8000.evil.example/cb"}, "HUBSPOT_REDIRECT_URI"),
        ({"HUBSPOT_REDIRECT_URI": "http://localhost:8000/app/"}, "HUBSPOT_REDIRECT_URI"),
        ({"HUBSPOT_REDIRECT_URI": "http://localhost:8000/{x}/callback"}, "HUBSPOT_REDIRECT_URI"),
        ({"HUBSPOT_REDIRECT_URI": "http://localhost:8000/app/google-callback"}, "HUBSPOT_REDIRECT_URI"),
        ({"HUBSPOT_REDIRECT_URI": "http://localhost:8000//callback"}, "HUBSPOT_REDIRECT_URI"),
        ({"HUBSPOT_REDIRECT_URI": "http://localhost:8000/x/../callback"}, "HUBSPOT_REDIRECT_URI"),
        ({"LOG_LEVEL": "loud"}, "LOG_LEVEL"),
        ({"SANDBOX_URL": "http://127.0.0.1:8100/x"}, "SANDBOX_URL"),
        ({"CASSANDRA_HOST": "db", "CASSANDRA_PORT": "x"}, "CASSANDRA_PORT"),
        ({"REDIS_HOST": "cache", "REDIS_PORT": "x"}, "REDIS_PORT"),
    ],
    ids=str,
)
def test_a_setting_that_makes_no_sense_is_named(changed: dict[str, str], named: str) -> None:
    assert named in refusal(KEYS | changed)


LONGEST = {
    "ACCESS_TOKEN_TTL_SECONDS": 900,
    "SESSION_IDLE_TTL_SECONDS": 7 * 86_400,
    "SESSION_TTL_SECONDS": 30 * 86_400,
    "REFRESH_GRACE_SECONDS": 10,
    "OAUTH_STATE_TTL_SECONDS": 600,
    "LEASE_TTL_SECONDS": 30,
}


@pytest.mark.parametrize("name", LONGEST)
def test_a_time_can_only_be_made_shorter(name: str) -> None:
    loaded(KEYS | {name: str(LONGEST[name])})
    loaded(KEYS | {name: "1"})
    for text in (str(LONGEST[name] + 1), "0", "-1", "1.5", "1e1"):
        assert name in refusal(KEYS | {name: text})


@pytest.mark.parametrize(("minutes", "life"), [("5", 5), ("15", 15), ("1440", 15)])
def test_the_documented_life_of_an_access_token_is_cut(minutes: str, life: int) -> None:
    settings = loaded(KEYS | {"ACCESS_TOKEN_EXPIRE_MINUTES": minutes})
    assert settings.access_token_ttl == timedelta(minutes=life)


@pytest.mark.parametrize("sample", ["your-hubspot-client-id", "YOUR-ID", "", "   "])
def test_a_sample_counts_as_unset(sample: str) -> None:
    settings = loaded(KEYS | {"HUBSPOT_CLIENT_ID": sample, "HUBSPOT_CLIENT_SECRET": "a-secret"})
    assert "hubspot" not in settings.providers


def test_the_environment_wins_over_the_file() -> None:
    assert loaded(KEYS | {"PORT": "9000"}, {"PORT": "9001", "HOST": "127.0.0.2"}).port == 9000
    assert loaded(KEYS, {"PORT": "9001"}).port == 9001


def test_what_is_in_force_is_remembered_with_its_source() -> None:
    environment = Environment(KEYS, {"PORT": "9001"})
    load(environment, slugs=("hubspot",), directory=Path("/nonexistent"))
    assert (environment.asked["PORT"].value, environment.asked["PORT"].source) == ("9001", ".env")
    assert environment.asked["HOST"].source == "default"
    assert environment.asked["JWT_KEYS"].secret
    assert environment.asked["ENCRYPTION_KEYS"].secret


@pytest.mark.parametrize(
    ("given", "storage", "cache"),
    [
        ({"CASSANDRA_HOST": "db"}, "cassandra://db:9042/vectorshift", "redis://localhost:6379/0"),
        (
            {"CASSANDRA_HOST": "a, b", "CASSANDRA_PORT": "9043", "CASSANDRA_KEYSPACE": "k"},
            "cassandra://a:9043,b:9043/k",
            "redis://localhost:6379/0",
        ),
        (
            {"CASSANDRA_HOST": "db", "CASSANDRA_USER": "u@x", "CASSANDRA_PASSWORD": "p:/w"},
            "cassandra://u%40x:p%3A%2Fw@db:9042/vectorshift",
            "redis://localhost:6379/0",
        ),
        ({"CASSANDRA_HOST": "db", "STORAGE_URL": "memory://"}, "memory://", "memory://"),
        ({"STORAGE_URL": "cassandra://db/k", "CACHE_URL": "memory://"}, "cassandra://db/k", "memory://"),
        ({"REDIS_HOST": "r"}, "sqlite:///var/vectorshift.db", "redis://r:6379/0"),
        (
            {"REDIS_HOST": "r", "REDIS_PORT": "7000", "REDIS_DB": "3", "REDIS_PASSWORD": "p@w"},
            "sqlite:///var/vectorshift.db",
            "redis://:p%40w@r:7000/3",
        ),
        ({"REDIS_URL": "redis://x/1", "REDIS_HOST": "r"}, "sqlite:///var/vectorshift.db", "redis://x/1"),
        ({"REDIS_URL": "redis://x/1", "CACHE_URL": "memory://"}, "sqlite:///var/vectorshift.db", "memory://"),
    ],
    ids=str,
)
def test_the_documented_names_of_stores_work(given: dict[str, str], storage: str, cache: str) -> None:
    settings = loaded(KEYS | given)
    assert (settings.storage_url, settings.cache_url) == (storage, cache)
    assert settings.worker == settings.alone == cache.startswith("memory")


def test_real_credentials_go_to_the_real_provider_and_the_sandbox_plays_the_rest() -> None:
    sandbox = KEYS | {"SANDBOX_URL": "http://127.0.0.1:8100/"}
    played = loaded(sandbox).providers["hubspot"]
    assert (played.client_id, played.base_url) == ("sandbox-hubspot", "http://127.0.0.1:8100/hubspot")
    real = loaded(sandbox | {"HUBSPOT_CLIENT_ID": "id", "HUBSPOT_CLIENT_SECRET": "s"}).providers["hubspot"]
    assert (real.client_id, real.base_url) == ("id", None)
    assert real.redirect_uri == "http://localhost:8000/integrations/hubspot/oauth2callback"
    half = loaded(KEYS | {"HUBSPOT_CLIENT_ID": "id"})
    assert "hubspot" not in half.providers


def test_nothing_secret_shows_in_the_settings() -> None:
    given = {"HUBSPOT_CLIENT_ID": "id", "HUBSPOT_CLIENT_SECRET": "a-client-secret", "REDIS_URL": "redis://:hidden@r"}
    shown = repr(loaded(KEYS | given | {"STORAGE_URL": "cassandra://u:hidden@db/k"}))
    for secret in (JWT_KEY, "a-client-secret", "hidden", ENCRYPTION_KEY):
        assert secret not in shown


NAMES = [*LONGEST, *KEYS, "PORT", "PUBLIC_URL", "WEB_URL", "CORS_ORIGINS", "FAILPOINTS", "SANDBOX_URL"]
BEGINNINGS = ["", "http://", "https://localhost", "one:", "sync.after_items="]


@given(st.dictionaries(st.sampled_from(NAMES), st.builds(str.__add__, st.sampled_from(BEGINNINGS), st.text())))
def test_whatever_is_set_it_starts_or_says_why_not(changed: dict[str, str]) -> None:
    with suppress(SettingsRefused):
        loaded(KEYS | {name: text for name, text in changed.items() if name not in KEYS or text.strip()})


@pytest.mark.parametrize(
    "mistaken",
    [
        {"SLACK_REDIRECT_URI": "http://localhost:8000/integrations/hubspot/oauth2callback"},
        {f"{name}_REDIRECT_URI": "http://localhost:8000/callback" for name in ("SLACK", "HUBSPOT")},
    ],
    ids=str,
)
def test_nobody_could_tell_who_sends_to_a_redirect_uri_of_two(mistaken: dict[str, str]) -> None:
    real = {f"{slug}_CLIENT_{part}": "real" for slug in ("HUBSPOT", "SLACK") for part in ("ID", "SECRET")}
    with pytest.raises(SettingsRefused, match=r"redirect URI|_REDIRECT_URI"):
        load(Environment(KEYS | real | mistaken, {}), slugs=("hubspot", "slack"), directory=Path("/nonexistent"))


def test_a_redirect_uri_may_have_another_path_for_a_real_app_only() -> None:
    elsewhere = "http://localhost:8000/api/integrations/hubspot/oauth2callback"
    given = {"HUBSPOT_REDIRECT_URI": elsewhere, "SANDBOX_URL": "http://127.0.0.1:8100"}
    real = {"HUBSPOT_CLIENT_ID": "real", "HUBSPOT_CLIENT_SECRET": "real"}
    assert loaded(given | real).providers["hubspot"].redirect_uri == elsewhere
    played = loaded(given).providers["hubspot"].redirect_uri
    assert played == "http://localhost:8000/integrations/hubspot/oauth2callback"
