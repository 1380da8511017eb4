"""The provider sandbox: look-alikes of the outside providers on loopback, for a first look and for tests."""
