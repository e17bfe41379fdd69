import csv
import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openaisle.errors import FeedError


def values(rows):
    return [list(row.values.values()) for row in rows]


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_the_header_tells_the_delimiter(read, delimiter):
    good, bad, _ = read("f.csv", delimiter.join(["id", "title"]) + "\r\n" + delimiter.join(["1", "Mug"]) + "\r\n")
    assert (values(good), bad) == ([["1", "Mug"]], [])


def test_quotes_line_breaks_and_inches(read):
    text = 'id,title\n1,"Mug, ""big""\nand blue"\n2,12" plate\n\n   \n3,"x"'
    good, bad, _ = read("f.csv", text)
    assert values(good) == [["1", 'Mug, "big"\nand blue'], ["2", '12" plate'], ["3", "x"]]
    assert bad == []


def test_an_unclosed_quote_costs_only_its_row(read):
    text = 'id,title,note\n1,"Mug,a\n2,Kettle,b\n3,"Lamp ""x""",c\n4,"Desk",d\n5,"open'
    good, bad, _ = read("f.csv", text)
    assert [row.values["id"] for row in good] == ["2", "3", "4"]
    assert [row.number for row in bad] == [1, 5]
    assert all("quotes" in row.reason for row in bad)


def test_rows_of_another_width_are_refused_unless_what_is_over_is_empty(read):
    good, bad, _ = read("f.csv", "id,title\n1\n2,x,y\n3,x,,\n4,x")
    assert [row.values["id"] for row in good] == ["3", "4"]
    assert [(row.number, row.reason) for row in bad] == [
        (1, "the row has 1 columns, the header 2"),
        (2, "the row has 3 columns, the header 2"),
    ]


def test_a_huge_line_is_one_bad_row(read):
    text = "id,title\n1,x\n2," + "y" * 3_000_000 + "\n3,z\n4," + "w" * 3_000_000
    good, bad, _ = read("f.csv", text)
    assert [row.values["id"] for row in good] == ["1", "3"]
    assert [(row.number, "3,000,0" in row.reason) for row in bad] == [(2, True), (4, True)]


def test_a_field_beyond_the_limit_is_one_bad_row(read):
    good, bad, _ = read("f.csv", 'id,title\n1,"' + "y" * 200_000 + '"\n2,z')
    assert [row.values["id"] for row in good] == ["2"]
    assert len(bad) == 1


def test_names_that_are_empty_or_twice_are_told_apart(read):
    good, _, _ = read("f.csv", "id,title,,title\n1,a,b,c")
    assert dict(good[0].values) == {"id": "1", "title": "a", "column 3": "b", "title (2)": "c"}


def test_no_header_is_a_feed_error(read):
    for content in (b"\n\n", b'"id,title\n1,x', b"\xff\xfe\x00"):
        with pytest.raises(FeedError):
            read("f.csv", content)


def test_a_header_alone_is_no_rows(read):
    assert read("f.csv", "id,title\n")[:2] == ([], [])


cells = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0", exclude_categories=("Cs",)), max_size=12)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(cells, cells), max_size=8))
def test_what_the_csv_module_writes_is_read_back(read, table):
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(["id", "title"])
    writer.writerows(("x" + first, second) for first, second in table)
    good, bad, _ = read("f.csv", file.getvalue(), "csv")
    assert values(good) == [["x" + first, second] for first, second in table]
    assert bad == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(st.text(alphabet='a1,"\n\r ;', max_size=60))
def test_any_text_ends_in_rows_and_bad_rows(read, text):
    good, bad, _ = read("f.csv", "id,title\n" + text, "csv")
    assert len(good) + len(bad) <= text.count("\n") + 1
