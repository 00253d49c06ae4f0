"""What a file can tell, kind by kind: the fields a profile may map its columns to.

One table serves the strict loader (unknown fields are refused), the reader (which cells hold
numbers or dates), the converter and `guicang import template` (bilingual headers). The orders
kind carries every fact the design freezes at import, since such facts cannot be back-filled.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

#: identifier: numbers and codes that must come through digit by digit (no 1.23E+18).
#: amount: money with the decimals of its currency at most. price: exact, any decimals.
FieldKind = Literal["identifier", "text", "quantity", "amount", "price", "rate", "instant", "boolean", "code"]
#: Which thing a value describes. Order values stand on the first line of an order or are repeated alike.
Level = Literal["order", "line", "shipment", "payment", "row"]

KINDS = ("orders", "returns", "catalogue", "customers", "stock", "payments", "prices")


@dataclass(frozen=True, slots=True)
class Field:
    """A field of one kind of file; its template header is `<zh> / <name>`."""

    name: str
    zh: str
    kind: FieldKind
    level: Level = "row"
    #: Quantity fields in which 0 says nothing and is set aside.
    nonzero: bool = False
    #: An instant that may lie ahead of now (best before, promised until).
    may_be_future: bool = False

    @property
    def header(self) -> str:
        return f"{self.zh} / {self.name}"


_PLACE = (
    Field("company", "账套", "identifier", "order"),
    Field("channel", "渠道", "identifier", "order"),
    Field("shop", "店铺", "identifier", "order"),
    Field("market", "市场", "identifier", "order"),
    Field("store", "门店", "identifier", "order"),
)

_ORDERS = (
    Field("order_number", "订单号", "identifier", "order"),
    Field("line_id", "子订单号", "identifier", "line"),
    Field("ordered_at", "下单时间", "instant", "order"),
    Field("updated_at", "更新时间", "instant", "order"),
    Field("status", "订单状态", "code", "order"),
    Field("customer_id", "客户编号", "identifier", "order"),
    Field("customer_name", "客户姓名", "text", "order"),
    Field("customer_phone", "手机", "identifier", "order"),
    Field("customer_email", "邮箱", "identifier", "order"),
    Field("customer_tier", "会员等级", "text", "order"),
    Field("country", "国家", "text", "order"),
    Field("sku", "商品编码", "identifier", "line"),
    Field("name", "商品名称", "text", "line"),
    Field("quantity", "数量", "quantity", "line", nonzero=True),
    Field("cancelled_quantity", "取消数量", "quantity", "line"),
    Field("currency", "币种", "code", "order"),
    Field("unit_price", "单价", "price", "line"),
    Field("list_price", "标价", "price", "line"),
    Field("gross", "原价金额", "amount", "line"),
    Field("discount_shop", "商家优惠", "amount", "line"),
    Field("discount_platform", "平台优惠", "amount", "line"),
    Field("discount_government", "政府补贴", "amount", "line"),
    Field("discount_other", "其他优惠", "amount", "line"),
    Field("tax_rate", "税率", "rate", "line"),
    Field("tax", "税额", "amount", "line"),
    Field("promotion_id", "促销编号", "identifier", "line"),
    Field("promotion_mode", "促销方式", "code", "line"),
    Field("promotion_threshold", "满减门槛", "amount", "line"),
    Field("promotion_shipping", "促销免运费", "amount", "line"),
    Field("gift", "是否赠品", "boolean", "line"),
    Field("gift_value", "赠品价值", "amount", "line"),
    Field("shipping_standard", "标准运费", "amount", "order"),
    Field("shipping_surcharge", "加急运费", "amount", "order"),
    Field("points_earned", "获得积分", "quantity", "order"),
    Field("points_spent", "使用积分", "quantity", "order"),
    Field("deposit", "定金", "amount", "order"),
    Field("deposit_kind", "定金性质", "code", "order"),
    Field("balance", "尾款", "amount", "order"),
    *_PLACE,
    Field("sold_by", "销售员", "identifier", "order"),
    Field("shipped_by", "发货方", "identifier", "shipment"),
    Field("nonreturnable_confirmed_at", "不可退确认时间", "instant", "line"),
    Field("withdrawal_informed", "已告知撤回权", "boolean", "order"),
    Field("shipped_quantity", "已发数量", "quantity", "shipment"),
    Field("shipped_at", "发货时间", "instant", "shipment"),
    Field("delivered_at", "签收时间", "instant", "shipment"),
    Field("warehouse", "仓库", "identifier", "shipment"),
    Field("carrier", "快递公司", "identifier", "shipment"),
    Field("tracking", "运单号", "identifier", "shipment"),
    Field("serial", "序列号", "identifier", "shipment"),
    Field("lot", "批号", "identifier", "shipment"),
    Field("weight_g", "发货重量克", "quantity", "shipment"),
    Field("sold_weight_g", "售出重量克", "quantity", "line"),
    Field("tender", "支付方式", "code", "payment"),
    Field("paid", "实付金额", "amount", "payment"),
    Field("paid_at", "支付时间", "instant", "payment"),
    Field("payment_reference", "支付流水号", "identifier", "payment"),
)

_RETURNS = (
    Field("return_number", "退货单号", "identifier", "order"),
    Field("line_id", "退货行号", "identifier", "line"),
    Field("returned_at", "退货时间", "instant", "order"),
    Field("updated_at", "更新时间", "instant", "order"),
    Field("return_type", "退货类型", "code", "order"),
    Field("status", "退货状态", "code", "order"),
    Field("order_number", "订单号", "identifier", "line"),
    Field("order_line_id", "子订单号", "identifier", "line"),
    Field("customer_id", "客户编号", "identifier", "order"),
    Field("customer_name", "客户姓名", "text", "order"),
    Field("country", "国家", "text", "order"),
    Field("sku", "商品编码", "identifier", "line"),
    Field("name", "商品名称", "text", "line"),
    Field("quantity", "退货数量", "quantity", "line", nonzero=True),
    Field("unit_price", "单价", "price", "line"),
    Field("amount", "退款金额", "amount", "line"),
    Field("tax", "税额", "amount", "line"),
    Field("currency", "币种", "code", "order"),
    Field("tender", "退款方式", "code", "payment"),
    Field("refunded_at", "退款时间", "instant", "payment"),
    Field("payment_reference", "退款流水号", "identifier", "payment"),
    Field("reason", "退货原因", "text", "line"),
    Field("grade", "成色", "code", "line"),
    Field("disposition", "处置", "code", "line"),
    Field("tracking", "退回运单号", "identifier", "shipment"),
    Field("serial", "序列号", "identifier", "line"),
    Field("lot", "批号", "identifier", "line"),
    Field("warehouse", "仓库", "identifier", "shipment"),
    *_PLACE,
)

_CATALOGUE = (
    Field("sku", "商品编码", "identifier"),
    Field("name", "商品名称", "text"),
    Field("product", "商品款号", "identifier"),
    Field("barcode", "条码", "identifier"),
    Field("category", "类目", "text"),
    Field("unit", "单位", "text"),
    Field("list_price", "标价", "price"),
    Field("standard_cost", "标准成本", "price"),
    Field("currency", "币种", "code"),
    Field("tax_rate", "税率", "rate"),
    Field("weight_g", "重量克", "quantity"),
    Field("tracks_serial", "序列号管理", "boolean"),
    Field("tracks_lot", "批号管理", "boolean"),
    Field("nonreturnable", "不可退", "boolean"),
    Field("bundle_of", "套装组成", "text"),
    Field("active", "在售", "boolean"),
    Field("updated_at", "更新时间", "instant"),
)

_CUSTOMERS = (
    Field("customer_id", "客户编号", "identifier"),
    Field("name", "姓名", "text"),
    Field("phone", "手机", "identifier"),
    Field("email", "邮箱", "identifier"),
    Field("address", "地址", "text"),
    Field("country", "国家", "text"),
    Field("tier", "会员等级", "text"),
    Field("language", "语言", "code"),
    Field("tax_number", "税号", "identifier"),
    Field("updated_at", "更新时间", "instant"),
    *_PLACE[:3],
)

_STOCK = (
    Field("warehouse", "仓库", "identifier"),
    Field("location", "库位", "identifier"),
    Field("sku", "商品编码", "identifier"),
    Field("grade", "成色", "code"),
    Field("lot", "批号", "identifier"),
    Field("serial", "序列号", "identifier"),
    Field("best_before", "有效期至", "instant", may_be_future=True),
    Field("quantity", "数量", "quantity", nonzero=True),
    Field("weight_g", "重量克", "quantity"),
    Field("unit_cost", "单位成本", "price"),
    Field("total_cost", "成本金额", "amount"),
    Field("currency", "币种", "code"),
    Field("owner", "货主", "identifier"),
    Field("company", "账套", "identifier"),
    Field("as_of", "盘点时间", "instant"),
)

_PAYMENTS = (
    Field("order_number", "订单号", "identifier"),
    Field("payment_reference", "支付流水号", "identifier"),
    Field("direction", "收付方向", "code"),
    Field("tender", "支付方式", "code"),
    Field("amount", "金额", "amount"),
    Field("fee", "手续费", "amount"),
    Field("currency", "币种", "code"),
    Field("paid_at", "支付时间", "instant"),
    Field("updated_at", "更新时间", "instant"),
    Field("customer_id", "客户编号", "identifier"),
    *_PLACE[:3],
)

_PRICES = (
    Field("customer_id", "客户编号", "identifier"),
    Field("sku", "商品编码", "identifier"),
    Field("unit_price", "单价", "amount"),
    Field("currency", "币种", "code"),
    Field("valid_from", "生效日期", "instant", may_be_future=True),
    Field("valid_until", "截止日期", "instant", may_be_future=True),
    *_PLACE[:3],
)

FIELDS: Mapping[str, Mapping[str, Field]] = {
    kind: {field.name: field for field in fields}
    for kind, fields in zip(KINDS, (_ORDERS, _RETURNS, _CATALOGUE, _CUSTOMERS, _STOCK, _PAYMENTS, _PRICES), strict=True)
}
