"""The sandbox as a process: what survives its end, and how it ends."""

import resource
import signal
import socket
import stat
import subprocess
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from tests.e2e.sandbox_server import Sandbox, sandbox_command, sandbox_process
from tests.services.process import free_port

CONTACTS = "/crm/v3/objects/contacts"


def test_a_granted_token_survives_kill_9(tmp_path: Path) -> None:
    state_file = tmp_path / "var" / "sandbox.json"
    with sandbox_process(state_file=state_file) as (sandbox, process):
        tokens = sandbox.tokens()
        process.kill()
        process.wait()
    with sandbox_process(state_file=state_file) as (sandbox, _):
        assert sandbox.get(CONTACTS, tokens["access_token"]).status_code == 200
        assert sandbox.renew(tokens["refresh_token"]).status_code == 200
    assert stat.S_IMODE(state_file.stat().st_mode) == 0o600


def test_a_token_whose_answer_was_lost_survives_kill_9(tmp_path: Path) -> None:
    with sandbox_process(state_file=tmp_path / "state.json") as (sandbox, process):
        sandbox.control("PATCH", body={"refresh_reuse": "revoke_family"})
        first = sandbox.tokens()["refresh_token"]
        sandbox.control("POST", "/faults", [{"path": "/oauth", "reset": True}])
        with pytest.raises(httpx.TransportError):
            sandbox.renew(first)
        process.kill()
        process.wait()
    with sandbox_process(state_file=tmp_path / "state.json") as (sandbox, _):
        assert sandbox.renew(first).json()["status"] == "BAD_REFRESH_TOKEN"


def test_codes_knobs_and_changed_records_survive_a_stop(tmp_path: Path) -> None:
    with sandbox_process(state_file=tmp_path / "state.json") as (sandbox, process):
        code = sandbox.consent()["code"]
        sandbox.control("PATCH", body={"access_token_ttl_s": 99, "records": {"contact": 20}})
        change = {"upsert": [{"properties": {"email": "new@example.com"}}], "delete": ["51"]}
        sandbox.control("POST", "/records", {"account": "acme", "kind": "contact", **change})
        process.terminate()
        assert process.wait(10) == 0
    with sandbox_process(state_file=tmp_path / "state.json") as (sandbox, _):
        assert sandbox.control("GET")["records"]["contact"] == 20
        tokens = sandbox.redeem(code).json()
        contacts = sandbox.contacts(tokens["access_token"])
        assert tokens["expires_in"] == 99
        assert (len(contacts), contacts[0]["id"]) == (20, "101")
        assert contacts[-1]["properties"]["email"] == "new@example.com"
        assert sandbox.contacts(tokens["access_token"], archived="true")[0]["id"] == "51"


def test_a_file_that_is_not_ours_is_left_alone(tmp_path: Path) -> None:
    state_file = tmp_path / "state.json"
    state_file.write_text("something else")
    command = sandbox_command(port=free_port(), state_file=state_file)
    ended = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"{state_file} cannot be read")
    assert state_file.read_text() == "something else"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_cleanly_on_a_signal_even_with_an_open_connection(number: signal.Signals) -> None:
    with sandbox_process() as (sandbox, process), closing(_connected(sandbox)):
        process.send_signal(number)
        assert process.wait(10) == 0
        assert process.stderr is not None
        assert process.stderr.read() == b""


def test_it_ends_when_its_parents_pipe_closes() -> None:
    with sandbox_process(exit_with_stdin=True) as (_, process):
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(10) == 0


def test_it_outlives_its_parents_pipe_unless_told_otherwise() -> None:
    with sandbox_process() as (sandbox, process):
        assert process.stdin is not None
        process.stdin.close()
        assert sandbox.http.get(sandbox.url).status_code == 200
        assert process.poll() is None


def test_a_hundred_thousand_contacts_take_no_memory_of_their_own() -> None:
    with sandbox_process(contacts=100_000) as (sandbox, process):
        sandbox.control("PATCH", body={"limits": False})
        token = sandbox.tokens()["access_token"]
        before = _resident_kib(process.pid)
        page = sandbox.get(CONTACTS, token, limit=100, after=99_950).json()
        for start in range(0, 100_000, 2_000):
            assert len(sandbox.get(CONTACTS, token, limit=100, after=start).json()["results"]) == 100
        assert (len(page["results"]), page["results"][-1]["id"]) == (50, "5000001")
        assert _resident_kib(process.pid) - before < 20_000


def _connected(sandbox: Sandbox) -> socket.socket:
    address = urlsplit(sandbox.url)
    assert address.hostname is not None
    return socket.create_connection((address.hostname, address.port or 80))


def _resident_kib(pid: int) -> int:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * resource.getpagesize() // 1024
