"""Who gets what. Nothing is opened here."""

from dependency_injector import containers, providers
from httpx import AsyncClient

from adapters.inbound.worker import ROLE, Worker
from adapters.outbound.aes_vault import AesVault
from adapters.outbound.argon2_passwords import Argon2Passwords
from adapters.outbound.environment_failpoints import EnvironmentFailpoints
from adapters.outbound.jwt_tokens import JwtTokens
from adapters.outbound.oauth2 import OAuth2
from adapters.outbound.provider_clients import ProviderClients, Registration
from adapters.outbound.provider_http import ProviderHttp
from adapters.outbound.providers import declarations
from adapters.outbound.providers._declaration import Client
from adapters.outbound.system_clock import SystemClock
from adapters.outbound.system_entropy import SystemEntropy
from application.access_tokens import AccessTokens
from application.amend_connection import AmendConnection
from application.authenticate import Authenticate
from application.cancel_run import CancelRun
from application.check_readiness import CheckReadiness
from application.choose_connection import ChooseConnection
from application.commit_page import CommitPage
from application.describe_connection import DescribeConnection
from application.disconnect import Disconnect
from application.end_connection import EndConnection
from application.finish_connection import FinishConnection
from application.finish_disconnection import FinishDisconnection
from application.hold_lease import HoldLease
from application.list_integrations import ListIntegrations
from application.list_items import ListItems
from application.load_items import LoadItems
from application.log_in import LogIn
from application.log_out import LogOut
from application.log_out_everywhere import LogOutEverywhere
from application.open_session import OpenSession
from application.ports.cache import Cache
from application.ports.storage import Storage
from application.presented_session import PresentedSession
from application.promise_revocation import PromiseRevocation
from application.read_ahead import ReadAhead
from application.register import Register
from application.renew_session import RenewSession
from application.request_sync import RequestSync
from application.run_sync import RunSync
from application.seal_tokens import SealTokens
from application.show_account import ShowAccount
from application.show_credentials import ShowCredentials
from application.show_item import ShowItem
from application.show_run import ShowRun
from application.show_status import ShowStatus
from application.start_connection import StartConnection
from application.start_sync import StartSync
from application.stop_run import StopRun
from bootstrap.settings import Settings
from domain.effect import EffectKind
from domain.session import SessionLifetime

Singleton = providers.Singleton


def _registrations(settings: Settings) -> dict[str, Registration]:
    return {
        slug: Registration(Client(one.client_id, one.client_secret), one.redirect_uri, one.base_url)
        for slug, one in settings.providers.items()
    }


