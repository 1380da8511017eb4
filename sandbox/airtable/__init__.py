"""Plays Airtable."""
