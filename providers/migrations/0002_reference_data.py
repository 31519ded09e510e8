"""Professions, specialties and starting currency rates."""

from django.db import migrations

from providers import reference


def forwards(apps, schema_editor):
    reference.load(apps)


class Migration(migrations.Migration):
    dependencies = [("providers", "0001_initial")]
    operations = [migrations.RunPython(forwards, migrations.RunPython.noop, elidable=False)]
