"""Plays HubSpot."""
