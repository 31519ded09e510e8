"""The first versions of the general terms and of the processing of personal data, French and English."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

from django.db import migrations

TEXTS = Path(__file__).resolve().parent.parent / "texts"
NUMBER = "1.0"
PUBLISHED_AT = datetime(2026, 10, 31, 23, tzinfo=UTC)  # 1 November in Paris


def load(apps, schema_editor):
    version_model = apps.get_model("accounts", "TermsVersion")
    text_model = apps.get_model("accounts", "TermsText")
    for kind in ("terms", "personal_data"):
        version = version_model.objects.create(kind=kind, number=NUMBER, published_at=PUBLISHED_AT)
        for language in ("fr", "en"):
            body = (TEXTS / f"{kind}-{NUMBER}.{language}.txt").read_text(encoding="utf-8")
            text_model.objects.create(
                version=version, language=language, body=body, sha256=hashlib.sha256(body.encode()).hexdigest()
            )


def unload(apps, schema_editor):
    apps.get_model("accounts", "TermsText").objects.filter(version__number=NUMBER).delete()
    apps.get_model("accounts", "TermsVersion").objects.filter(number=NUMBER).delete()


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    operations = [migrations.RunPython(load, unload)]
