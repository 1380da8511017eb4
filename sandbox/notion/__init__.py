"""Plays Notion."""
