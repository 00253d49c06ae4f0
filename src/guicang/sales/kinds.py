"""Kinds of lines, who pays for a discount, and what an order's label says of its returns."""

from __future__ import annotations

from django.db import models


class LineKind(models.TextChoices):
    GOODS = "goods"
    BUNDLE = "bundle"  # a header: its component lines carry quantity and money
    POSTAGE = "postage"
    DISCOUNT = "discount"
    FEE = "fee"
    MANUAL = "manual"


class Funder(models.TextChoices):
    """Who pays for a discount. What others fund they owe us; what the shop funds nobody does."""

    SHOP = "shop"
    PLATFORM = "platform"
    GOVERNMENT = "government"
    OTHER = "other"


class DepositKind(models.TextChoices):
    """What a deposit of a pre-sale is; where nobody says, it goes back as an advance does."""

    EARNEST = "earnest"  # 定金: forfeited by a buyer who defaults, paid back twice by a seller (民法典 586-588)
    ADVANCE = "advance"  # 订金


class ReturnLabel(models.TextChoices):
    NONE = "none"  # 未退
    IN_PROGRESS = "in_progress"  # 退货处理中
    PART = "part"  # 部分退货
    FULL = "full"  # 已退货
