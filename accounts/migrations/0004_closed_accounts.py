"""Accounts that were closed say when and by whom."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_arabic")]
    operations = [
        migrations.AddField(
            "user",
            "closed_at",
            models.DateTimeField(blank=True, db_index=True, null=True, verbose_name="closed at"),
        ),
        migrations.AddField(
            "user",
            "closed_by",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="closed by",
            ),
        ),
        migrations.AddConstraint(
            "user",
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_by=None)
                | Q(closed_at__isnull=False, closed_by__isnull=False, is_active=False),
                name="accounts_user_closed_is_not_active",
            ),
        ),
    ]
