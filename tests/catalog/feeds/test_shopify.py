HEADER = (
    "Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Option2 Name,Option2 Value,Variant SKU,"
    "Variant Inventory Qty,Variant Inventory Policy,Variant Price,Variant Compare At Price,Variant Barcode,Image Src,Variant Image,Status"
)


def row(**cells):
    names = HEADER.split(",")
    known = {name.replace(" ", "_").replace("(", "").replace(")", ""): name for name in names}
    line = dict.fromkeys(names, "") | {known[key]: value for key, value in cells.items()}
    return ",".join(f'"{cell}"' if "," in cell else cell for cell in line.values())


def test_variants_pictures_and_prices(read):
    feed = [
        HEADER,
        row(
            Handle="shirt", Title="Shirt", Body_HTML="<p>Soft&nbsp;&amp; <b>warm</b></p><script>x()</script>", Vendor="Acme", Type="Shirts",
            Tags="new, cotton", Published="true", Option1_Name="Size", Option1_Value="S", Option2_Name="Colour", Option2_Value="red",
            Variant_SKU="sh-s", Variant_Inventory_Qty="3", Variant_Price="15", Variant_Compare_At_Price="20.00", Image_Src="http://x/1.jpg",
        ),
        row(Handle="shirt", Option1_Value="L", Option2_Value="red", Variant_Inventory_Qty="-2", Variant_Price="21", Variant_Image="http://x/l.jpg"),
        row(Handle="shirt", Image_Src="http://x/2.jpg"),
        row(Handle="mug", Title="Mug", Option1_Name="Title", Option1_Value="Default Title", Variant_Price="5", Variant_Barcode="'4006381333931"),
        row(Handle="gone", Title="Gone", Variant_Price="5", Status="archived"),
    ]  # fmt: skip
    good, bad, format_ = read("products.csv", "\n".join(feed))
    assert (bad, format_) == ([], "shopify")
    small, large, mug, gone = (r.values for r in good)
    assert small["id"] == "sh-s"
    assert small["group_id"] == large["group_id"] == "shirt"
    assert small["description"] == "Soft & warm"
    assert (small["price"], small["sale_price"]) == ("20.00", "15")
    assert small["images"] == ["http://x/1.jpg", "http://x/2.jpg"]
    assert small["attributes"] == {"tags": ["new", "cotton"], "type": "Shirts", "Size": "S", "Colour": "red"}
    assert large["id"] == "shirt:L/red"
    assert large["title"] == "Shirt"
    assert large["stock"] == "0"
    assert large["images"] == ["http://x/l.jpg", "http://x/1.jpg", "http://x/2.jpg"]
    assert large["attributes"]["Size"] == "L"
    assert (mug["id"], mug["gtin"], "group_id" in mug, mug["attributes"]) == ("mug", "4006381333931", False, {})
    assert gone["availability"] == "discontinued"


def test_a_bad_row_between_variants_costs_only_itself(read):
    feed = [HEADER, row(Handle="a", Title="A", Variant_Price="5"), "a,b", row(Handle="b", Title="B", Variant_Price="6")]
    good, bad, _ = read("products.csv", "\n".join(feed))
    assert [r.values["id"] for r in good] == ["a", "b"]
    assert [r.number for r in bad] == [2]
