"""The sandbox's port: who says that it is up, who waits for it, who is told that it is taken."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.e2e.product import occupied_port
from tests.e2e.sandbox_server import sandbox_command
from tests.services.process import free_port, listening


@contextmanager
def a_sandbox(port: int) -> Iterator["subprocess.Popen[str]"]:
    """As ``serve`` starts it."""
    command, pipe = sandbox_command(port=port, exit_with_stdin=True), subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def says(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def test_one_line_says_that_it_is_up() -> None:
    with a_sandbox(port := free_port()) as process:
        assert says(process) == f"Sandbox: http://127.0.0.1:{port}/\n"
        assert listening("127.0.0.1", port)
        assert process.communicate(timeout=10) == ("", "")
        assert process.returncode == 0


def test_the_next_one_waits_for_the_port_of_one_that_is_going_down() -> None:
    with a_sandbox(port := free_port()) as old:
        says(old)
        with a_sandbox(port) as new:
            time.sleep(2)
            assert new.poll() is None
            assert old.communicate(timeout=10)[1] == ""
            assert says(new) == f"Sandbox: http://127.0.0.1:{port}/\n"


def test_a_port_that_somebody_else_has_is_named() -> None:
    with occupied_port() as port:
        ended = subprocess.run(sandbox_command(port=port), capture_output=True, text=True, timeout=20, check=False)
    assert (ended.returncode, ended.stdout) == (1, "")
    (line,) = ended.stderr.splitlines()
    assert f":{port}" in line
