import pytest

from openaisle.errors import FeedError

RSS = """<?xml version="1.0"?>
<rss xmlns:g="http://base.google.com/ns/1.0" version="2.0"><channel><title>My shop</title>
<item><g:id>1</g:id><title>Mug &amp; saucer</title><description><![CDATA[<b>Blue</b>]]></description>
<link>http://x/1</link><g:image_link>http://x/1.jpg</g:image_link>
<g:additional_image_link>http://x/2.jpg</g:additional_image_link><g:additional_image_link>http://x/3.jpg</g:additional_image_link>
<g:price>19.99 USD</g:price><g:availability>in stock</g:availability><g:product_type>Home &gt; Kitchen</g:product_type>
<g:product_detail><g:section_name>General</g:section_name><g:attribute_name>Volume</g:attribute_name>
<g:attribute_value>500 ml</g:attribute_value></g:product_detail>
<g:shipping><g:country>US</g:country><g:price>5 USD</g:price></g:shipping></item>
<item><g:id>2</g:id><title>水壶</title></item></channel></rss>"""

ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xmlns:g="http://base.google.com/ns/1.0"><title>My shop</title>
<entry><g:id>1</g:id><title>Mug</title><link href="http://x/1"/></entry></feed>"""


def test_rss(read):
    good, bad, _ = read("f.xml", RSS)
    assert bad == []
    assert dict(good[0].values) == {
        "id": "1",
        "title": "Mug & saucer",
        "description": "<b>Blue</b>",
        "link": "http://x/1",
        "images": ["http://x/1.jpg", "http://x/2.jpg", "http://x/3.jpg"],
        "price": "19.99 USD",
        "availability": "in stock",
        "product_type": "Home > Kitchen",
        "attributes": {"Volume": "500 ml"},
        "shipping": {"country": "US", "price": "5 USD"},
    }
    assert dict(good[1].values) == {"id": "2", "title": "水壶"}


def test_atom_has_its_address_in_an_attribute(read):
    assert dict(read("f.xml", ATOM)[0][0].values) == {"id": "1", "title": "Mug", "link": "http://x/1"}


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16", "iso-8859-1"])
def test_the_declared_encoding_is_used(read, encoding):
    title = "Tee für zwei" if encoding == "iso-8859-1" else "水壶"
    text = RSS.replace("水壶", title).replace('version="1.0"?', f'version="1.0" encoding="{encoding}"?', 1)
    assert read("f.xml", text.encode(encoding))[0][1].values["title"] == title


def test_a_truncated_feed_gives_what_comes_before(read):
    good, bad, _ = read("f.xml", RSS[: RSS.index("水壶")])
    assert [row.values["id"] for row in good] == ["1"]
    assert [(row.number, row.ends_feed) for row in bad] == [(2, True)]


def test_broken_xml_after_the_first_items(read):
    good, bad, _ = read("f.xml", RSS.replace("</title></item></channel>", "</titel></item></channel>"))
    assert len(good) == 1
    assert bad[0].ends_feed


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE lolz [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE r SYSTEM "http://127.0.0.1/x.dtd">',
    ],
)
def test_entities_are_refused(read, doctype):
    with pytest.raises(FeedError) as refused:
        read("f.xml", f"<?xml version='1.0'?>{doctype}<rss><item><id>&b;</id></item></rss>")
    assert "DOCTYPE" in refused.value.mend


def test_what_is_not_xml_is_a_feed_error(read):
    with pytest.raises(FeedError):
        read("f.xml", "<<<not xml")


def test_an_item_too_large_is_dropped_and_the_rest_goes_on(read):
    large = "<item><g:id>0</g:id><title>" + "x" * 3_000_000 + "</title></item>"
    good, bad, _ = read("f.xml", RSS.replace("<item>", large + "<item>", 1))
    assert [row.values["id"] for row in good] == ["1", "2"]
    assert [row.number for row in bad] == [1]


def test_a_tag_without_end_is_refused_before_it_fills_the_memory(read):
    with pytest.raises(FeedError) as refused:
        read("f.xml", "<rss><item a='" + "x" * 10_000_000)
    assert "One tag" in refused.value.detail


def test_many_items_in_small_memory(read):
    items = "".join(f"<item><g:id>{n}</g:id><title>Mug {n}</title></item>" for n in range(20_000))
    good, _, _ = read("f.xml.gz", f'<rss xmlns:g="http://base.google.com/ns/1.0">{items}</rss>')
    assert [row.values["id"] for row in good] == [str(n) for n in range(20_000)]


def test_tsv(read):
    header = "id\ttitle\timage link\tadditional_image_link\tproduct_detail"
    row = "1\tMug\thttp://x/1.jpg\thttp://x/2.jpg,http://x/3,4.jpg\tGeneral:Volume:500 ml"
    good, _, format_ = read("f.tsv", f"{header}\n{row}")
    assert format_ == "google_tsv"
    assert dict(good[0].values) == {
        "id": "1",
        "title": "Mug",
        "images": ["http://x/1.jpg", "http://x/2.jpg", "http://x/3,4.jpg"],
        "attributes": {"Volume": "500 ml"},
    }


def test_plain_product_elements_with_xml_attributes(read):
    feed = '<shop><products><product id="1"><name>Mug</name></product><product id="2" name="Kettle"/></products></shop>'
    assert [dict(row.values) for row in read("f.xml", feed)[0]] == [
        {"id": "1", "name": "Mug"},
        {"id": "2", "name": "Kettle"},
    ]
