from dataclasses import dataclass

from application.ports.common_passwords import CommonPasswords
from domain.email import EmailAddress
from domain.password import acceptable
from domain.secret import Secret

_PRODUCT = "vectorshift"


@dataclass(frozen=True, slots=True)
class CheckPassword:
    """Whether a password is good enough; the same wherever one is chosen."""

    common_passwords: CommonPasswords
    min_length: int

    def __call__(self, password: Secret, *, email: EmailAddress, field: str = "password") -> Secret:
        """The password, normalised. Raises InvalidInput, PasswordCommon."""
        local, _, domain = email.rpartition("@")
        own = (_PRODUCT, email, local, domain, domain.partition(".")[0])
        return acceptable(password, min_length=self.min_length, common=self.common_passwords, own=own, field=field)
