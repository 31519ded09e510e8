"""A visit may move to a time that overlaps its own: only holds of different appointments exclude each other."""

from django.db import migrations

NAME = "bookings_slothold_no_overlap"
POSTGRESQL = """
    ALTER TABLE bookings_slothold DROP CONSTRAINT bookings_slothold_no_overlap;
    ALTER TABLE bookings_slothold ADD CONSTRAINT bookings_slothold_no_overlap
    EXCLUDE USING gist (practitioner_id WITH =, {appointment} tstzrange(starts_at, ends_at, '[)') WITH &&)
    WHERE (released_at IS NULL)
"""
SQLITE = """
    CREATE TRIGGER bookings_slothold_no_overlap_{event} AFTER {event} ON bookings_slothold BEGIN
    SELECT RAISE(ABORT, 'bookings_slothold_no_overlap')
    WHERE NEW.released_at IS NULL AND EXISTS (
        SELECT 1 FROM bookings_slothold AS other
        WHERE other.practitioner_id = NEW.practitioner_id AND other.released_at IS NULL AND other.id <> NEW.id
          {appointment} AND other.starts_at < NEW.ends_at AND other.ends_at > NEW.starts_at
    ); END
"""


def _replace(schema_editor, *, postgresql: str, sqlite: str) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(POSTGRESQL.format(appointment=postgresql))
        return
    for event in ("insert", "update"):
        schema_editor.execute(f"DROP TRIGGER {NAME}_{event}")
        schema_editor.execute(SQLITE.format(event=event, appointment=sqlite))


def forwards(apps, schema_editor):
    _replace(
        schema_editor,
        postgresql="appointment_id WITH <>,",
        sqlite="AND other.appointment_id <> NEW.appointment_id",
    )


def backwards(apps, schema_editor):
    _replace(schema_editor, postgresql="", sqlite="")


class Migration(migrations.Migration):
    dependencies = [("bookings", "0002_no_overlapping_holds")]
    operations = [migrations.RunPython(forwards, backwards)]
