"""How forms look: every field of every form gets the shell's classes and one layout."""

from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.forms.renderers import DjangoTemplates
from django.forms.widgets import Widget
from django.utils.translation import get_language

from securegrid.portal.refusals import Refused

_CLASSES: tuple[tuple[type[Widget], str], ...] = (
    (forms.CheckboxSelectMultiple, "form-check-input"),
    (forms.RadioSelect, "form-check-input"),
    (forms.CheckboxInput, "form-check-input"),
    (forms.Select, "form-select"),
    (forms.HiddenInput, ""),
    (forms.Widget, "form-control"),
)


class UiBoundField(BoundField):
    """A field that knows the classes of the style sheet and how it is laid out."""

    def build_widget_attrs(
        self, attrs: dict[str, Any], widget: Widget | None = None
    ) -> dict[str, Any]:
        """Add the classes (and, after a failed check, the mark of an invalid field)."""
        shown = widget or self.field.widget
        built = super().build_widget_attrs(attrs, shown)
        own = [str(shown.attrs.get("class", "")), class_of(shown)]
        if self.errors:
            own.append("is-invalid")
        built["class"] = " ".join(name for name in own if name)
        return built

    @property
    def layout(self) -> str:
        """``check`` for one box, ``choices`` for a group of boxes, else ``plain``."""
        if isinstance(self.field.widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
            return "choices"
        return "check" if isinstance(self.field.widget, forms.CheckboxInput) else "plain"


class UiRenderer(DjangoTemplates):
    """Django's form renderer with the shell's field template."""

    field_template_name = "ui/field.html"
    bound_field_class = UiBoundField


def class_of(widget: Widget) -> str:
    """The style sheet's class for this widget."""
    return next(name for known, name in _CLASSES if isinstance(widget, known))


def show_refusal(form: forms.Form, refused: Refused) -> None:
    """Say in the user's language, beside the field it concerns, why a service refused."""
    field = refused.field if refused.field in form.fields else None
    form.add_error(field, refused.words(get_language() or "en"))
