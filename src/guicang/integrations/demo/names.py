"""Names, goods and places of the demo company. Invented: nobody and nothing of this exists."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple


class Good(NamedTuple):
    """A SKU. Prices with tax and costs without, both in fen a unit; `stock` units in each lot at the start."""

    code: str
    name: str
    variant: str
    category: str
    price_minor: int
    cost_minor: int
    tax_rate: str = "0.13"
    weight_g: int = 300
    stock: int = 260
    lots: tuple[str, ...] = ()
    serials: int = 0

    @property
    def rate(self) -> Decimal:
        return Decimal(self.tax_rate)


COMPANY = {"code": "QINGHE", "name": "青禾生活用品(上海)有限公司", "currency": "CNY"}
PLATFORM_SHOP, STREET_SHOP = "QH-MALL", "QH-WUKANG"
SHOP_NAMES = {PLATFORM_SHOP: "青禾官方旗舰店", STREET_SHOP: "青禾武康路门店"}
#: Our own warehouse, and one whose goods an ERP owns.
OWN, PARTNER = "SH01", "GZ02"
WAREHOUSE_NAMES = {OWN: "上海青浦仓", PARTNER: "广州合作仓"}
#: Where customers send goods to.
RETURN_ADDRESSES = {
    OWN: {
        "return_to": "青禾退货组",
        "return_phone": "021-55550100",
        "return_address": "上海市青浦区汇金路 100 号 3 号库",
    },
    PARTNER: {
        "return_to": "青禾合作仓退货",
        "return_phone": "020-55550100",
        "return_address": "广州市白云区物流大道 8 号",
    },
}

GOODS = (
    Good("TEE-WH-S", "纯棉圆领T恤", "白色 S", "服装", 7900, 3100, weight_g=180),
    Good("TEE-WH-M", "纯棉圆领T恤", "白色 M", "服装", 7900, 3100, weight_g=190),
    Good("TEE-WH-L", "纯棉圆领T恤", "白色 L", "服装", 7900, 3100, weight_g=200),
    Good("TEE-NV-M", "纯棉圆领T恤", "藏青 M", "服装", 7900, 3120, weight_g=190),
    Good("SHIRT-LN-M", "亚麻衬衫", "米色 M", "服装", 26900, 10450, weight_g=260),
    Good("SHIRT-LN-L", "亚麻衬衫", "米色 L", "服装", 26900, 10450, weight_g=280),
    Good("COAT-DOWN-M", "轻薄羽绒服", "黑色 M", "服装", 59900, 24800, weight_g=650),
    Good("COAT-DOWN-L", "轻薄羽绒服", "黑色 L", "服装", 59900, 24800, weight_g=690),
    Good("SHOE-RUN-39", "缓震跑鞋", "灰色 39", "鞋靴", 45900, 18600, weight_g=720),
    Good("SHOE-RUN-42", "缓震跑鞋", "灰色 42", "鞋靴", 45900, 18600, weight_g=810),
    Good("BAG-TOTE", "帆布托特包", "原色", "箱包", 12900, 4870, weight_g=420),
    Good("BAG-CABIN20", "万向轮登机箱", "20寸 银色", "箱包", 39900, 17150, weight_g=3200, stock=120),
    Good("CUP-GLASS", "双层玻璃杯", "350ml", "家居", 5900, 2075, weight_g=310),
    Good("POT-IRON24", "铸铁炖锅", "24cm 珊瑚红", "家居", 35900, 15340, weight_g=4600, stock=120),
    Good("TOWEL-3", "长绒棉毛巾", "三条装", "家居", 6900, 2390, weight_g=360),
    Good("QUILT-150", "桑蚕丝被", "150×200cm", "家居", 89900, 41200, weight_g=1900, stock=90),
    Good("LAMP-DESK", "护眼台灯", "白色", "家电", 29900, 12260, weight_g=1150),
    Good("KETTLE-1L", "恒温电热水壶", "1L", "家电", 19900, 8345, weight_g=1020),
    Good("HEADSET-PRO", "降噪耳机 Pro", "曜石黑", "数码", 129900, 61700, weight_g=480, stock=0, serials=14),
    Good("CABLE-C1", "编织数据线", "USB-C 1m", "数码", 3900, 905, weight_g=40, stock=500),
    Good("TEA-LONGJING", "明前龙井", "100g 罐装", "食品", 16800, 7420, "0.09", 180, 90, ("LJ2604A", "LJ2605B")),
    Good("RICE-WUCHANG", "五常大米", "5kg", "食品", 8990, 5260, "0.09", 5050, 150),
    Good("BOOK-PICTURE", "儿童绘本套装", "全八册", "图书", 12800, 6150, "0.09", 1600, 120),
    Good("NOTE-A5", "方格笔记本", "A5", "文具", 2590, 770, weight_g=260, stock=400),
    Good("SERUM-30", "烟酰胺精华液", "30ml", "美妆", 19900, 6120, weight_g=120, stock=60),
    Good("LIPSTICK-RO", "丝绒口红", "豆沙玫瑰", "美妆", 12900, 3380, weight_g=60, stock=60),
)
#: Code, name, price, and (component, units, price at sale).
BUNDLE = ("SET-TEATIME", "下午茶礼盒", 25900, (("TEA-LONGJING", 1, 16800), ("CUP-GLASS", 2, 5900)))

SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕施张孔曹严华金魏陶姜"
GIVEN = [
    "伟",
    "芳",
    "娜",
    "敏",
    "静",
    "磊",
    "洋",
    "艳",
    "思远",
    "雨桐",
    "子涵",
    "一诺",
    "浩然",
    "欣怡",
    "俊杰",
    "晓燕",
    "文博",
]
PLACES = (
    "上海市徐汇区漕溪北路",
    "杭州市西湖区文三路",
    "广州市天河区体育东路",
    "成都市武侯区科华北路",
    "北京市朝阳区望京街",
    "武汉市洪山区珞喻路",
    "南京市鼓楼区中山北路",
    "西安市雁塔区科技路",
)
CARRIERS = ("SF", "ZTO", "YTO", "JD")
REASONS = ("too_small", "too_large", "changed_mind", "not_as_described", "quality", "damaged_in_transit")


class Login(NamedTuple):
    username: str
    role: str
    first_name: str


#: Who can sign in to the demo. They exist in demo data alone.
LOGINS = (
    Login("rosa", "agent", "许蓉"),
    Login("wes", "warehouse", "韦硕"),
    Login("cora", "counter", "柯岚"),
    Login("fay", "finance", "方菲"),
    Login("max", "approver", "马翔"),
    Login("ada", "admin", "安达"),
)
PASSWORD = "guicang-demo"  # noqa: S105  # nosec B105: printed at the start, and only demo users have it
