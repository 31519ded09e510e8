"""Published nomenclatures and starting values, as files of the project, and how they reach the database.

Professions follow NOS TRE_G15, specialties NOS TRE_R38; the establishment categories are those of
`ProviderKind`. `currency_rates.csv` holds approximate values for comparing a budget with fees: careteam keeps
them current in the admin, so a rate that is already there is left alone. `labels_ar.csv` names professions and
specialties in Arabic; it stays a file, for the careteam edits French and English.
"""

import csv
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import resources

from django.apps.registry import Apps

#: Which profession (TRE_G15) holds the specialties that the nomenclature files under this word.
PROFESSION_OF_SPECIALTIES = {"doctor": "10", "dentist": "40"}


def rows(name: str) -> Iterator[dict[str, str]]:
    """The lines of one reference file, as dictionaries."""
    with resources.files(__package__).joinpath(name).open(encoding="utf-8") as lines:
        yield from csv.DictReader(lines)


@cache
def arabic_labels() -> dict[str, str]:
    """The Arabic name of each code of a profession or specialty."""
    return {row["code"]: row["label_ar"] for row in rows("labels_ar.csv")}


def load(apps: Apps) -> None:
    """Write the reference data through these models (a migration's or the live ones). Running it twice changes nothing.

    Codes that left the files stay in the database, because people may hold them.
    """
    profession_model = apps.get_model("providers", "Profession")
    specialty_model = apps.get_model("providers", "Specialty")
    rate_model = apps.get_model("providers", "CurrencyRate")
    for row in rows("professions.csv"):
        profession_model.objects.update_or_create(
            code=row["code"], defaults={"label_fr": row["label_fr"], "label_en": row["label_en"]}
        )
    # The specialties that others point to come first.
    for row in sorted(rows("specialties.csv"), key=lambda row: bool(row["canonical"])):
        specialty_model.objects.update_or_create(
            code=row["code"],
            defaults={
                "profession": row["profession"],
                "label_fr": row["label_fr"],
                "label_en": row["label_en"],
                "canonical_id": row["canonical"] or None,
            },
        )
    for row in rows("currency_rates.csv"):
        rate_model.objects.get_or_create(
            currency=row["currency"],
            defaults={"per_euro": Decimal(row["per_euro"]), "as_of": date.fromisoformat(row["as_of"])},
        )
