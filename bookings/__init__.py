"""Appointments: requests, slots, changes, outcomes."""
