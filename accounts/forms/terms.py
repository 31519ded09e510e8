"""Agreeing to the terms, each kind by a box of its own, none ticked."""

from typing import Any

from django import forms
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from accounts.enums import TermsKind
from accounts.models import TermsVersion

BOX_LABELS = {
    TermsKind.TERMS: _("I accept the general terms"),
    TermsKind.PERSONAL_DATA: _("I agree to the processing of my personal data as described"),
}
LINK_WORDS = {
    TermsKind.TERMS: _("Read the general terms, version {number} (opens in a new tab)"),
    TermsKind.PERSONAL_DATA: _("Read how personal data is processed, version {number} (opens in a new tab)"),
}
BOX_ERRORS = {
    TermsKind.TERMS: _("An account needs the general terms to be accepted."),
    TermsKind.PERSONAL_DATA: _("Without this agreement we may not keep your data, so there can be no account."),
}
PAGES = {TermsKind.TERMS: "accounts:terms", TermsKind.PERSONAL_DATA: "accounts:privacy"}


class VersionsMixin(forms.Form):
    """Boxes for some versions. The page says which ones it showed: only what was shown is agreed to."""

    versions_shown = forms.CharField(widget=forms.HiddenInput, required=False)

    def set_versions(self, versions: list[TermsVersion]) -> None:
        self.versions = versions
        shown = "-".join(str(version.pk) for version in versions)
        self.fields["versions_shown"].initial = shown
        for version in versions:
            kind = TermsKind(version.kind)
            link = format_html(
                '<a href="{}" target="_blank" rel="noopener">{}</a>',
                reverse(PAGES[kind]),
                str(LINK_WORDS[kind]).format(number=version.number),
            )
            self.fields[self.box_name(version)] = forms.BooleanField(
                label=BOX_LABELS[kind], help_text=link, error_messages={"required": BOX_ERRORS[kind]}
            )

    @staticmethod
    def box_name(version: TermsVersion) -> str:
        return f"agree_{version.kind}"

    def check_versions(self) -> None:
        """An error where other versions came into force since the page was drawn."""
        expected = self.fields["versions_shown"].initial
        if self.versions and self.cleaned_data.get("versions_shown") != expected:
            self.add_error(
                self.box_name(self.versions[0]),
                _("The terms have changed while you were typing. Read the new version, then tick the box again."),
            )
            self.data = self.data.copy()
            self.data[self.add_prefix("versions_shown")] = expected


class TermsForm(VersionsMixin):
    """A new version is in force: agree to what is new."""

    def __init__(self, *args: Any, versions: list[TermsVersion], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.set_versions(versions)

    def clean(self) -> dict[str, Any]:
        super().clean()
        self.check_versions()
        return self.cleaned_data
