import re
from dataclasses import dataclass

_SHAPE = re.compile(r"(?P<name>[^<>]*)<(?P<within>[^<>]*)>|(?P<bare>[^<>]*)")
_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_DOMAIN = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)(\.(?!-)[A-Za-z0-9-]{1,63}(?<!-))*")
_EXAMPLE = "VectorShift <mail@example.com>"
_LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class Sender:
    name: str
    """May be empty, and in any script."""
    local: str
    domain: str

    @property
    def address(self) -> str:
        return f"{self.local}@{self.domain}"

    def __str__(self) -> str:
        return f"{self.name} <{self.address}>" if self.name else self.address


def mail_sender(text: str) -> Sender:
    """From ``Name <local@domain>`` or ``local@domain``. The address is ASCII (a domain of another script is taken in
    its ASCII form): a server need not know SMTPUTF8 for our own sake. Raises ValueError."""
    text = text.strip()
    shape = _SHAPE.fullmatch(text)
    if shape is None or not text.isprintable():
        raise ValueError(f"a sender looks like {_EXAMPLE}")
    name = _name(shape["name"] or "")
    local, _, domain = (shape["within"] or shape["bare"] or "").strip().rpartition("@")
    domain = _ascii(domain)
    if not _LOCAL.fullmatch(local) or not _DOMAIN.fullmatch(domain) or len(local) > 64 or len(domain) > 189:
        raise ValueError(f"its address cannot be one; a sender looks like {_EXAMPLE}")
    return Sender(name, local, domain)


def _name(text: str) -> str:
    name = text.strip()
    if len(name) > 1 and name[0] == name[-1] == '"':
        name = re.sub(r"\\(.)", r"\1", name[1:-1]).strip()
    if len(name) > _LONGEST_NAME:
        raise ValueError(f"its name is longer than {_LONGEST_NAME} characters")
    return name


def _ascii(domain: str) -> str:
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise ValueError(f"its domain cannot be one; a sender looks like {_EXAMPLE}") from error
