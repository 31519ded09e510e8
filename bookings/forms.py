"""What people type about appointments, parsed into what the services take."""

import uuid
from datetime import date

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.enums import DependantState
from accounts.models import Dependant
from medicaim.common.forms import HoneypotField, TidyForm

from .slots import InvalidSlot, Slot, read_slot_token

MYSELF = "myself"


class SlotField(forms.CharField):
    """The opaque token of a free time, as a `Slot`. Never a date and an hour that could shift (pains 10)."""

    default_error_messages = {
        "required": _("Choose one of the free times."),
        "invalid": _("We cannot read this time. Choose one of the free times."),
    }
    widget = forms.HiddenInput

    def clean(self, value: str) -> Slot:
        text = super().clean(value)
        try:
            return read_slot_token(text)
        except InvalidSlot as error:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from error


class RequestForm(TidyForm, forms.Form):
    """A request for one free time.

    `request_key` is made when the page is shown: a double click, a reload or the back button finds the
    request that was made with it. `website` is a trap for robots: people never see it, so never fill it.
    """

    who = forms.ChoiceField(label=_("Who is the appointment for?"), widget=forms.RadioSelect)
    subject = forms.CharField(
        label=_("What is it about?"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_(
            "You may leave this empty. Write only what the visit needs, in a few words. Only the provider reads it."
        ),
    )
    request_key = forms.UUIDField(widget=forms.HiddenInput)
    website = HoneypotField()

    def __init__(self, *args, patient, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.people = list(Dependant.objects.visible_to(patient))
        approved = [person for person in self.people if person.state == DependantState.APPROVED]
        self.waiting = [person for person in self.people if person.state != DependantState.APPROVED]
        self.fields["who"].choices = [
            (MYSELF, _("Myself, %(name)s") % {"name": patient.get_full_name()}),
            *[(person.public_id, str(person)) for person in approved],
        ]
        self.initial.setdefault("who", MYSELF)
        self.initial.setdefault("request_key", str(uuid.uuid4()))

    @property
    def dependant(self) -> Dependant | None:
        """Whom the visit is for, where it is not the patient."""
        who = self.cleaned_data["who"]
        return next((person for person in self.people if person.public_id == who), None)


class ReasonForm(TidyForm, forms.Form):
    """Why somebody cancels, withdraws or declines. The other side reads it."""

    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args, is_required: bool = False, help_text: str = "", **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].required = is_required
        self.fields["reason"].help_text = help_text


class ProposalForm(TidyForm, forms.Form):
    """Another time, put to the other side, with a word about it."""

    slot = SlotField()
    note = forms.CharField(
        label=_("A word to the other side"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("You may leave this empty. No medical details, please."),
    )


class YesNo(forms.TypedChoiceField):
    """Two radio buttons that give True or False; nothing is chosen beforehand."""

    def __init__(self, *, yes, no, **kwargs) -> None:
        super().__init__(
            choices=[("yes", yes), ("no", no)],
            coerce=lambda value: value == "yes",
            empty_value=None,
            widget=forms.RadioSelect,
            **kwargs,
        )


class GoesOnForm(TidyForm, forms.Form):
    """Do you go on together? (Rules 4, point 5)"""

    goes_on = YesNo(label=_("Do you go on together?"), yes=_("Yes, we go on"), no=_("No, it ends here"))


class OutcomeForm(TidyForm, forms.Form):
    """What became of the visit: the provider says so, after its start."""

    came = YesNo(
        label=_("Did the visit take place?"),
        yes=_("Yes, the patient came"),
        no=_("No, the patient did not come"),
    )
    goes_on = YesNo(
        label=_("Do you go on together?"),
        yes=_("Yes, we go on"),
        no=_("No, it ends here"),
        required=False,
        help_text=_("You may answer this later."),
    )


class WeekForm(forms.Form):
    """Where in the calendar a page stands: the parts of its address, all optional, nonsense ignored."""

    week = forms.DateField(required=False, input_formats=["%Y-%m-%d"])
    day = forms.DateField(required=False, input_formats=["%Y-%m-%d"])
    practitioner = forms.CharField(required=False, max_length=40)
    location = forms.CharField(required=False, max_length=40)
    provider = forms.CharField(required=False, max_length=40)
    view = forms.CharField(required=False, max_length=10)

    #: Years that a calendar shows; arithmetic with dates at the ends of time fails.
    YEARS = range(2000, 2200)

    def value(self, name: str):
        """The parsed value, or None where it is missing or nonsense."""
        self.is_valid()
        value = self.cleaned_data.get(name) or None
        return None if isinstance(value, date) and value.year not in self.YEARS else value
