import secrets
import time
from uuid import UUID

from application.ports.entropy import Entropy


class SystemEntropy(Entropy):
    """Of the operating system. Identifiers carry milliseconds, then a counter-free 74 random bits (RFC 9562, 5.7)."""

    def identifier(self) -> str:
        milliseconds = time.time_ns() // 1_000_000
        value = (milliseconds & (2**48 - 1)) << 80 | secrets.randbits(80)
        value = value & ~(0xF << 76) | 0x7 << 76
        return str(UUID(int=value & ~(0x3 << 62) | 0x2 << 62))

    def token(self) -> str:
        return secrets.token_urlsafe(32)
