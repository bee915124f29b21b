"""What the demo market sells: a tree of thirty categories in English and Swahili, and things for its leaves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Place:
    """A category's slug and its English and Swahili names."""

    slug: str
    english: str
    swahili: str

    @property
    def names(self) -> dict[str, str]:
        """Language → name."""
        return {"en": self.english, "sw": self.swahili}


@dataclass(frozen=True, slots=True)
class Goods:
    """Things of one kind and what they cost, in whole Kenyan shillings."""

    things: tuple[str, ...]
    from_kes: int
    to_kes: int


CITIES: Final = ("Nairobi", "Mombasa", "Kisumu", "Nakuru", "Eldoret")
CATEGORIES: Final[Mapping[Place, tuple[Place, ...]]] = MappingProxyType(
    {
        Place("electronics", "Electronics", "Elektroniki"): (
            Place("phones", "Phones", "Simu"),
            Place("computers", "Computers", "Kompyuta"),
            Place("televisions", "Televisions", "Televisheni"),
            Place("cameras", "Cameras", "Kamera"),
        ),
        Place("vehicles", "Vehicles", "Magari"): (
            Place("cars", "Cars", "Magari ya kibinafsi"),
            Place("motorbikes", "Motorbikes", "Pikipiki"),
            Place("bicycles", "Bicycles", "Baiskeli"),
            Place("spare-parts", "Spare parts", "Vipuri"),
        ),
        Place("home", "Home", "Nyumbani"): (
            Place("furniture", "Furniture", "Samani"),
            Place("kitchen", "Kitchen", "Jikoni"),
            Place("garden", "Garden", "Bustani"),
            Place("tools", "Tools", "Zana"),
        ),
        Place("fashion", "Fashion", "Mitindo"): (
            Place("clothes", "Clothes", "Nguo"),
            Place("shoes", "Shoes", "Viatu"),
            Place("jewellery", "Jewellery", "Vito"),
            Place("bags", "Bags", "Mifuko"),
        ),
        Place("farm", "Farm", "Kilimo"): (
            Place("livestock", "Livestock", "Mifugo"),
            Place("seeds", "Seeds", "Mbegu"),
            Place("produce", "Produce", "Mazao"),
            Place("farm-machines", "Farm machines", "Mashine za kilimo"),
        ),
        Place("leisure", "Leisure", "Burudani"): (
            Place("books", "Books", "Vitabu"),
            Place("music", "Music", "Muziki"),
            Place("sports", "Sports", "Michezo"),
            Place("toys", "Toys", "Vichezeo"),
        ),
    }
)
GOODS: Final[Mapping[str, Goods]] = MappingProxyType(
    {
        "phones": Goods(("Samsung Galaxy A55", "Tecno Spark 20", "iPhone 13", "Infinix Hot 40"), 9_000, 85_000),
        "computers": Goods(("ThinkPad T480", "Dell Latitude 5400", "HP ProDesk", "MacBook Air M1"), 25_000, 140_000),
        "televisions": Goods(("43 inch Hisense", "32 inch Vitron", "55 inch LG"), 14_000, 90_000),
        "cameras": Goods(("Canon EOS 250D", "Nikon D5600", "GoPro Hero 9"), 18_000, 75_000),
        "cars": Goods(("Toyota Vitz 2014", "Mazda Demio 2016", "Subaru Forester 2012"), 550_000, 1_900_000),
        "motorbikes": Goods(("Boxer BM150", "TVS HLX 125", "Honda CB125"), 70_000, 180_000),
        "bicycles": Goods(("Mountain bike 26 inch", "City bicycle", "Children's bicycle"), 4_000, 30_000),
        "spare-parts": Goods(("Set of four tyres", "Car battery 70 Ah", "Side mirror for Probox"), 2_500, 38_000),
        "furniture": Goods(("Three-seat sofa", "Mahogany dining table", "Bunk bed", "Office chair"), 5_000, 65_000),
        "kitchen": Goods(("Gas cooker", "Blender", "Set of sufurias", "Fridge 200 l"), 1_500, 42_000),
        "garden": Goods(("Water tank 1 000 l", "Lawn mower", "Avocado seedlings"), 300, 24_000),
        "tools": Goods(("Angle grinder", "Cordless drill", "Welding machine"), 2_800, 26_000),
        "clothes": Goods(("Kitenge dress", "Denim jacket", "School uniform"), 500, 5_500),
        "shoes": Goods(("Leather sandals", "Running shoes size 42", "Safety boots"), 700, 7_500),
        "jewellery": Goods(("Maasai bead necklace", "Silver ring", "Brass bracelet"), 300, 9_000),
        "bags": Goods(("Kiondo basket", "Laptop backpack", "Leather handbag"), 800, 8_000),
        "livestock": Goods(("Dairy cow", "Galla goat", "Twenty layers"), 8_000, 145_000),
        "seeds": Goods(("Hybrid maize seed 10 kg", "Bean seed 5 kg"), 600, 3_200),
        "produce": Goods(("Bag of potatoes 50 kg", "Crate of tomatoes", "Honey 5 l"), 900, 6_500),
        "farm-machines": Goods(("Chaff cutter", "Water pump 2 inch", "Maize sheller"), 9_500, 88_000),
        "books": Goods(("KCSE revision set", "Swahili novels", "Engineering handbook"), 200, 4_000),
        "music": Goods(("Acoustic guitar", "Keyboard 61 keys", "Djembe drum"), 4_500, 38_000),
        "sports": Goods(("Football boots", "Dumbbell set 20 kg", "Camping tent"), 1_200, 16_000),
        "toys": Goods(("Building blocks", "Remote control car", "Board game"), 400, 4_500),
    }
)
