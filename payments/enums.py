"""Choices of the payments app."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class AccountKind(models.TextChoices):
    """The chart of accounts. What each may hold, and in whose name, is in `payments/ledger.py`."""

    STRIPE_CLEARING = "stripe_clearing", _("Stripe clearing")
    STRIPE_RESERVE = "stripe_reserve", _("Stripe reserve")
    BANK = "bank", _("Bank")
    DISPUTE_RECEIVABLE = "dispute_receivable", _("Dispute receivable")
    PROVIDER_RECEIVABLE = "provider_receivable", _("Provider receivable")
    TRUST_PATIENT = "trust_patient", _("Patient’s deposit in trust")
    REFUND_PENDING = "refund_pending", _("Refund pending")
    PROVIDER_PAYABLE = "provider_payable", _("Provider payable")
    MEDICAIM_REVENUE = "medicaim_revenue", _("MEDICAIM revenue")
    FEE_EXPENSE = "fee_expense", _("Payment fee expense")
    DISPUTE_LOSS = "dispute_loss", _("Dispute loss")


class EntryKind(models.TextChoices):
    """What has happened to money. Which accounts each debits and credits is in `payments/ledger.py`."""

    CAPTURE = "capture", _("Capture")
    STRIPE_FEE = "stripe_fee", _("Stripe fee")
    CANCELLATION_FEE = "cancellation_fee", _("Cancellation fee kept")
    RELEASE = "release", _("Release to the provider")
    RELEASE_REVERSED = "release_reversed", _("Release reversed")
    TRANSFER = "transfer", _("Transfer to the provider’s Stripe account")
    TRANSFER_REVERSED = "transfer_reversed", _("Transfer reversed")
    BANK_TRANSFER = "bank_transfer", _("Bank transfer to the provider")
    REFUND_ASKED = "refund_asked", _("Refund asked")
    REFUND_SUCCEEDED = "refund_succeeded", _("Refund succeeded")
    REFUND_FAILED = "refund_failed", _("Refund failed or cancelled")
    REFUND_BY_BANK = "refund_by_bank", _("Refund by bank transfer")
    DISPUTE_OPENED = "dispute_opened", _("Dispute opened")
    DISPUTE_WON = "dispute_won", _("Dispute won")
    DISPUTE_LOST = "dispute_lost", _("Dispute lost")
    SHORTFALL_COVERED = "shortfall_covered", _("Shortfall covered")
    PAYOUT = "payout", _("Payout to the bank")
    RESERVE_HELD = "reserve_held", _("Reserve held by Stripe")
    RESERVE_FREED = "reserve_freed", _("Reserve freed by Stripe")
