"""What the tests about accounts share."""

import re

from django.urls import reverse

from accounts.queries import terms_in_force

NEW_PASSWORD = "another fine phrase 42"


def sign_up_data(**changes) -> dict:
    """What somebody of age types into the sign-up page; None leaves a field out."""
    found = terms_in_force()
    data = {
        "first_name": "Ada",
        "last_name": "Exemple",
        "date_of_birth_day": "27",
        "date_of_birth_month": "3",
        "date_of_birth_year": "1984",
        "gender": "female",
        "email": "ada@example.org",
        "phone": "+33 6 39 98 12 34",
        "time_zone": "Europe/Paris",
        "username": "ada",
        "password1": "a long enough phrase 7",
        "password2": "a long enough phrase 7",
        "agree_terms": "on",
        "agree_personal_data": "on",
        "true_identity": "on",
        "versions_shown": f"{found['terms'].pk}-{found['personal_data'].pk}",
        **changes,
    }
    return {name: value for name, value in data.items() if value is not None}


def sign_up(client, **changes):
    return client.post(reverse("account_signup"), sign_up_data(**changes))


def body_of(mail) -> str:
    return mail.get_body(("plain",)).get_content()


def code_in(mail) -> str:
    return mail["Subject"].split()[0]


def path_in(mail) -> str:
    """The path of the first link that is not the site itself."""
    found = re.search(r"https?://[^/\s]+(/\S*\w\S*/)", body_of(mail))
    assert found, body_of(mail)
    return found.group(1)


def sign_in(client, login, password, **more):
    return client.post(reverse("account_login"), {"login": login, "password": password, **more})


def is_signed_in(client) -> bool:
    return client.get(reverse("accounts:profile")).status_code == 200
