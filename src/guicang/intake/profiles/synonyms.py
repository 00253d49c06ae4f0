"""Other names under which exports of shops and tills know our fields: a proposal, which a person confirms."""

from __future__ import annotations

from collections.abc import Mapping

from guicang.intake.profiles.fields import FIELDS

_COMMON = {
    "order_number": ("订单编号", "订单号码", "主订单编号", "平台订单号", "原始单号", "order id", "order no", "order"),
    "return_number": ("退货单编号", "退款编号", "售后单号", "退单号", "return id", "rma", "refund id"),
    "line_id": ("子订单编号", "明细编号", "行号", "line", "line item id"),
    "ordered_at": ("订单创建时间", "下单日期", "创建时间", "订单时间", "order date", "created at", "date"),
    "returned_at": ("退货日期", "退款完成时间", "售后时间", "return date"),
    "paid_at": ("付款时间", "订单付款时间", "支付日期", "payment date"),
    "shipped_at": ("发货日期", "ship date", "shipped date"),
    "updated_at": ("修改时间", "最后更新时间", "last updated"),
    "sku": (
        "SKU编码",
        "商家编码",
        "货号",
        "规格编码",
        "商品代码",
        "存货编码",
        "item",
        "item code",
        "product code",
        "sku id",
    ),
    "name": ("商品标题", "宝贝标题", "品名", "货品名称", "description", "product name", "title", "姓名"),
    "quantity": ("购买数量", "商品数量", "件数", "订购数量", "退款数量", "申请数量", "库存数量", "qty", "units"),
    "unit_price": ("商品单价", "售价", "成交单价", "销售单价", "price"),
    "amount": ("实退金额", "退款总额", "实收金额", "收款金额", "total"),
    "paid": ("买家实际支付金额", "买家应付货款", "实付款", "amount paid"),
    "customer_id": ("买家会员名", "买家昵称", "会员号", "买家ID", "客户代码", "customer", "buyer"),
    "customer_name": ("收货人姓名", "收件人", "收货人", "buyer name"),
    "customer_phone": ("联系手机", "收货人手机", "手机号", "联系电话", "phone", "mobile"),
    "customer_email": ("电子邮箱", "email"),
    "phone": ("手机号", "联系电话", "mobile"),
    "email": ("电子邮箱", "e-mail"),
    "address": ("收货地址", "联系地址"),
    "status": ("状态", "订单当前状态", "退款状态"),
    "tender": ("付款方式", "收款方式", "支付渠道", "payment method"),
    "payment_reference": ("支付单号", "支付宝交易号", "交易号", "流水号", "transaction id"),
    "tracking": ("快递单号", "物流单号", "tracking number"),
    "carrier": ("物流公司", "承运商"),
    "warehouse": ("仓库编码", "发货仓库", "仓库代码"),
    "shop": ("店铺名称", "店铺编码", "门店编码"),
    "barcode": ("国标码", "条形码", "69码", "ean", "upc"),
    "category": ("类别", "分类", "商品分类"),
    "unit": ("计量单位", "uom"),
    "reason": ("退款原因", "售后原因", "return reason"),
    "currency": ("货币",),
    "unit_cost": ("成本价", "单位成本价", "cost"),
    "standard_cost": ("成本价", "cost"),
    "lot": ("批次", "批次号", "batch"),
    "serial": ("SN", "SN码", "imei"),
}


#: How many of a field's names below are its own.
OWN_NAMES = 3


def names(kind: str) -> Mapping[str, tuple[str, ...]]:
    """Names a column may have, by field of the kind, the field's own first."""
    return {
        name: (name, name.replace("_", " "), field.zh, *_COMMON.get(name, ())) for name, field in FIELDS[kind].items()
    }