class Container(containers.DeclarativeContainer):
    """``settings`` is given, ``storage``, ``cache`` and ``http_client`` are opened by ``resources``; the rest is made
    of them. Nothing here keeps the state of a request, so one of each is enough."""

    settings = providers.Dependency(instance_of=Settings)
    storage: providers.Dependency[Storage] = providers.Dependency()
    cache: providers.Dependency[Cache] = providers.Dependency()
    http_client: providers.Dependency[AsyncClient] = providers.Dependency()

    clock = Singleton(SystemClock)
    entropy = Singleton(SystemEntropy)
    passwords = Singleton(Argon2Passwords)
    failpoints = Singleton(EnvironmentFailpoints, settings.provided.failpoints)
    vault = Singleton(AesVault, settings.provided.encryption_keys)
    tokens = Singleton(
        JwtTokens,
        settings.provided.jwt_keys,
        issuer=settings.provided.public_url,
        ttl=settings.provided.access_token_ttl,
        clock=clock,
        entropy=entropy,
    )
    lifetime = Singleton(
        SessionLifetime,
        idle=settings.provided.session_idle_ttl,
        absolute=settings.provided.session_ttl,
        grace=settings.provided.refresh_grace,
    )
    provider_clients = Singleton(ProviderClients, Singleton(declarations), Singleton(_registrations, settings))
    provider_http = Singleton(ProviderHttp, http_client, provider_clients, clock)
    grants = Singleton(OAuth2, provider_http, provider_clients, clock)

    users, profiles = storage.provided.users, storage.provided.profiles
    sessions, connections = storage.provided.sessions, storage.provided.connections
    credentials, items = storage.provided.credentials, storage.provided.items
    changes, sync_states = storage.provided.changes, storage.provided.sync_states
    runs, outbox = storage.provided.runs, storage.provided.outbox
    authorizations, leases = cache.provided.authorizations, cache.provided.leases
    jobs, presence = cache.provided.jobs, cache.provided.presence

    register = Singleton(Register, users, profiles, passwords, entropy, clock, settings.provided.password_min_length)
    open_session = Singleton(OpenSession, sessions, tokens, entropy, clock, lifetime)
    log_in = Singleton(LogIn, users, passwords, open_session)
    renew_session = Singleton(RenewSession, sessions, tokens, clock, lifetime)
    presented_session = Singleton(PresentedSession, sessions, tokens, clock, lifetime)
    log_out = Singleton(LogOut, presented_session, sessions)
    log_out_everywhere = Singleton(LogOutEverywhere, presented_session, sessions)
    authenticate = Singleton(Authenticate, sessions, tokens, clock, lifetime)
    show_account = Singleton(ShowAccount, users, profiles)
    check_readiness = Singleton(CheckReadiness, storage, cache, ROLE)

    choose_connection = Singleton(ChooseConnection, connections, provider_clients)
    amend_connection = Singleton(AmendConnection, connections)
    describe_connection = Singleton(DescribeConnection, runs, sync_states)
    seal_tokens = Singleton(SealTokens, vault, entropy, clock)
    promise_revocation = Singleton(PromiseRevocation, outbox, jobs, entropy)
    access_tokens = Singleton(
        AccessTokens,
        credentials,
        seal_tokens,
        grants,
        amend_connection,
        promise_revocation,
        entropy,
        clock,
        failpoints,
    )
    stop_run = Singleton(StopRun, runs, sync_states, clock)
    request_sync = Singleton(RequestSync, runs, stop_run, outbox, jobs, entropy, clock)
    end_connection = Singleton(EndConnection, credentials, runs, stop_run, amend_connection)

    hold_lease = Singleton(HoldLease, leases, entropy, settings.provided.lease_seconds)

    list_integrations = Singleton(ListIntegrations, provider_clients, connections, describe_connection)
    start_connection = Singleton(
        StartConnection, provider_clients, authorizations, grants, vault, entropy, clock, settings.provided.state_ttl
    )
    finish_connection = Singleton(
        FinishConnection,
        providers=provider_clients,
        authorizations=authorizations,
        tokens=tokens,
        vault=vault,
        sessions=sessions,
        lifetime=lifetime,
        grants=grants,
        connections=connections,
        credentials=credentials,
        seal_tokens=seal_tokens,
        request_sync=request_sync,
        hold_lease=hold_lease,
        entropy=entropy,
        clock=clock,
        failpoints=failpoints,
    )
    show_credentials = Singleton(ShowCredentials, choose_connection, credentials, access_tokens)
    show_status = Singleton(ShowStatus, choose_connection, describe_connection)
    start_sync = Singleton(StartSync, choose_connection, provider_clients, request_sync)
    show_run = Singleton(ShowRun, runs, sync_states)
    cancel_run = Singleton(CancelRun, show_run, stop_run)
    disconnect = Singleton(Disconnect, choose_connection, credentials, promise_revocation, end_connection, clock)
    list_items = Singleton(ListItems, connections, provider_clients, items, sync_states, vault)
    show_item = Singleton(ShowItem, connections, items)
    load_items = Singleton(
        LoadItems, choose_connection, provider_clients, describe_connection, request_sync, list_items
    )

    run_sync = Singleton(
        RunSync,
        runs=runs,
        connections=connections,
        providers=provider_clients,
        sync_states=sync_states,
        hold_lease=hold_lease,
        commit_page=Singleton(CommitPage, items, changes, sync_states, clock, failpoints),
        read_ahead=Singleton(ReadAhead, provider_http, access_tokens),
        amend_connection=amend_connection,
        clock=clock,
    )
    finish_disconnection = Singleton(
        FinishDisconnection, hold_lease, end_connection, credentials, seal_tokens, grants, clock
    )
    worker = Singleton(
        Worker,
        handlers=providers.Dict({EffectKind.SYNC: run_sync, EffectKind.DISCONNECT: finish_disconnection}),
        outbox=outbox,
        jobs=jobs,
        presence=presence,
        clock=clock,
    )
