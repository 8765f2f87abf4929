"""The words of the generated shop, each in English and Chinese. The brands are made up."""

Words = tuple[tuple[str, str], ...]

CATEGORIES: Words = (
    ("T-Shirt", "T恤"),
    ("Trousers", "长裤"),
    ("Dress", "连衣裙"),
    ("Sneakers", "运动鞋"),
    ("Handbag", "手提包"),
    ("Baseball Cap", "棒球帽"),
    ("Mug", "马克杯"),
    ("Water Bottle", "水壶"),
    ("Watch", "手表"),
    ("Glasses", "眼镜"),
)
"""In the order of the labels of the pictures."""
TYPICAL_PRICES = (19.0, 45.0, 60.0, 80.0, 95.0, 15.0, 9.0, 16.0, 140.0, 70.0)
"""Of a product of each category, in dollars."""
BRANDS: Words = (
    ("Lumora", "露摩拉"),
    ("Norvale", "诺维尔"),
    ("Kestrin", "凯斯汀"),
    ("Ombrelle Nine", "翁贝九"),
    ("Tashiko", "塔石可"),
    ("Verdano", "薇丹诺"),
    ("Quillon", "奇隆"),
    ("Petra & Finch", "佩雀"),
    ("Brackwater", "布莱沃"),
    ("Sorrelwood", "索瑞木"),
    ("Zephyrine", "泽芙琳"),
    ("Halcott", "哈尔科"),
)
COLOURS: Words = (
    ("Black", "黑色"),
    ("White", "白色"),
    ("Red", "红色"),
    ("Blue", "蓝色"),
    ("Green", "绿色"),
    ("Grey", "灰色"),
    ("Pink", "粉色"),
    ("Beige", "米色"),
)
STYLES: Words = (
    ("Casual", "休闲"),
    ("Classic", "经典"),
    ("Sporty", "运动风"),
    ("Vintage", "复古"),
    ("Minimalist", "简约"),
    ("Luxury", "轻奢"),
)
AUDIENCES: Words = (("Women's", "女士"), ("Men's", "男士"), ("Kids'", "儿童"))
ENGLISH, CHINESE = 0, 1
