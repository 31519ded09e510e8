"""The published nomenclatures in the database."""

import pytest
from django.apps import apps
from django.utils import translation

from providers import reference
from providers.enums import ProviderKind
from providers.models import CurrencyRate, Profession, Specialty

pytestmark = pytest.mark.django_db


def test_nomenclature_is_loaded_with_both_languages():
    cardiology = Specialty.objects.get(code="SM04")
    assert (cardiology.label_fr, cardiology.profession) == ("Cardiologie et Maladies vasculaires", "doctor")
    assert Specialty.objects.count() == 98
    assert Profession.objects.count() == 24
    with translation.override("fr"):
        assert str(Profession.objects.get(code="50")) == "Sage-Femme"
    with translation.override("en"):
        assert str(Profession.objects.get(code="50")) == "Midwife"
    with translation.override("ar"):
        assert str(Profession.objects.get(code="50")) == "قابلة"


def test_every_code_has_an_arabic_name():
    codes = {*Specialty.objects.values_list("pk", flat=True), *Profession.objects.values_list("pk", flat=True)}
    assert reference.arabic_labels().keys() == codes
    assert all(reference.arabic_labels().values())


def test_near_duplicates_point_to_one_that_points_nowhere():
    variants = Specialty.objects.filter(canonical__isnull=False).select_related("canonical")
    assert len(variants) == 17
    assert all(
        variant.canonical.canonical_id is None and variant.canonical.profession == variant.profession
        for variant in variants
    )


def test_every_specialty_belongs_to_a_known_profession():
    codes = {
        reference.PROFESSION_OF_SPECIALTIES[name] for name in Specialty.objects.values_list("profession", flat=True)
    }
    assert Profession.objects.filter(code__in=codes).count() == len(codes) == 2


def test_loading_again_changes_nothing_and_keeps_the_careteams_rates():
    CurrencyRate.objects.filter(currency="USD").update(per_euro="2.5")
    Specialty.objects.filter(code="SM04").update(label_en="Wrong")
    reference.load(apps)
    assert CurrencyRate.objects.get(currency="USD").per_euro == 2.5
    assert Specialty.objects.get(code="SM04").label_en == "Cardiology"
    assert Specialty.objects.count() == 98


def test_kinds_of_establishment_are_those_of_the_nomenclature():
    labels = {row["code"]: row["label_en"] for row in reference.rows("establishment_categories.csv")}
    assert {kind.value: str(kind.label) for kind in ProviderKind if kind != ProviderKind.PRACTITIONER} == labels
