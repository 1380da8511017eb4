import re
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

from application.ports.storage import StorageRefused

_PORT = 9042
_KEYSPACE = "vectorshift"
_NODE = re.compile(r"(?P<host>\[[0-9a-fA-F:.]+\]|[^\s:,\[\]]+)(?::(?P<port>\d{1,5}))?")


@dataclass(frozen=True, slots=True)
class Location:
    nodes: tuple[tuple[str, int], ...]
    """Host and port of those that are asked first; they name the others."""
    keyspace: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    local_dc: str | None = None
    """None: the data centre of the node that answers first."""

    def __str__(self) -> str:
        return ", ".join(f"{host}:{port}" for host, port in self.nodes)


def cassandra_location(url: str) -> Location:
    """What ``cassandra://[user:password@]host1[:port],host2[:port]/keyspace[?local_dc=name]`` names; user and password
    are percent-encoded. Raises StorageRefused."""
    parts = urlsplit(url)
    login, _, hosts = parts.netloc.rpartition("@")
    user, _, password = login.partition(":")
    nodes = [_NODE.fullmatch(host) for host in hosts.split(",")]
    keyspace = unquote(parts.path).strip("/").lower() or _KEYSPACE
    options = parse_qs(parts.query)
    if not all(nodes) or not re.fullmatch(r"[a-z]\w{0,47}", keyspace, re.ASCII) or options.keys() - {"local_dc"}:
        # Nothing of it is quoted: a password that was not percent-encoded can look like any part.
        raise StorageRefused("a Cassandra address looks like cassandra://user:password@host1,host2:9042/keyspace")
    return Location(
        nodes=tuple((node["host"].strip("[]"), int(node["port"] or _PORT)) for node in nodes if node),
        keyspace=keyspace,
        user=unquote(user) or None,
        password=unquote(password) or None,
        local_dc=options.get("local_dc", [None])[0],
    )
