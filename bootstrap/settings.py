"""Environment -> one frozen object, or a readable refusal to start."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import quote, urlsplit

from adapters.outbound.mail.location import SmtpLocation, smtp_location
from adapters.outbound.mail.sender import mail_sender
from bootstrap.environment import Environment, SettingsRefused
from bootstrap.keys import keys

FAILPOINT_NAMES = ("connect.after_response", "refresh.after_response", "sync.after_items", "mail.after_send")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_SANDBOX_SECRET = "sandbox-secret"
Network = IPv4Network | IPv6Network
_DISCOVERY_PATH = "/.well-known/openid-configuration"
_GOOGLE_DISCOVERY_URL = f"https://accounts.google.com{_DISCOVERY_PATH}"


def callback_path(slug: str) -> str:
    """Where a provider sends people back to, unless the setting says another path."""
    return f"/integrations/{slug}/oauth2callback"


@dataclass(frozen=True, slots=True)
class ProviderSettings:
    client_id: str
    client_secret: str = field(repr=False)
    redirect_uri: str
    base_url: str | None


@dataclass(frozen=True, slots=True)
class SignInSettings:
    """An OpenID provider."""

    client_id: str
    client_secret: str = field(repr=False)
    redirect_uri: str
    discovery_url: str
    keeps_mailboxes: bool
    """Whether it is Google, or the sandbox that plays it."""
    played: bool


@dataclass(frozen=True, slots=True)
class PasswordCost:
    """What hashing a password takes (argon2id, RFC 9106)."""

    memory_kib: int
    iterations: int
    parallelism: int


@dataclass(frozen=True, slots=True)
class Settings:
    production: bool
    host: str
    port: int
    public_url: str
    web_url: str
    origins: tuple[str, ...]
    """Origins of browsers that may act by our cookies."""
    storage_url: str = field(repr=False)
    cache_url: str = field(repr=False)
    worker: bool
    jwt_keys: Mapping[str, bytes] = field(repr=False)
    encryption_keys: Mapping[str, bytes] = field(repr=False)
    password_min_length: int
    password_cost: PasswordCost
    verification_required: bool
    expose_access_token: bool
    access_token_ttl: timedelta
    session_idle_ttl: timedelta
    session_ttl: timedelta
    refresh_grace: timedelta
    state_ttl: timedelta
    reset_ttl: timedelta
    verify_ttl: timedelta
    lease_seconds: float
    rate_limit_scale: int
    trusted_proxies: tuple[Network, ...]
    smtp: SmtpLocation | None
    mail_from: str
    sandbox_url: str | None
    failpoints: Mapping[str, float | None]
    log_level: str
    log_format: str
    providers: Mapping[str, ProviderSettings]
    sign_in: SignInSettings | None

    @property
    def secure(self) -> bool:
        """Whether people reach us by https; decides how cookies look."""
        return self.public_url.startswith("https://")

    @property
    def alone(self) -> bool:
        """Whether the cache is in this process, which then must be the only one on its storage."""
        return self.cache_url.startswith("memory:")


def load(environment: Environment, *, slugs: tuple[str, ...], directory: Path, keep_keys: bool = True) -> Settings:
    """``slugs``: the providers that there are. ``keep_keys``: whether keys that a development installation makes for
    itself are written to ``directory``. Raises SettingsRefused."""
    production = environment.choice("APP_ENV", "development", ("development", "production")) == "production"
    port = environment.number("PORT", 8000, least=1, most=65535)
    public_url = _origin(environment, "PUBLIC_URL", f"http://localhost:{port}")
    web_url = _origin(environment, "WEB_URL", public_url)
    _check_addresses(public_url, web_url, production=production)
    storage_url = _storage_url(environment)
    cache_url = _cache_url(environment, storage_url)
    alone = cache_url.startswith("memory:")
    sandbox_url = _sandbox_url(environment, production=production)
    key_file = directory / "var" / "keys.json"
    jwt_keys, encryption_keys = keys(environment, key_file, production=production, keep=keep_keys)
    return Settings(
        production=production,
        host=environment.text("HOST", "127.0.0.1"),
        port=port,
        public_url=public_url,
        web_url=web_url,
        origins=_origins(environment, public_url, web_url, production=production),
        storage_url=storage_url,
        cache_url=cache_url,
        worker=environment.choice("WORKER", "embedded" if alone else "none", ("embedded", "none")) == "embedded",
        jwt_keys=jwt_keys,
        encryption_keys=encryption_keys,
        password_min_length=environment.number("PASSWORD_MIN_LENGTH", 12, least=8, most=128),
        password_cost=_password_cost(environment, production=production),
        verification_required=_verification_required(environment, production=production),
        expose_access_token=environment.flag("CREDENTIALS_EXPOSE_ACCESS_TOKEN", default=False),
        access_token_ttl=_access_token_ttl(environment),
        session_idle_ttl=_ttl(environment, "SESSION_IDLE_TTL_SECONDS", 7 * 86_400),
        session_ttl=_ttl(environment, "SESSION_TTL_SECONDS", 30 * 86_400),
        refresh_grace=_ttl(environment, "REFRESH_GRACE_SECONDS", 10),
        state_ttl=_ttl(environment, "OAUTH_STATE_TTL_SECONDS", 600),
        reset_ttl=_ttl(environment, "RESET_TTL_SECONDS", 3600),
        verify_ttl=_ttl(environment, "VERIFY_TTL_SECONDS", 86_400),
        lease_seconds=_ttl(environment, "LEASE_TTL_SECONDS", 30).total_seconds(),
        rate_limit_scale=_rate_limit_scale(environment, production=production),
        trusted_proxies=_trusted_proxies(environment),
        smtp=_smtp(environment, production=production),
        mail_from=_mail_from(environment, web_url),
        sandbox_url=sandbox_url,
        failpoints=_failpoints(environment, production=production),
        log_level=environment.choice("LOG_LEVEL", "info", ("debug", "info", "warning", "error")),
        log_format=environment.choice("LOG_FORMAT", "json" if production else "console", ("console", "json")),
        providers=_providers(environment, slugs, public_url, sandbox_url),
        sign_in=_sign_in(environment, web_url, sandbox_url, production=production),
    )


def _password_cost(environment: Environment, *, production: bool) -> PasswordCost:
    memory = environment.number("PASSWORD_MEMORY_KIB", 19_456, least=8, most=4_194_304)
    iterations = environment.number("PASSWORD_ITERATIONS", 2, least=1, most=100)
    strong = (memory >= 19_456 and iterations >= 2) or memory >= 47_104
    if production and not strong:
        raise SettingsRefused(
            "PASSWORD_MEMORY_KIB and PASSWORD_ITERATIONS are too cheap for production: 19456 and 2, or 47104 and 1."
        )
    parallelism = environment.number("PASSWORD_PARALLELISM", 1, least=1, most=16)
    if memory < 8 * parallelism:
        raise SettingsRefused("PASSWORD_MEMORY_KIB must be at least 8 times PASSWORD_PARALLELISM (RFC 9106).")
    return PasswordCost(memory, iterations, parallelism)


def _verification_required(environment: Environment, *, production: bool) -> bool:
    default = "required" if production else "off"
    return environment.choice("EMAIL_VERIFICATION", default, ("off", "required")) == "required"


def _rate_limit_scale(environment: Environment, *, production: bool) -> int:
    scale = environment.number("RATE_LIMIT_SCALE", 1, least=1, most=1_000_000)
    if production and scale > 1:
        raise SettingsRefused("RATE_LIMIT_SCALE is for load tests, not for production.")
    return scale


def _trusted_proxies(environment: Environment) -> tuple[Network, ...]:
    networks = []
    for text in (environment.get("TRUSTED_PROXIES") or "").split(","):
        if text.strip():
            try:
                networks.append(ip_network(text.strip()))
            except ValueError as error:
                raise SettingsRefused(f"TRUSTED_PROXIES has {text.strip()!r}; it takes 10.0.0.0/8,::1/128.") from error
    return tuple(networks)


def _smtp(environment: Environment, *, production: bool) -> SmtpLocation | None:
    url = environment.get("SMTP_URL", secret=True)
    if url is None:
        return None
    try:
        location = smtp_location(url)
    except ValueError as error:
        raise SettingsRefused(f"SMTP_URL: {error}") from None
    if production and location.tls == "none":
        raise SettingsRefused("SMTP_URL has tls=none; in production it is starttls or implicit.")
    return location


def _mail_from(environment: Environment, web_url: str) -> str:
    host = urlsplit(web_url).hostname or ""
    domain = "localhost" if re.fullmatch(r"[\d.]+|.*:.*", host) else host
    text = environment.text("MAIL_FROM", f"VectorShift <no-reply@{domain}>")
    try:
        mail_sender(text)
    except ValueError as error:
        raise SettingsRefused(f"MAIL_FROM: {error}") from error
    return text


def sandbox_port(environment: Environment) -> int:
    return environment.number("SANDBOX_PORT", 8100, least=1, most=65535)


def _origin(environment: Environment, name: str, default: str) -> str:
    text = environment.text(name, default).rstrip("/")
    _check_origin(name, text)
    return text


def _check_origin(name: str, text: str) -> None:
    if not _is_origin(text):
        raise SettingsRefused(f"{name} is {text!r}; it must be an origin such as https://app.example.com.")


def _is_origin(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return (
            parts.scheme in ("http", "https")
            and bool(parts.hostname)
            and parts.port != 0
            and text == f"{parts.scheme}://{parts.netloc}"
        )
    except ValueError:
        return False


def _check_addresses(public_url: str, web_url: str, *, production: bool) -> None:
    public, web = urlsplit(public_url), urlsplit(web_url)
    if public.scheme == "http" and (production or public.hostname not in _LOOPBACK):
        raise SettingsRefused(f"PUBLIC_URL is {public_url}; beyond this machine it must be https.")
    if public.scheme != web.scheme or _site(public.hostname or "") != _site(web.hostname or ""):
        raise SettingsRefused("WEB_URL and PUBLIC_URL must be the same site: cookies do not travel between sites.")


def _site(host: str) -> str:
    """The last two labels: without the public suffix list the best there is, and never too narrow for a real site."""
    return host if re.fullmatch(r"[\d.:]+", host) else ".".join(host.split(".")[-2:])


def _origins(environment: Environment, public_url: str, web_url: str, *, production: bool) -> tuple[str, ...]:
    default = web_url if production else f"{web_url},http://localhost:3000"
    named = [
        origin.strip().rstrip("/") for origin in environment.text("CORS_ORIGINS", default).split(",") if origin.strip()
    ]
    for origin in named:
        _check_origin("CORS_ORIGINS", origin)
    return tuple(dict.fromkeys([web_url, public_url, *named]))


def _storage_url(environment: Environment) -> str:
    host = environment.get("CASSANDRA_HOST")
    if host is None:
        url = environment.get("STORAGE_URL", secret=True) or environment.text(
            "STORAGE_URL", "sqlite:///var/vectorshift.db"
        )
    else:
        user, password = environment.get("CASSANDRA_USER"), environment.get("CASSANDRA_PASSWORD", secret=True)
        login = f"{quote(user, safe='')}:{quote(password or '', safe='')}@" if user else ""
        port = environment.number("CASSANDRA_PORT", 9042, least=1, most=65535)
        hosts = ",".join(f"{name.strip()}:{port}" for name in host.split(","))
        keyspace = environment.text("CASSANDRA_KEYSPACE", "vectorshift")
        url = environment.get("STORAGE_URL", secret=True) or f"cassandra://{login}{hosts}/{keyspace}"
    return url


def _cache_url(environment: Environment, storage_url: str) -> str:
    if url := environment.get("CACHE_URL", secret=True) or environment.get("REDIS_URL", secret=True):
        return url
    if host := environment.get("REDIS_HOST"):
        password = environment.get("REDIS_PASSWORD", secret=True)
        login = f":{quote(password, safe='')}@" if password else ""
        port = environment.number("REDIS_PORT", 6379, least=1, most=65535)
        return f"redis://{login}{host}:{port}/{environment.number('REDIS_DB', 0, least=0, most=1_000_000)}"
    default = "redis://localhost:6379/0" if storage_url.startswith("cassandra:") else "memory://"
    return environment.text("CACHE_URL", default)


def _ttl(environment: Environment, name: str, most: int) -> timedelta:
    return timedelta(seconds=environment.number(name, most, least=1, most=most))


def _access_token_ttl(environment: Environment) -> timedelta:
    longest = 15 * 60
    if minutes := environment.get("ACCESS_TOKEN_EXPIRE_MINUTES"):
        if not minutes.isdecimal() or int(minutes) < 1:
            raise SettingsRefused("ACCESS_TOKEN_EXPIRE_MINUTES must be a whole number of minutes.")
        longest = min(int(minutes) * 60, longest)
    return _ttl(environment, "ACCESS_TOKEN_TTL_SECONDS", longest)


def _sandbox_url(environment: Environment, *, production: bool) -> str | None:
    url = environment.get("SANDBOX_URL")
    if url is None:
        return None
    if production:
        raise SettingsRefused("SANDBOX_URL is set: the sandbox is not for production.")
    _check_origin("SANDBOX_URL", url.rstrip("/"))
    return url.rstrip("/")


def _failpoints(environment: Environment, *, production: bool) -> Mapping[str, float | None]:
    text = environment.get("FAILPOINTS")
    if text is None:
        return {}
    if production:
        raise SettingsRefused("FAILPOINTS is set: failpoints are not for production.")
    actions: dict[str, float | None] = {}
    for entry in text.split(","):
        name, _, action = entry.strip().partition("=")
        match = re.fullmatch(r"exit|sleep:(\d+(?:\.\d+)?)", action)
        if name not in FAILPOINT_NAMES or match is None:
            raise SettingsRefused(f"FAILPOINTS has {entry.strip()!r}; it takes name=exit or name=sleep:SECONDS.")
        actions[name] = float(match[1]) if match[1] else None
    return actions


def _providers(
    environment: Environment, slugs: tuple[str, ...], public_url: str, sandbox_url: str | None
) -> Mapping[str, ProviderSettings]:
    found = {}
    for slug in slugs:
        prefix = slug.upper()
        redirect_uri = _redirect_uri(environment, slug, slugs, public_url)
        client_id = environment.get(f"{prefix}_CLIENT_ID")
        client_secret = environment.get(f"{prefix}_CLIENT_SECRET", secret=True)
        if client_id and client_secret:
            found[slug] = ProviderSettings(client_id, client_secret, redirect_uri, None)
        elif sandbox_url:
            base_url = f"{sandbox_url}/{slug}"
            # The setting is about an app at the real provider.
            played_at = f"{public_url}{callback_path(slug)}"
            found[slug] = ProviderSettings(f"sandbox-{slug}", _SANDBOX_SECRET, played_at, base_url)
    redirect_uris = [one.redirect_uri for one in found.values()]
    if len(set(redirect_uris)) < len(redirect_uris):
        raise SettingsRefused("Two providers have the same redirect URI: nobody could tell who has sent a person back.")
    return found


def _redirect_uri(environment: Environment, slug: str, slugs: tuple[str, ...], public_url: str) -> str:
    name = f"{slug.upper()}_REDIRECT_URI"
    given = environment.get(name) or f"{public_url}{callback_path(slug)}"
    path = re.fullmatch(rf"{re.escape(public_url)}((?:/[A-Za-z0-9][\w.-]*)*/[\w-]*callback)", given, re.ASCII)
    # Those of the web UI and of signing in end like that too.
    if path is None or path[1].startswith(("/app/", "/auth/")):
        raise SettingsRefused(
            f"{name} must begin with PUBLIC_URL ({public_url}) and have a path that ends in callback."
        )
    if given in (f"{public_url}{callback_path(other)}" for other in slugs if other != slug):
        raise SettingsRefused(f"{name} is another provider's.")
    return given


def _sign_in(
    environment: Environment, web_url: str, sandbox_url: str | None, *, production: bool
) -> SignInSettings | None:
    redirect_uri = environment.get("GOOGLE_REDIRECT_URI") or f"{web_url}/app/google-callback"
    if not redirect_uri.startswith(f"{web_url}/"):
        raise SettingsRefused(f"GOOGLE_REDIRECT_URI must begin with WEB_URL ({web_url}).")
    discovery_url = environment.text("GOOGLE_DISCOVERY_URL", _GOOGLE_DISCOVERY_URL)
    if not discovery_url.endswith(_DISCOVERY_PATH) or (production and not discovery_url.startswith("https://")):
        raise SettingsRefused(f"GOOGLE_DISCOVERY_URL must be https and end with {_DISCOVERY_PATH}.")
    client_id = environment.get("GOOGLE_CLIENT_ID")
    client_secret = environment.get("GOOGLE_CLIENT_SECRET", secret=True)
    if client_id and client_secret:
        is_google = discovery_url == _GOOGLE_DISCOVERY_URL
        return SignInSettings(client_id, client_secret, redirect_uri, discovery_url, is_google, played=False)
    if sandbox_url is None:
        return None
    discovery_url = f"{sandbox_url}/google{_DISCOVERY_PATH}"
    return SignInSettings(
        "sandbox-google", _SANDBOX_SECRET, redirect_uri, discovery_url, keeps_mailboxes=True, played=True
    )
