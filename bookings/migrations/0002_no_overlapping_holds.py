"""The backstop behind "a slot is taken once": the database itself refuses overlapping holds of one practitioner."""

from django.db import migrations

POSTGRESQL = (
    "CREATE EXTENSION IF NOT EXISTS btree_gist",
    """
    ALTER TABLE bookings_slothold ADD CONSTRAINT bookings_slothold_no_overlap
    EXCLUDE USING gist (practitioner_id WITH =, tstzrange(starts_at, ends_at, '[)') WITH &&)
    WHERE (released_at IS NULL)
    """,
)
OVERLAP = """
    SELECT RAISE(ABORT, 'bookings_slothold_no_overlap')
    WHERE NEW.released_at IS NULL AND EXISTS (
        SELECT 1 FROM bookings_slothold AS other
        WHERE other.practitioner_id = NEW.practitioner_id AND other.released_at IS NULL AND other.id <> NEW.id
          AND other.starts_at < NEW.ends_at AND other.ends_at > NEW.starts_at
    );
"""
SQLITE = (
    f"CREATE TRIGGER bookings_slothold_no_overlap_insert AFTER INSERT ON bookings_slothold BEGIN {OVERLAP} END",
    f"CREATE TRIGGER bookings_slothold_no_overlap_update AFTER UPDATE ON bookings_slothold BEGIN {OVERLAP} END",
)


def forwards(apps, schema_editor):
    statements = {"postgresql": POSTGRESQL, "sqlite": SQLITE}[schema_editor.connection.vendor]
    for statement in statements:
        schema_editor.execute(statement)


def backwards(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE bookings_slothold DROP CONSTRAINT bookings_slothold_no_overlap")
    else:
        schema_editor.execute("DROP TRIGGER bookings_slothold_no_overlap_insert")
        schema_editor.execute("DROP TRIGGER bookings_slothold_no_overlap_update")


class Migration(migrations.Migration):
    dependencies = [("bookings", "0001_initial")]
    operations = [migrations.RunPython(forwards, backwards)]
