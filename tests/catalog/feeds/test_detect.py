import pytest

from openaisle.errors import FeedError


@pytest.mark.parametrize(
    ("name", "content", "format_"),
    [
        ("f.csv", "id,title\n1,x", "csv"),
        ("f.CSV.GZ".lower(), "id,title\n1,x", "csv"),
        ("f.tsv", "id\ttitle\n1\tx", "tsv"),
        ("f.csv", "id\ttitle\n1\tx", "tsv"),
        ("f.txt", "id\ttitle\timage_link\n1\tx\thttp://x/a.jpg", "google_tsv"),
        ("feed", "id,title\n1,x", "csv"),
        ("f.csv", "Handle,Title,Option1 Name,Variant Price\nmug,Mug,,5", "shopify"),
        ("f.jsonl", '{"id": "1"}', "jsonl"),
        ("f.ndjson.gz", '{"id": "1"}', "jsonl"),
        ("f.json", '{"id": "1"}\n{"id": "2"}\n', "jsonl"),
        ("f.json", '{"id": "1"}', "json"),
        ("f.jsonl", '[{"id": "1"}]', "json"),
        ("f.json", '{"@context": "https://schema.org", "@type": "Product", "sku": "1"}', "jsonld"),
        ("f.jsonld", '[{"@type": "Product", "sku": "1"}]', "jsonld"),
        ("f.xml", "<rss></rss>", "google_xml"),
        ("feed", "<?xml version='1.0'?><rss></rss>", "google_xml"),
        ("data", '\n\n  {"products": []}', "json"),
    ],
)
def test_formats(read, name, content, format_):
    assert read(name, content)[2] == format_


def test_what_cannot_be_told_asks_for_the_format(read):
    with pytest.raises(FeedError) as refused:
        read("feed", "hello\nworld")
    assert "--format" in refused.value.mend


def test_an_unknown_format_lists_the_known(read):
    with pytest.raises(FeedError) as refused:
        read("f.csv", "id,title\n1,x", "excel")
    assert "jsonl" in refused.value.mend
