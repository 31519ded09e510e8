"""What every page knows."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from medicaim.access import declared_for, roles_of
from medicaim.common.access import Role, is_allowed


@dataclass(frozen=True, slots=True)
class NavItem:
    """One link of the header, with whether the reader is there."""

    label: str
    url: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class SiteNav:
    """The header's links for one reader: what everybody does, what belongs to the account."""

    main: list[NavItem]
    account: list[NavItem]
    sign_in: str
    sign_up: str
    sign_out: str


def url_for(name: str) -> str:
    """The address of a page, or "" where no such page exists without arguments."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def site_nav(request: HttpRequest) -> SiteNav:
    """Only links that the reader may follow: the access table is asked for each."""
    user = getattr(request, "user", None)
    signed_in = user is not None and user.is_authenticated
    held = getattr(request, "roles", None)
    if held is None:
        held = roles_of(user) if user is not None else Role.VISITOR

    def items(*names: tuple[str, str]) -> list[NavItem]:
        open_to_reader = []
        for name, label in names:
            url, asked = url_for(name), declared_for(name)
            if url and asked is not None and is_allowed(asked, held):
                open_to_reader.append((label, url))
        around = [url for _label, url in open_to_reader if request.path.startswith(url)]
        # One page may lie under another's address: the nearest one is where the reader is.
        here = max(around, key=len, default="")
        return [NavItem(label, url, url == here) for label, url in open_to_reader]

    return SiteNav(
        main=items(
            ("search", _("Find care")),
            ("bookings:my_appointments", _("My appointments")),
            ("providers:workspace", _("My page")),
            ("bookings:inbox", _("Requests")),
            ("bookings:agenda", _("Agenda")),
            ("admin:index", _("Careteam")),
            *([] if signed_in else [("how_it_works", _("How it works"))]),
        ),
        account=items(
            ("accounts:profile", _("My details")),
            ("accounts:dependants", _("People I act for")),
            ("accounts:security", _("Sign-in security")),
            ("usersessions_list", _("Where I am signed in")),
        )
        if signed_in
        else [],
        sign_in="" if signed_in else url_for("account_login"),
        sign_up="" if signed_in else url_for("account_signup"),
        sign_out=url_for("account_logout") if signed_in else "",
    )


def legal_links() -> list[tuple[str, str]]:
    """The footer's links, as far as this installation has the pages."""
    names = [
        ("care_directory", _("Care by specialty and country")),
        ("how_it_works", _("How it works")),
        ("contact", _("Contact and help")),
        ("result_order", _("How results are ordered")),
        ("accounts:terms", _("Terms")),
        ("accounts:privacy", _("Data protection")),
        ("time_zone", _("Time zone")),
    ]
    return [(url, label) for name, label in names if (url := url_for(name))]


def site(request: HttpRequest) -> dict[str, object]:
    """Addresses of the house, and the links around the page (built only if the page shows them)."""
    return {
        "SITE_URL": settings.SITE_URL,
        "CARETEAM_EMAIL": settings.CARETEAM_EMAIL,
        "CARETEAM_PHONE": settings.CARETEAM_PHONE,
        "DEV_OUTBOX": settings.DEV_OUTBOX,
        "site_languages": settings.LANGUAGES,
        "site_nav": SimpleLazyObject(lambda: site_nav(request)),
        "legal_links": SimpleLazyObject(legal_links),
    }
