"""Plays Google."""
