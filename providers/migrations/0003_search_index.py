"""What makes search quick. Both databases get the plain indexes, PostgreSQL also that over trigrams."""

from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations

PLAIN = {
    "providers_search_city": "(city, country)",
    "providers_search_country_free": "(country, next_free_at)",
    "providers_search_country_fee": "(country, fee_euro_cents)",
}
TRIGRAM = "providers_search_text"


def forwards(apps, schema_editor):
    for name, columns in PLAIN.items():
        schema_editor.execute(f"CREATE INDEX {name} ON providers_searchentry {columns}")
    if schema_editor.connection.vendor == "postgresql":
        # Without the pending list: a search never pays for what was written just before it.
        schema_editor.execute(
            f"CREATE INDEX {TRIGRAM} ON providers_searchentry USING gin (text gin_trgm_ops) WITH (fastupdate = off)"
        )
        # LIKE is estimated from the sample: a larger one tells a rare word from a common one.
        schema_editor.execute("ALTER TABLE providers_searchentry ALTER COLUMN text SET STATISTICS 1000")


def backwards(apps, schema_editor):
    names = list(PLAIN)
    if schema_editor.connection.vendor == "postgresql":
        names.append(TRIGRAM)
    for name in names:
        schema_editor.execute(f"DROP INDEX {name}")


class Migration(migrations.Migration):
    dependencies = [("providers", "0002_reference_data")]
    operations = [TrigramExtension(), migrations.RunPython(forwards, backwards)]
