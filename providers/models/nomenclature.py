"""Professions and specialties as the French authorities name them."""

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from providers.reference import arabic_labels


class LabelledCode(models.Model):
    """An entry of a published nomenclature, with its label in French and English; the Arabic one is in a file."""

    code = models.CharField(_("code"), max_length=10, primary_key=True)
    label_fr = models.CharField(_("label (French)"), max_length=200)
    label_en = models.CharField(_("label (English)"), max_length=200)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The label in the reader's language."""
        match (get_language() or "en")[:2]:
            case "fr":
                return self.label_fr
            case "ar":
                return arabic_labels().get(self.code, self.label_en)
            case _:
                return self.label_en


class Profession(LabelledCode):
    """A health profession of the French nomenclature (NOS TRE_G15)."""

    class Meta:
        verbose_name = _("profession")
        verbose_name_plural = _("professions")
        ordering = ["label_en"]


class Specialty(LabelledCode):
    """A specialty recognised by the French authorities (NOS TRE_R38). `canonical` joins near-duplicates."""

    profession = models.CharField(_("profession"), max_length=20)
    canonical = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="variants")

    class Meta:
        verbose_name = _("specialty")
        verbose_name_plural = _("specialties")
        ordering = ["label_en"]
