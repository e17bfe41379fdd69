from openaisle.sample import judge, products
from openaisle.sample.behaviour.pages import LENGTH, pages_of


def test_a_page_holds_what_the_judgments_call_relevant_the_best_first():
    query = "waterproof hiking boots 42"
    grades = judge.grades(next(each for each in judge.judged_queries() if each.text == query), judge.items())
    (page,) = pages_of([query]).values()
    gains = [place.gain for place in page]
    assert gains == sorted(gains, reverse=True)
    assert gains[0] == 3
    for place in page:
        assert {grades[variant.id] for variant in place.variants} == {place.gain}


def test_variants_of_a_product_stand_in_one_place_and_pages_end(pages):
    group = {product["id"]: product["group_id"] or product["id"] for product in products()}
    for page in pages.values():
        groups = [{group[variant.id] for variant in place.variants} for place in page]
        assert all(len(own) == 1 for own in groups)
        assert len({name for own in groups for name in own}) == len(page)
        assert 1 <= len(page) <= LENGTH
    assert any(len(place.variants) > 1 for page in pages.values() for place in page)


def test_a_price_is_dear_by_how_often_it_doubles_the_usual_one(pages):
    boots = [variant for place in pages["waterproof hiking boots 42"] for variant in place.variants]
    cheap, dear = min(boots, key=lambda each: each.price), max(boots, key=lambda each: each.price)
    assert dear.price > cheap.price
    assert dear.dearness > cheap.dearness
