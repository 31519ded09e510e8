"""Providers: profiles, services, availability rules, search."""
