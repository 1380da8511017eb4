"""Measurements of the running product from outside, each beside its floor. Linux only: they read /proc."""
