"""Who gets what. Nothing is opened here."""

from dependency_injector import containers, providers
from httpx import AsyncClient

from adapters.inbound.worker import ROLE, Worker
from adapters.outbound.aes_vault import AesVault
from adapters.outbound.argon2_passwords import Argon2Passwords
from adapters.outbound.circuit_breaker import CacheBreaker
from adapters.outbound.environment_failpoints import EnvironmentFailpoints
from adapters.outbound.fallback_guesses import FallbackGuesses
from adapters.outbound.fallback_rate_limits import FallbackRateLimits
from adapters.outbound.jwt_tokens import JwtTokens
from adapters.outbound.mail.console_mailer import ConsoleMailer
from adapters.outbound.mail.message import MessageRenderer
from adapters.outbound.mail.sandbox_mailer import SandboxMailer
from adapters.outbound.mail.smtp_mailer import SmtpMailer
from adapters.outbound.memory.guesses import MemoryGuesses
from adapters.outbound.memory.rate_limits import MemoryRateLimits
from adapters.outbound.oauth2 import OAuth2
from adapters.outbound.oidc_identity import OidcClient, OidcIdentity
from adapters.outbound.provider_budgets import ProviderBudgets
from adapters.outbound.provider_clients import ProviderClients, Registration
from adapters.outbound.provider_http import ProviderHttp
from adapters.outbound.provider_pages import ProviderPages
from adapters.outbound.providers import declarations
from adapters.outbound.providers._declaration import Client
from adapters.outbound.shipped_common_passwords import ShippedCommonPasswords
from adapters.outbound.structlog_audit_log import StructlogAuditLog
from adapters.outbound.system_clock import SystemClock
from adapters.outbound.system_entropy import SystemEntropy
from adapters.outbound.traced_outbox import TracedOutbox
from application.access_tokens import AccessTokens
from application.amend_connection import AmendConnection
from application.authenticate import Authenticate
from application.break_connection import BreakConnection
from application.cancel_run import CancelRun
from application.change_credentials import ChangeCredentials
from application.change_password import ChangePassword
from application.change_profile import ChangeProfile
from application.check_password import CheckPassword
from application.check_readiness import CheckReadiness
from application.choose_connection import ChooseConnection
from application.commit_page import CommitPage
from application.create_user import CreateUser
from application.delete_account import DeleteAccount
from application.describe_connection import DescribeConnection
from application.disconnect import Disconnect
from application.enable_user import EnableUser
from application.end_connection import EndConnection
from application.erase_account import EraseAccount
from application.finish_connection import FinishConnection
from application.finish_disconnection import FinishDisconnection
from application.finish_sign_in import FinishSignIn
from application.hold_lease import HoldLease
from application.keep_alive import KeepAlive
from application.limit_calls import LimitCalls
from application.limit_guesses import LimitGuesses
from application.link_identity import LinkIdentity
from application.list_connections import ListConnections
from application.list_events import ListEvents
from application.list_integrations import ListIntegrations
from application.list_items import ListItems
from application.list_sessions import ListSessions
from application.list_users import ListUsers
from application.load_items import LoadItems
from application.log_in import LogIn
from application.log_out import LogOut
from application.log_out_everywhere import LogOutEverywhere
from application.mail_farewell import MailFarewell
from application.mail_notice import MailNotice
from application.mail_registration import MailRegistration
from application.mail_reset import MailReset
from application.mail_verification import MailVerification
from application.new_connection import NewConnection
from application.open_session import OpenSession
from application.pause_renewals import PauseRenewals
from application.ports.cache import Cache
from application.ports.mailer import Mailer
from application.ports.storage import Storage
from application.presented_session import PresentedSession
from application.promise import Promise
from application.promise_mail import PromiseMail
from application.promise_revocation import PromiseRevocation
from application.purge_connection import PurgeConnection
from application.read_ahead import ReadAhead
from application.read_source import ReadSource
from application.read_stream import ReadStream
from application.record_event import RecordEvent
from application.register import Register
from application.remove_connection import RemoveConnection
from application.renew_grant import RenewGrant
from application.renew_session import RenewSession
from application.request_password_reset import RequestPasswordReset
from application.request_sync import RequestSync
from application.resend_verification import ResendVerification
from application.reset_password import ResetPassword
from application.return_grant import ReturnGrant
from application.revoke_session import RevokeSession
from application.run_sync import RunSync
from application.seal_cursor import SealCursor
from application.seal_mail import SealMail
from application.seal_tokens import SealTokens
from application.send_mail import SendMail
from application.share_grant import ShareGrant
from application.show_account import ShowAccount
from application.show_connection import ShowConnection
from application.show_credentials import ShowCredentials
from application.show_item import ShowItem
from application.show_run import ShowRun
from application.show_status import ShowStatus
from application.shut_account import ShutAccount
from application.sign_in_by_identity import SignInByIdentity
from application.start_connection import StartConnection
from application.start_sign_in import StartSignIn
from application.start_sync import StartSync
from application.stop_run import StopRun
from application.store_grant import StoreGrant
from application.unlink_identity import UnlinkIdentity
from application.verify_email import VerifyEmail
from bootstrap.settings import Settings
from domain.effect import EffectKind
from domain.session import SessionLifetime

