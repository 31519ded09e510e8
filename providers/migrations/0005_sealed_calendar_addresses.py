"""Addresses of external calendars are sealed: whoever has a copy of the database cannot read the calendars."""

from urllib.parse import urlsplit

from django.db import migrations, models

from medicaim.common.crypto import digest, seal, unseal

PURPOSE = "providers.calendar"


def seal_addresses(apps, schema_editor):
    calendars = apps.get_model("providers", "ExternalCalendar").objects
    for pk, url in calendars.values_list("pk", "url").iterator():
        calendars.filter(pk=pk).update(
            sealed_url=seal(url, purpose=PURPOSE),
            url_digest=digest(url, purpose=PURPOSE),
            host=urlsplit(url).hostname or "",
            url="https://sealed.invalid/",
        )


def open_addresses(apps, schema_editor):
    calendars = apps.get_model("providers", "ExternalCalendar").objects
    for pk, sealed in calendars.values_list("pk", "sealed_url").iterator():
        calendars.filter(pk=pk).update(url=unseal(sealed, purpose=PURPOSE))


class Migration(migrations.Migration):
    dependencies = [("providers", "0004_care_areas")]
    operations = [
        migrations.AddField("externalcalendar", "sealed_url", models.TextField(default="", editable=False)),
        migrations.AddField(
            "externalcalendar", "url_digest", models.CharField(default="", editable=False, max_length=64)
        ),
        migrations.AddField(
            "externalcalendar", "host", models.CharField(default="", max_length=255, verbose_name="host")
        ),
        migrations.RunPython(seal_addresses, open_addresses),
    ]
