"""OAuth 2.0 as a client (RFC 6749, RFC 7636, RFC 9207), the same code for every provider."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import msgspec
import structlog
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from adapters.outbound.bounded_http import HttpAnswer
from adapters.outbound.provider_clients import ProviderClients
from adapters.outbound.provider_http import ProviderHttp
from adapters.outbound.providers._declaration import ClientAuth, ProviderRequest, TokenAnswer, Verdict
from application.ports.clock import Clock
from application.ports.grants import Grants
from domain.connection import Account
from domain.credential import Grant, Tokens
from domain.errors import ClientRefused, GrantRefused, ProviderUnavailable
from domain.secret import Secret

_LONGEST_TOKEN = 16_384
_LONGEST_ACCOUNT_ID, _LONGEST_ACCOUNT_NAME = 255, 200
_MOST_SCOPES, _LONGEST_SCOPE = 200, 200
_LONGEST_LIFE_SECONDS = 10 * 365 * 86_400
_log = structlog.get_logger("oauth2")


class _Nonsense(Exception):
    """The token endpoint said yes, but not what a client could use."""


class OAuth2(Grants):
    def __init__(self, http: ProviderHttp, providers: ProviderClients, clock: Clock) -> None:
        self._http, self._providers, self._clock = http, providers, clock

    def authorization_url(self, provider: str, *, state: str, verifier: str) -> str:
        declared, registered = self._providers.declaration(provider), self._providers.registration(provider)
        pkce = {"code_challenge": create_s256_code_challenge(verifier), "code_challenge_method": "S256"}
        url: str = prepare_grant_uri(
            self._providers.address(provider, declared.authorize_url),
            registered.client.id,
            "code",
            redirect_uri=registered.redirect_uri,
            scope=declared.scope_separator.join(declared.scopes),
            state=state,
            **declared.authorize_params,
            **(pkce if declared.pkce else {}),
        )
        return url

    def check_issuer(self, provider: str, issuer: str | None) -> None:
        if issuer is not None and issuer != self._providers.declaration(provider).issuer:
            raise GrantRefused("The answer names another issuer.")

    async def exchange(self, provider: str, *, code: str, verifier: str) -> Grant:
        declared, registered = self._providers.declaration(provider), self._providers.registration(provider)
        proof = {"code_verifier": verifier} if declared.pkce else {}
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": registered.redirect_uri} | proof
        try:
            tokens, answer = await self._tokens(provider, form, urgent=True)
        except _Nonsense as error:
            raise GrantRefused(str(error)) from error
        if declared.account_request:
            request = declared.account_request(registered.client, tokens.access.reveal())
            answer = await self._http.send(provider, request, urgent=True)
        try:
            if declared.judge(answer.status, answer.body) is not Verdict.GOOD:
                raise GrantRefused("The provider does not say whose account this is.")
            return Grant(tokens, _plausible(declared.read_account(answer.body)))
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise GrantRefused("The provider does not say whose account this is.") from error

    async def refresh(self, provider: str, refresh_token: Secret) -> Tokens:
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token.reveal()}
        try:
            renewed, _ = await self._tokens(provider, form)
        except _Nonsense as error:
            # No verdict on the grant: it may well be alive.
            raise ProviderUnavailable(str(error), retry_after=30) from error
        return renewed if renewed.refresh else Tokens(renewed.access, refresh_token, renewed.expires_at, renewed.scopes)

    async def revoke(self, provider: str, tokens: Tokens) -> bool:
        declared, registered = self._providers.declaration(provider), self._providers.registration(provider)
        refresh = tokens.refresh.reveal() if tokens.refresh else None
        ask = declared.revoke_request
        request = ask(registered.client, tokens.access.reveal(), refresh) if ask else None
        if request is None:
            return True
        answer = await self._http.send(provider, request)
        verdict = declared.judge(answer.status, answer.body)
        if self._says(declared.token_errors.client, provider, _object(answer)):
            raise self._client_refused(provider)
        if verdict is Verdict.THROTTLED:
            raise self._http.throttled(provider, answer)
        if verdict is Verdict.LATER:
            raise self._http.away(provider, answer)
        if declared.revokes_by_bearer:
            return verdict is not Verdict.ACCESS_REFUSED
        # That refuses our client (RFC 6749 section 5.2), and the grant lives on; any other no means that it is gone.
        if answer.status == 401:
            raise self._client_refused(provider)
        if answer.status in (400, 403):
            _log.warning("revocation refused", provider=provider, status=answer.status)
        return True

    async def _tokens(
        self, provider: str, fields: Mapping[str, str], *, urgent: bool = False
    ) -> tuple[Tokens, HttpAnswer]:
        declared, client = self._providers.declaration(provider), self._providers.registration(provider).client
        headers = {"Accept": "application/json", **declared.token_headers}
        if declared.client_auth is ClientAuth.BODY:
            fields = {**fields, "client_id": client.id, "client_secret": client.secret}
        else:
            headers["Authorization"] = "Basic " + client.basic()
        form, json = (None, fields) if declared.token_json else (fields, None)
        request = ProviderRequest("POST", declared.token_url, form=form, json=json, headers=headers)
        answer = await self._http.send(provider, request, urgent=urgent)
        body = _object(answer)
        if declared.is_token_answer(answer.status, body):
            return _believed(declared.read_tokens(body), self._clock.now()), answer
        if self._says(declared.token_errors.dead, provider, body):
            raise GrantRefused("The provider does not accept the grant.")
        if self._says(declared.token_errors.client, provider, body):
            raise self._client_refused(provider)
        # Anything else, an error page for example, is no verdict on this person's grant.
        raise ProviderUnavailable(f"{provider}: token endpoint answered {answer.status}", retry_after=30)

    def _says(self, words: tuple[str, ...], provider: str, body: Mapping[str, object]) -> bool:
        # Compared one by one: what stands there may be anything that JSON can say.
        return any(body.get(name) in words for name in self._providers.declaration(provider).token_errors.fields)

    def _client_refused(self, provider: str) -> ClientRefused:
        _log.error("the provider does not accept our client id and secret", provider=provider)
        return ClientRefused(f"{provider}: our client is refused", retry_after=300)


def _object(answer: HttpAnswer) -> Mapping[str, object]:
    try:
        body = msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        body = None
    return body if isinstance(body, dict) else {}


def _plausible(account: Account) -> Account:
    """Raises ValueError for an id that no store could keep as a key."""
    if not 0 < len(account.id) <= _LONGEST_ACCOUNT_ID or not account.id.isprintable():
        raise ValueError("not an account's id")
    return replace(account, name=account.name[:_LONGEST_ACCOUNT_NAME])


def _believed(answer: TokenAnswer, now: datetime) -> Tokens:
    """Raises _Nonsense for anything that is not a bearer token with a plausible life."""
    if not isinstance(answer.token_type, str) or answer.token_type.lower() != "bearer":
        raise _Nonsense("The provider's answer is not a bearer token.")
    access = _token(answer.access_token)
    refresh = None if answer.refresh_token is None else _token(answer.refresh_token)
    scopes = tuple(scope[:_LONGEST_SCOPE] for scope in answer.scopes[:_MOST_SCOPES])
    return Tokens(access, refresh, _expiry(answer.expires_in, now), scopes)


def _token(value: object) -> Secret:
    if (
        not isinstance(value, str)
        or not 0 < len(value) <= _LONGEST_TOKEN
        or not value.isascii()
        or not value.isprintable()
    ):
        raise _Nonsense("The provider's answer has no usable token.")
    return Secret(value)


def _expiry(value: object, now: datetime) -> datetime | None:
    if value is None:
        return None
    seconds = int(value) if isinstance(value, str) and value.isdecimal() and len(value) < 12 else value
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 1 <= seconds <= _LONGEST_LIFE_SECONDS:
        raise _Nonsense("The provider's answer has no plausible lifetime.")
    return now + timedelta(seconds=int(seconds))
