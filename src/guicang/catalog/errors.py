"""What the catalogue refuses."""

from __future__ import annotations

from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from guicang.kernel.refusal import Refusal


class SkuRepeated(Refusal):
    code: ClassVar[str] = "sku_repeated"
    sentence = _("The SKU %(sku_code)s is stated twice in one set. State it once.")


class SkuInvalid(Refusal):
    """Data: sku_code, column."""

    code: ClassVar[str] = "sku_invalid"
    sentence = _("%(column)s of the SKU %(sku_code)s is not possible. Correct it.")


class ComponentUnknown(Refusal):
    code: ClassVar[str] = "component_unknown"
    sentence = _("There is no SKU %(sku_code)s that could be a component. Import it first.")


class BundleInBundle(Refusal):
    code: ClassVar[str] = "bundle_in_bundle"
    sentence = _("%(sku_code)s is a bundle itself. State its components instead.")