Singleton = providers.Singleton


def _registrations(settings: Settings) -> dict[str, Registration]:
    return {
        slug: Registration(Client(one.client_id, one.client_secret), one.redirect_uri, one.base_url)
        for slug, one in settings.providers.items()
    }


def _mailer(settings: Settings, client: AsyncClient) -> Mailer:
    """Where mail goes: to a mail server, else to the sandbox's mailbox, else to the console."""
    renderer = MessageRenderer(sender=settings.mail_from, web_url=settings.web_url)
    if settings.smtp is not None:
        return SmtpMailer(settings.smtp, renderer)
    return SandboxMailer(client, settings.sandbox_url, renderer) if settings.sandbox_url else ConsoleMailer(renderer)


def _oidc_client(settings: Settings) -> OidcClient | None:
    one = settings.sign_in
    if one is None:
        return None
    return OidcClient(one.client_id, one.client_secret, one.redirect_uri, one.discovery_url, one.keeps_mailboxes)


class Container(containers.DeclarativeContainer):
    """``settings`` is given, ``storage``, ``cache`` and ``http_client`` are opened by ``resources``; the rest is made
    of them. Nothing here keeps the state of a request, so one of each is enough."""

    settings = providers.Dependency(instance_of=Settings)
    storage: providers.Dependency[Storage] = providers.Dependency()
    cache: providers.Dependency[Cache] = providers.Dependency()
    http_client: providers.Dependency[AsyncClient] = providers.Dependency()

    clock = Singleton(SystemClock)
    entropy = Singleton(SystemEntropy)
    passwords = Singleton(
        Argon2Passwords,
        memory_kib=settings.provided.password_cost.memory_kib,
        iterations=settings.provided.password_cost.iterations,
        parallelism=settings.provided.password_cost.parallelism,
    )
    common_passwords = Singleton(ShippedCommonPasswords)
    audit_log = Singleton(StructlogAuditLog)
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

    identity_provider = Singleton(OidcIdentity, http_client, Singleton(_oidc_client, settings), clock)
    mailer = Singleton(_mailer, settings, http_client)

    users, profiles = storage.provided.users, storage.provided.profiles
    sessions, connections = storage.provided.sessions, storage.provided.connections
    credentials, items = storage.provided.credentials, storage.provided.items
    shared_grants = storage.provided.shared_grants
    changes, sync_states = storage.provided.changes, storage.provided.sync_states
    runs = storage.provided.runs
    outbox = Singleton(TracedOutbox, storage.provided.outbox)
    registrations, password_resets = storage.provided.registrations, storage.provided.password_resets
    security_events, identities = storage.provided.security_events, storage.provided.identities
    authorizations, leases = cache.provided.authorizations, cache.provided.leases
    sign_ins = cache.provided.sign_ins
    jobs, presence = cache.provided.jobs, cache.provided.presence
    breaker = Singleton(CacheBreaker)
    rate_limits = Singleton(FallbackRateLimits, cache.provided.rate_limits, Singleton(MemoryRateLimits, clock), breaker)
    guesses = Singleton(FallbackGuesses, cache.provided.guesses, Singleton(MemoryGuesses, clock), breaker)

    provider_pages = Singleton(ProviderPages, provider_http, provider_clients, Singleton(ProviderBudgets, rate_limits))

    limit_calls = Singleton(LimitCalls, rate_limits, settings.provided.rate_limit_scale)
    limit_guesses = Singleton(LimitGuesses, guesses, settings.provided.rate_limit_scale)
    record_event = Singleton(RecordEvent, security_events, audit_log, entropy, clock)
    promise = Singleton(Promise, outbox, jobs)
    seal_mail = Singleton(SealMail, vault)
    seal_cursor = Singleton(SealCursor, vault)
    promise_mail = Singleton(PromiseMail, promise, seal_mail, entropy, clock)
    check_password = Singleton(CheckPassword, common_passwords, settings.provided.password_min_length)
    open_session = Singleton(OpenSession, users, sessions, tokens, entropy, clock, lifetime)
    presented_session = Singleton(PresentedSession, sessions, tokens, clock, lifetime)

    choose_connection = Singleton(ChooseConnection, connections, provider_clients)
    amend_connection = Singleton(AmendConnection, connections)
    describe_connection = Singleton(DescribeConnection, provider_clients, runs, sync_states)
    seal_tokens = Singleton(SealTokens, vault, entropy, clock)
    promise_revocation = Singleton(PromiseRevocation, promise, entropy)
    stop_run = Singleton(StopRun, runs, sync_states, clock)
    end_connection = Singleton(EndConnection, credentials, runs, stop_run, amend_connection)
    remove_connection = Singleton(
        RemoveConnection, connections, credentials, promise_revocation, end_connection, promise, entropy, clock
    )
    change_credentials = Singleton(
        ChangeCredentials, users, sessions, identities, connections, registrations, remove_connection
    )

    register = Singleton(
        Register,
        users,
        profiles,
        passwords,
        check_password,
        limit_calls,
        promise_mail,
        record_event,
        entropy,
        clock,
        settings.provided.verification_required,
    )
    verify_email = Singleton(
        VerifyEmail,
        users,
        profiles,
        registrations,
        passwords,
        change_credentials,
        open_session,
        limit_calls,
        limit_guesses,
        record_event,
        entropy,
        clock,
    )
    resend_verification = Singleton(ResendVerification, limit_calls, promise_mail)
    log_in = Singleton(
        LogIn,
        users,
        passwords,
        open_session,
        limit_calls,
        limit_guesses,
        record_event,
        settings.provided.verification_required,
    )
    renew_session = Singleton(RenewSession, sessions, tokens, clock, lifetime, limit_calls, promise_mail, record_event)
    log_out = Singleton(LogOut, presented_session, sessions, record_event)
    log_out_everywhere = Singleton(LogOutEverywhere, presented_session, sessions, record_event)
    list_sessions = Singleton(ListSessions, sessions, clock, lifetime)
    revoke_session = Singleton(RevokeSession, sessions, record_event, clock, lifetime)
    request_password_reset = Singleton(RequestPasswordReset, limit_calls, promise_mail)
    reset_password = Singleton(
        ResetPassword,
        users,
        password_resets,
        passwords,
        check_password,
        change_credentials,
        limit_calls,
        limit_guesses,
        promise_mail,
        record_event,
        clock,
    )
    change_password = Singleton(
        ChangePassword,
        users,
        passwords,
        check_password,
        change_credentials,
        open_session,
        limit_calls,
        promise_mail,
        record_event,
        clock,
    )
    change_profile = Singleton(ChangeProfile, users, profiles, clock)
    list_events = Singleton(ListEvents, security_events, seal_cursor)
    start_sign_in = Singleton(
        StartSignIn,
        identity_provider,
        sign_ins,
        vault,
        entropy,
        clock,
        limit_calls,
        settings.provided.state_ttl,
    )
    link_identity = Singleton(LinkIdentity, users, identities, sessions, change_credentials, promise_mail, clock)
    sign_in_by_identity = Singleton(
        SignInByIdentity,
        users,
        profiles,
        identities,
        change_credentials,
        record_event,
        entropy,
        clock,
        settings.provided.verification_required,
    )
    finish_sign_in = Singleton(
        FinishSignIn,
        sign_ins,
        identity_provider,
        sign_in_by_identity,
        link_identity,
        users,
        sessions,
        tokens,
        lifetime,
        open_session,
        record_event,
        vault,
        clock,
    )
    unlink_identity = Singleton(
        UnlinkIdentity,
        users,
        identities,
        sessions,
        change_credentials,
        open_session,
        promise_mail,
        record_event,
        clock,
    )
    shut_account = Singleton(ShutAccount, users, sessions)
    delete_account = Singleton(
        DeleteAccount,
        users,
        sessions,
        passwords,
        shut_account,
        promise,
        seal_mail,
        limit_calls,
        record_event,
        clock,
    )
    create_user = Singleton(CreateUser, users, profiles, passwords, check_password, entropy, clock)
    list_users = Singleton(ListUsers, users)
    enable_user = Singleton(EnableUser, users, change_credentials, clock)
    authenticate = Singleton(Authenticate, sessions, tokens, clock, lifetime)
    show_account = Singleton(ShowAccount, users, profiles)
    check_readiness = Singleton(CheckReadiness, storage, cache, ROLE)

    share_grant = Singleton(ShareGrant, provider_clients, shared_grants, credentials, seal_tokens)
    break_connection = Singleton(
        BreakConnection, provider_clients, connections, credentials, amend_connection, promise_mail, record_event, clock
    )
    renew_grant = Singleton(
        RenewGrant,
        connections,
        credentials,
        shared_grants,
        share_grant,
        seal_tokens,
        grants,
        Singleton(PauseRenewals, clock),
        break_connection,
        promise_revocation,
        entropy,
        clock,
        failpoints,
    )
    access_tokens = Singleton(AccessTokens, credentials, seal_tokens, renew_grant, break_connection, clock)
    keep_alive = Singleton(
        KeepAlive, provider_clients, connections, credentials, seal_tokens, access_tokens, promise, entropy, clock
    )
    request_sync = Singleton(RequestSync, runs, stop_run, outbox, jobs, entropy, clock)

    hold_lease = Singleton(HoldLease, leases, entropy, settings.provided.lease_seconds)

    list_connections = Singleton(ListConnections, connections, describe_connection)
    show_connection = Singleton(ShowConnection, connections, describe_connection)
    list_integrations = Singleton(ListIntegrations, provider_clients, list_connections)
    start_connection = Singleton(
        StartConnection,
        provider_clients,
        authorizations,
        grants,
        vault,
        entropy,
        clock,
        limit_calls,
        settings.provided.state_ttl,
    )
    new_connection = Singleton(NewConnection, entropy, clock)
    finish_connection = Singleton(
        FinishConnection,
        providers=provider_clients,
        authorizations=authorizations,
        tokens=tokens,
        vault=vault,
        users=users,
        sessions=sessions,
        lifetime=lifetime,
        grants=grants,
        share_grant=share_grant,
        store_grant=Singleton(
            StoreGrant,
            new_connection,
            connections,
            credentials,
            shared_grants,
            share_grant,
            keep_alive,
            seal_tokens,
            amend_connection,
            promise_revocation,
            clock,
        ),
        return_grant=Singleton(ReturnGrant, connections, new_connection, seal_tokens, promise_revocation),
        remove_connection=remove_connection,
        record_event=record_event,
        request_sync=request_sync,
        hold_lease=hold_lease,
        clock=clock,
        failpoints=failpoints,
    )
    show_credentials = Singleton(ShowCredentials, choose_connection, credentials, access_tokens)
    show_status = Singleton(ShowStatus, choose_connection, describe_connection)
    start_sync = Singleton(StartSync, choose_connection, provider_clients, request_sync, limit_calls)
    show_run = Singleton(ShowRun, runs, sync_states)
    cancel_run = Singleton(CancelRun, show_run, stop_run)
    disconnect = Singleton(
        Disconnect,
        choose_connection,
        credentials,
        promise_revocation,
        end_connection,
        remove_connection,
        record_event,
        clock,
    )
    list_items = Singleton(ListItems, connections, provider_clients, items, sync_states, seal_cursor)
    show_item = Singleton(ShowItem, connections, items)
    load_items = Singleton(
        LoadItems,
        choose_connection,
        provider_clients,
        describe_connection,
        request_sync,
        list_items,
        limit_calls,
    )

    read_source = Singleton(ReadSource, provider_pages, access_tokens, break_connection)
    run_sync = Singleton(
        RunSync,
        runs=runs,
        connections=connections,
        providers=provider_clients,
        sync_states=sync_states,
        hold_lease=hold_lease,
        commit_page=Singleton(CommitPage, items, changes, sync_states, clock, failpoints),
        read_ahead=Singleton(ReadAhead, Singleton(ReadStream, items, provider_clients, provider_pages, read_source)),
        read_source=read_source,
        amend_connection=amend_connection,
        request_sync=request_sync,
        clock=clock,
    )
    finish_disconnection = Singleton(
        FinishDisconnection,
        hold_lease,
        end_connection,
        credentials,
        shared_grants,
        share_grant,
        seal_tokens,
        grants,
        promise_revocation,
        clock,
    )
    purge_connection = Singleton(PurgeConnection, connections, sync_states, changes, items, runs)
    erase_account = Singleton(
        EraseAccount,
        shut_account,
        identities,
        connections,
        remove_connection,
        profiles,
        sessions,
        registrations,
        security_events,
        storage.provided.deletions,
        seal_mail,
        promise,
    )
    send_mail = Singleton(SendMail, mailer, failpoints, clock)
    mail_registration = Singleton(
        MailRegistration,
        users,
        registrations,
        seal_mail,
        send_mail,
        clock,
        settings.provided.web_url,
        settings.provided.verify_ttl,
    )
    mail_verification = Singleton(
        MailVerification,
        users,
        registrations,
        seal_mail,
        send_mail,
        clock,
        settings.provided.web_url,
        settings.provided.verify_ttl,
    )
    mail_reset = Singleton(
        MailReset,
        users,
        password_resets,
        seal_mail,
        send_mail,
        record_event,
        clock,
        settings.provided.web_url,
        settings.provided.reset_ttl,
    )
    mail_notice = Singleton(MailNotice, users, connections, send_mail, clock)
    mail_farewell = Singleton(MailFarewell, seal_mail, send_mail)
    worker = Singleton(
        Worker,
        handlers=providers.Dict(
            {
                EffectKind.SYNC: run_sync,
                EffectKind.DISCONNECT: finish_disconnection,
                EffectKind.PURGE: purge_connection,
                EffectKind.ERASE: erase_account,
                EffectKind.KEEP_ALIVE: keep_alive,
                EffectKind.MAIL_REGISTRATION: mail_registration,
                EffectKind.MAIL_VERIFICATION: mail_verification,
                EffectKind.MAIL_RESET: mail_reset,
                EffectKind.MAIL_NOTICE: mail_notice,
                EffectKind.MAIL_FAREWELL: mail_farewell,
            }
        ),
        outbox=outbox,
        jobs=jobs,
        presence=presence,
        clock=clock,
    )
