"""The field for plain words is a search field to the browser: one `type`, and that one."""

import re

import pytest
from django.urls import reverse


@pytest.mark.django_db
def test_the_field_for_words_has_one_type(client):
    page = client.get(reverse("search")).content.decode()
    (field,) = re.findall(r'<input[^>]*name="q"[^>]*>', page)
    assert re.findall(r'type="(\w+)"', field) == ["search"]
