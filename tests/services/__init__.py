"""Real servers for the tests: brought up on loopback, ended by process id, gone when the test run is gone."""


class Unavailable(Exception):
    """A server cannot be had on this machine; the text says why and what to install."""
