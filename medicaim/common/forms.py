"""How every form of the site is drawn."""

from django.forms.renderers import TemplatesSetting


class FormRenderer(TemplatesSetting):
    """Fields and forms through the components of `templates/components/`."""

    form_template_name = "components/form.html"
    field_template_name = "components/field.html"
