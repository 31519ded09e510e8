"""Users, dependants, terms and consents."""
