"""Plays Slack."""
