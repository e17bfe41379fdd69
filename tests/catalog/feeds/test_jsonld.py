import json

import pytest

MUG = {
    "@context": "https://schema.org",
    "@type": "Product",
    "sku": "1",
    "name": "Mug",
    "brand": {"@type": "Brand", "name": "Acme"},
    "image": ["http://x/1.jpg", {"@type": "ImageObject", "contentUrl": "http://x/2.jpg"}],
    "offers": {
        "@type": "Offer",
        "price": "19.99",
        "priceCurrency": "USD",
        "availability": "https://schema.org/InStock",
        "inventoryLevel": {"@type": "QuantitativeValue", "value": 7},
    },
    "aggregateRating": {"ratingValue": "8", "bestRating": "10", "reviewCount": 12},
    "gtin13": "4006381333931",
    "weight": {"@type": "QuantitativeValue", "value": 300, "unitText": "g"},
    "color": ["blue", "white"],
    "additionalProperty": [{"@type": "PropertyValue", "name": "dishwasher safe", "value": True}],
}
MEANT = {
    "id": "1",
    "title": "Mug",
    "brand": "Acme",
    "images": ["http://x/1.jpg", "http://x/2.jpg"],
    "gtin": "4006381333931",
    "price": "19.99",
    "currency": "USD",
    "availability": "https://schema.org/InStock",
    "stock": 7,
    "rating": 4.0,
    "rating_count": 12,
    "attributes": {"weight": "300 g", "color": ["blue", "white"], "dishwasher safe": True},
}
OTHER = {"@type": "Organization", "name": "Acme"}


@pytest.mark.parametrize(
    "document",
    [
        json.dumps(MUG),
        json.dumps([OTHER, MUG]),
        json.dumps({"@context": "https://schema.org", "@graph": [OTHER, MUG]}),
        json.dumps({"@type": "ItemList", "itemListElement": [{"@type": "ListItem", "position": 1, "item": MUG}]}),
        json.dumps({"@type": "WebPage", "mainEntity": MUG}),
        json.dumps(MUG) + "\n" + json.dumps(OTHER) + "\n",
        json.dumps({**MUG, "@type": ["Product", "http://example.com/Thing"]}),
        json.dumps({**MUG, "@type": "http://schema.org/Product"}, indent=2),
    ],
)
def test_products_wherever_they_stand(read, document):
    good, bad, _ = read("f.jsonld", document)
    assert ([dict(row.values) for row in good], bad) == ([MEANT], [])


def test_a_group_becomes_its_variants(read):
    group = {
        "@type": "ProductGroup",
        "productGroupID": "shirt",
        "name": "Shirt",
        "brand": {"name": "Acme"},
        "variesBy": "https://schema.org/size",
        "material": "cotton",
        "hasVariant": [
            {"@type": "Product", "sku": "s", "size": "S", "offers": {"price": 20, "priceCurrency": "EUR"}},
            {
                "@type": "Product",
                "sku": "l",
                "name": "Shirt L",
                "size": "L",
                "offers": [{"price": 22, "priceCurrency": "EUR"}],
            },
        ],
    }
    first, second = (row.values for row in read("f.jsonld", json.dumps(group))[0])
    assert (first["id"], first["group_id"], first["title"], first["brand"], first["price"]) == (
        "s",
        "shirt",
        "Shirt",
        "Acme",
        20,
    )
    assert first["attributes"] == {"material": "cotton", "size": "S"}
    assert (second["id"], second["title"], second["price"]) == ("l", "Shirt L", 22)


def test_languages_aggregate_offers_and_groups_by_reference(read):
    node = {
        "@type": "Product",
        "productID": "9",
        "name": [{"@value": "Mug", "@language": "en"}, {"@value": "杯", "@language": "zh"}],
        "offers": {"@type": "AggregateOffer", "lowPrice": 5, "highPrice": 9, "priceCurrency": "CNY"},
        "isVariantOf": {"@type": "ProductGroup", "productGroupID": "mugs"},
    }
    values = read("f.jsonld", json.dumps(node))[0][0].values
    assert values["title"] == {"en": "Mug", "zh": "杯"}
    assert (values["price"], values["currency"], values["group_id"]) == (5, "CNY", "mugs")


def test_broken_documents_are_told(read):
    good, bad, _ = read("f.jsonld", json.dumps([MUG, MUG])[:-40])
    assert (len(good), bad[0].ends_feed) == (1, True)
    assert (
        len(read("f.jsonld", '[5, {"@type": "Product", "sku": "1", "offers": 5, "aggregateRating": "good"}]')[1]) == 1
    )
