"""The trust ledger: accounts, entries and their postings. `services.post_entry` is the only writer.

Rows are only ever added. The models refuse anything else, and so do triggers of the database (migration 0002), for
whoever goes past them. A mistake is mended by another entry.
"""

from __future__ import annotations

from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from medicaim.common.money import Money
from payments.enums import AccountKind, EntryKind
from payments.errors import AppendOnly
from payments.ledger import HOLDER_LENGTH, NEVER_NEGATIVE, OF_A_DEPOSIT, OF_A_PROVIDER, REFERENCE_LENGTH

HASH_LENGTH = 64
OF_SOMEBODY = sorted(OF_A_DEPOSIT | OF_A_PROVIDER)


class AppendOnlyQuerySet(models.QuerySet):
    """Rows that are never changed and never deleted."""

    def update(self, **kwargs: Any) -> NoReturn:
        raise AppendOnly

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnly

    def delete(self) -> NoReturn:
        raise AppendOnly


class AppendOnlyModel(models.Model):
    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnly
        super().save(*args, **{**kwargs, "force_insert": True})

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnly


class LedgerAccount(AppendOnlyModel):
    """Where money is, or to whom it belongs, in one currency; each deposit has a liability account of its own.

    `balance_minor` mirrors the sum of the postings, so that it need not be added up: debits less credits for assets
    and expenses, credits less debits for liabilities and income. A trigger keeps it with each posting, and the
    database refuses it below zero where it is somebody's money. The postings are the truth; `verify_ledger` compares.
    """

    kind = models.CharField(_("kind"), max_length=24, choices=AccountKind)
    currency = models.CharField(_("currency"), max_length=3)
    holder = models.CharField(
        _("holder"),
        max_length=HOLDER_LENGTH,
        blank=True,
        help_text=_("Public id of the deposit or provider to which this account belongs."),
    )
    balance_minor = models.BigIntegerField(_("balance in minor units"), default=0)

    class Meta:
        ordering = ["kind", "currency", "holder"]
        verbose_name = _("ledger account")
        verbose_name_plural = _("ledger accounts")
        constraints = [
            models.UniqueConstraint(fields=["kind", "currency", "holder"], name="payments_ledgeraccount_one_of_a_name"),
            models.CheckConstraint(
                condition=~Q(kind__in=sorted(NEVER_NEGATIVE)) | Q(balance_minor__gte=0),
                name="payments_ledgeraccount_never_negative",
            ),
            models.CheckConstraint(
                condition=(Q(kind__in=OF_SOMEBODY) & ~Q(holder="")) | (~Q(kind__in=OF_SOMEBODY) & Q(holder="")),
                name="payments_ledgeraccount_has_its_holder",
            ),
        ]
        indexes = [models.Index(fields=["holder"], name="payments_account_holder")]

    def __str__(self) -> str:
        return " ".join(part for part in (self.get_kind_display(), self.currency, self.holder) if part)

    @property
    def balance(self) -> Money:
        return Money(self.balance_minor, self.currency)


class LedgerEntry(AppendOnlyModel):
    """One movement of money, and a link of the chain.

    `number` counts from 1 without a gap. `hash` covers all that the entry and its postings say, and the hash before
    it: whoever changes a row has to change every later one too. `reference` names what caused the movement (a capture,
    a refund, a release); the same one can never be posted twice.
    """

    number = models.PositiveBigIntegerField(_("number"), unique=True)
    kind = models.CharField(_("kind"), max_length=24, choices=EntryKind)
    reference = models.CharField(_("reference"), max_length=REFERENCE_LENGTH, unique=True)
    posted_at = models.DateTimeField(_("posted at"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("actor"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("Who moved it; empty where Stripe or the clock did."),
    )
    previous_hash = models.CharField(_("hash of the entry before"), max_length=HASH_LENGTH, unique=True)
    hash = models.CharField(_("hash"), max_length=HASH_LENGTH, unique=True)

    class Meta:
        ordering = ["-number"]
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger entries")
        constraints = [
            models.CheckConstraint(condition=Q(number__gt=0), name="payments_ledgerentry_number_from_1"),
        ]
        indexes = [models.Index(fields=["kind", "number"], name="payments_entry_kind")]

    def __str__(self) -> str:
        return f"{self.number} {self.reference}"


class LedgerPosting(AppendOnlyModel):
    """One side of an entry: a debit (positive) or a credit (negative) on one account, in that account's currency."""

    entry = models.ForeignKey(
        LedgerEntry, verbose_name=_("ledger entry"), on_delete=models.PROTECT, related_name="postings"
    )
    account = models.ForeignKey(
        LedgerAccount, verbose_name=_("ledger account"), on_delete=models.PROTECT, related_name="postings"
    )
    amount_minor = models.BigIntegerField(_("amount in minor units"))
    currency = models.CharField(_("currency"), max_length=3)

    class Meta:
        ordering = ["pk"]
        verbose_name = _("posting")
        verbose_name_plural = _("postings")
        constraints = [
            models.UniqueConstraint(fields=["entry", "account"], name="payments_ledgerposting_once_an_account"),
            models.CheckConstraint(condition=~Q(amount_minor=0), name="payments_ledgerposting_not_zero"),
        ]

    def __str__(self) -> str:
        return f"{self.amount_minor} {self.currency}"

    @property
    def money(self) -> Money:
        return Money(self.amount_minor, self.currency)


class LedgerHead(models.Model):
    """The end of the chain, one row: number and hash of the last entry. Whoever posts locks it first.

    An entry is sealed when the head moves on to it: the database refuses that unless it is the next link and
    balances, and refuses any further posting on it from then on.
    """

    number = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=HASH_LENGTH)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="payments_ledgerhead_only_one")]

    def __str__(self) -> str:
        return f"{self.number} {self.hash}"
