"""Demonstration data: fictitious by construction, the same for the same seed, of any size."""
