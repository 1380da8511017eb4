"""Measurements of the running product from outside, each beside its floor and its peer. Linux only: they read /proc."""
