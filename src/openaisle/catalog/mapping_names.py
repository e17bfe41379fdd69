"""What feeds call each product field, in English and Chinese. Earlier names are the better evidence."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

NAMES: Mapping[str, tuple[str, ...]] = {
    "id": (
        "id", "productid", "itemid", "sku", "skuid", "skucode", "productuid", "uid", "offerid", "productcode",
        "itemcode", "articlenumber", "asin", "variantsku", "variantid", "itemno", "商品id", "商品编号", "产品id",
        "产品编号", "sku编码", "sku编号", "商品编码", "宝贝id", "货号", "编号", "编码",
    ),
    "title": (
        "title", "producttitle", "productname", "name", "itemname", "itemtitle", "displayname", "标题", "商品标题",
        "产品标题", "宝贝标题", "商品名称", "产品名称", "宝贝名称", "商品名", "名称", "品名",
    ),
    "description": (
        "description", "productdescription", "longdescription", "desc", "bodyhtml", "body", "details", "summary",
        "content", "商品描述", "产品描述", "描述", "商品详情", "详情", "商品介绍", "简介", "介绍", "卖点",
    ),
    "group_id": (
        "groupid", "itemgroupid", "productgroupid", "parentid", "parentsku", "masterid", "styleid", "handle", "spu",
        "spuid", "spu编码", "款号", "父商品编号", "商品组", "组id",
    ),
    "brand": (
        "brand", "brandname", "productbrand", "manufacturer", "vendor", "品牌", "品牌名称", "品牌名", "厂商", "厂家",
    ),
    "category": (
        "category", "categorypath", "producttype", "productcategory", "categories", "productclass", "department",
        "googleproductcategory", "categoryhierarchy", "类目", "商品类目", "类目路径", "商品分类", "产品分类", "分类",
        "品类", "类别",
    ),
    "price": (
        "price", "regularprice", "listprice", "originalprice", "retailprice", "unitprice", "msrp", "variantprice",
        "价格", "商品价格", "原价", "市场价", "零售价", "标价", "吊牌价", "单价", "售价", "销售价",
    ),
    "sale_price": (
        "saleprice", "specialprice", "discountprice", "discountedprice", "promotionprice", "offerprice", "促销价",
        "折扣价", "特价", "活动价", "优惠价", "现价", "券后价", "到手价", "售价", "销售价",
    ),
    "currency": ("currency", "currencycode", "pricecurrency", "货币", "币种", "货币单位"),
    "stock": (
        "stock", "stockquantity", "inventory", "inventoryquantity", "quantity", "qty", "availablequantity",
        "stocklevel", "selloongooglequantity", "quantitytosellonfacebook", "库存", "库存数量", "库存量", "可售库存",
        "数量",
    ),
    "availability": (
        "availability", "stockstatus", "availabilitystatus", "instock", "stock", "库存状态", "供货状态", "是否有货",
        "有无货", "库存",
    ),
    "images": (
        "images", "image", "imageurl", "imageurls", "imagelink", "imagesrc", "mainimage", "picture", "pictureurl",
        "pictures", "photo", "img", "imgurl", "thumbnail", "图片", "主图", "商品图片", "图片链接", "图片地址",
        "图片url",
    ),
    "url": (
        "url", "link", "producturl", "productlink", "pageurl", "canonicalurl", "deeplink", "href", "链接", "商品链接",
        "商品网址", "网址", "商品url",
    ),
    "gtin": (
        "gtin", "gtin13", "gtin14", "gtin12", "gtin8", "ean", "ean13", "eancode", "upc", "upccode", "barcode",
        "variantbarcode", "条形码", "商品条码", "条码", "国际条码", "69码",
    ),
    "mpn": (
        "mpn", "manufacturerpartnumber", "partnumber", "modelnumber", "modelno", "model", "型号", "商品型号",
        "产品型号", "规格型号",
    ),
    "rating": (
        "rating", "averagerating", "avgrating", "ratingvalue", "ratingaverage", "stars", "starrating", "reviewrating",
        "评分", "平均评分", "商品评分", "星级",
    ),
    "rating_count": (
        "ratingcount", "ratingscount", "reviewcount", "reviewscount", "numreviews", "numratings", "numberofreviews",
        "numberofratings", "reviews", "评价数", "评价数量", "评论数", "评论数量", "评分人数", "评价人数", "累计评价",
    ),
    "created_at": (
        "createdat", "created", "datecreated", "createddate", "createdtime", "publishedat", "releasedate",
        "dateadded", "创建时间", "创建日期", "上架时间", "上架日期", "发布时间", "上市时间",
    ),
    "updated_at": (
        "updatedat", "updated", "lastmodified", "modifiedat", "dateupdated", "datemodified", "lastupdated",
        "更新时间", "修改时间", "更新日期",
    ),
    "attributes": ("attributes", "attrs", "属性", "商品属性"),
    "ranking": ("ranking",),
}  # fmt: skip

LANGUAGES: Mapping[str, str] = {
    "en": "en", "eng": "en", "english": "en", "英文": "en", "英语": "en", "英": "en", "zh": "zh", "cn": "zh",
    "zhcn": "zh", "zhhans": "zh", "chi": "zh", "chinese": "zh", "中文": "zh", "汉语": "zh", "简体": "zh",
    "简体中文": "zh", "中": "zh", "zhtw": "zh-tw", "zhhant": "zh-hant", "繁体": "zh-hant", "繁体中文": "zh-hant",
    "de": "de", "fr": "fr", "es": "es", "it": "it", "pt": "pt", "ja": "ja", "jp": "ja", "日文": "ja", "ko": "ko",
    "kr": "ko", "ru": "ru", "nl": "nl", "pl": "pl", "ar": "ar", "th": "th", "vi": "vi",
}  # fmt: skip

TEXT_FIELDS = ("title", "description")
_BREAKS = re.compile(r"[\s_\-./:：()（）\[\]【】{}|]+")
_LEVELS = ("一级", "二级", "三级", "四级", "五级")
_NUMBERED = re.compile(r"(.*?[^\d])(\d{1,2})")
_LISTED = ("category", "images")


def plain(name: str) -> str:
    """The name without case, width, spaces and punctuation."""
    return _BREAKS.sub("", unicodedata.normalize("NFKC", name).casefold())


def language_of(name: str) -> tuple[str, str] | None:
    """The text field and language of a name such as `title_en`, `title.zh-CN`, `标题(英文)` or `英文标题`."""
    whole = plain(name)
    for field in TEXT_FIELDS:
        for word in NAMES[field]:
            if whole.startswith(word) and (language := LANGUAGES.get(whole.removeprefix(word))):
                return field, language
            if whole.endswith(word) and (language := LANGUAGES.get(whole.removesuffix(word))):
                return field, language
    return None


def numbered(name: str) -> str | None:
    """The list field that a name such as `category_2`, `二级类目` or `image3` is one part of."""
    whole = plain(name)
    match = _NUMBERED.fullmatch(whole)
    stems = [match.group(1).removesuffix("level").removesuffix("lvl")] if match else []
    stems += [whole.removeprefix(level) for level in _LEVELS if whole.startswith(level)]
    return next(
        (field for field in _LISTED for stem in stems if stem in NAMES[field] or stem == "additionalimage"), None
    )
