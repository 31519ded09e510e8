"""The open address goes once every calendar has a sealed one."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("providers", "0005_sealed_calendar_addresses")]
    operations = [
        # Backwards the column comes back with this value, and the migration before fills it.
        migrations.AlterField("externalcalendar", "url", models.URLField(default="", max_length=1000)),
        migrations.RemoveField("externalcalendar", "url"),
        migrations.AlterField("externalcalendar", "sealed_url", models.TextField(editable=False)),
        migrations.AlterField("externalcalendar", "url_digest", models.CharField(editable=False, max_length=64)),
        migrations.AlterField("externalcalendar", "host", models.CharField(max_length=255, verbose_name="host")),
        migrations.AddConstraint(
            "externalcalendar",
            models.UniqueConstraint(fields=["practitioner", "url_digest"], name="providers_externalcalendar_unique"),
        ),
    ]
