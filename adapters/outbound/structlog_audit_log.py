import structlog

from application.ports.audit_log import AuditLog
from domain.security_event import SecurityEvent

_log = structlog.get_logger("security")


class StructlogAuditLog(AuditLog):
    def write(self, event: SecurityEvent) -> None:
        told = {"user": event.user, "named": event.named, "reason": event.reason, "ip": event.address}
        _log.info(
            "security",
            id=event.id,
            action=event.action.value,
            outcome=event.outcome.value,
            **{name: text for name, text in told.items() if text},
            # A worker has no request of its own; where there is one it is bound already.
            request_id=event.request_id,
        )
