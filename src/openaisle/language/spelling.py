"""English spellings that a stemmer keeps apart: British and American, and irregular plurals."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_AMERICAN = {
    "aluminium": "aluminum",
    "armour": "armor",
    "behaviour": "behavior",
    "centre": "center",
    "centred": "centered",
    "colour": "color",
    "coloured": "colored",
    "colouring": "coloring",
    "colours": "colors",
    "doughnut": "donut",
    "doughnuts": "donuts",
    "favour": "favor",
    "favourite": "favorite",
    "fibre": "fiber",
    "flavour": "flavor",
    "flavoured": "flavored",
    "flavours": "flavors",
    "grey": "gray",
    "greys": "grays",
    "harbour": "harbor",
    "humour": "humor",
    "jewellery": "jewelry",
    "jeweller": "jeweler",
    "litre": "liter",
    "litres": "liters",
    "metre": "meter",
    "metres": "meters",
    "moisturiser": "moisturizer",
    "moisturising": "moisturizing",
    "mould": "mold",
    "moulds": "molds",
    "moulding": "molding",
    "neighbour": "neighbor",
    "odour": "odor",
    "organiser": "organizer",
    "organisers": "organizers",
    "pyjama": "pajama",
    "pyjamas": "pajamas",
    "sceptre": "scepter",
    "theatre": "theater",
    "tyre": "tire",
    "tyres": "tires",
    "vapour": "vapor",
    "yoghurt": "yogurt",
}

_SINGULAR = {
    "calves": "calf",
    "children": "child",
    "feet": "foot",
    "geese": "goose",
    "halves": "half",
    "hooves": "hoof",
    "knives": "knife",
    "leaves": "leaf",
    "loaves": "loaf",
    "men": "man",
    "mice": "mouse",
    "scarves": "scarf",
    "shelves": "shelf",
    "teeth": "tooth",
    "thieves": "thief",
    "wives": "wife",
    "wolves": "wolf",
    "women": "woman",
    "childrens": "child",
    "mens": "man",
    "womens": "woman",
}
# "childrens", "mens" and "womens" are how shoppers write the possessive.

SPELLINGS: Mapping[str, str] = MappingProxyType(_AMERICAN | _SINGULAR)
"""Word → the word it is treated as, before stemming."""
