from abc import abstractmethod
from typing import Protocol

from domain.security_event import SecurityEvent


class AuditLog(Protocol):
    """Where operators read what happened."""

    @abstractmethod
    def write(self, event: SecurityEvent) -> None:
        """One line; it never fails."""
