"""Deposits kept in trust, the ledger, refunds, releases."""
