"""The labels of the workspace's forms, in every language of the site."""

import pytest
from django.utils import translation

from providers.forms import LocationForm, PractitionerForm, ServiceForm
from tests.support.factories import make_open_provider

#: The same word in both languages.
SAME = {"Mode", "Profession", "Latitude", "Longitude"}


@pytest.mark.django_db
def test_every_label_is_translated():
    provider = make_open_provider().provider
    for form in (PractitionerForm(), LocationForm(), ServiceForm(provider=provider)):
        for name in form.fields:
            with translation.override("en"):
                english = str(form[name].label)
            with translation.override("fr"):
                french = str(form[name].label)
            assert english != french or english in SAME, name
