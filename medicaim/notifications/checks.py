"""The system check behind the templates of messages: no event without its words."""

from django.core.checks import Error, register
from django.template import TemplateDoesNotExist
from django.template.loader import get_template

from .registry import registered_events
from .rendering import template_names


@register()
def every_event_has_its_templates(app_configs, **kwargs) -> list[Error]:
    """Each registered event has the three parts of its e-mail. An SMS is optional: not every event has one."""
    errors = []
    for event in registered_events():
        for name in template_names(event, "email"):
            try:
                get_template(name)
            except TemplateDoesNotExist:
                errors.append(Error(f"The event {event} has no template {name}.", id="notifications.E001"))
    return errors
