"""Prints the OpenAPI document of the API; with --check compares it with the one that the web UI was typed from."""

import sys
import tempfile
from pathlib import Path

import msgspec

from adapters.outbound.providers import declarations
from bootstrap.environment import Environment
from bootstrap.http import api
from bootstrap.settings import load

COMMITTED = Path(__file__).resolve().parent.parent / "frontend" / "openapi.json"


def document() -> bytes:
    slugs = tuple(declared.slug for declared in declarations())
    with tempfile.TemporaryDirectory() as directory:
        settings = load(Environment({"STORAGE_URL": "memory://"}, {}), slugs=slugs, directory=Path(directory))
        schema = api(settings)[1].openapi_schema.to_schema()
    return msgspec.json.format(msgspec.json.encode(schema, order="deterministic"), indent=2) + b"\n"


def main() -> None:
    current = document()
    if "--check" not in sys.argv[1:]:
        sys.stdout.write(current.decode())
    elif COMMITTED.read_bytes() != current:
        sys.exit("frontend/openapi.json is not what the code says: run `make types`.")


if __name__ == "__main__":
    main()
