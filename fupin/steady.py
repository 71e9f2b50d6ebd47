"""A form that takes an action's words back to its fields, so that what was typed stays."""

from django import forms
from django.core.exceptions import ValidationError


class Steady(forms.Form):
    use_required_attribute = False

    def take_errors(self, error):
        """Put the messages of a ValidationError beside the fields that they name, the others over the form."""
        by_field = error.message_dict if hasattr(error, "error_dict") else {"__all__": error.messages}
        for name, messages in by_field.items():
            for message in messages:
                self.add_error(name if name in self.fields else None, ValidationError(message))
