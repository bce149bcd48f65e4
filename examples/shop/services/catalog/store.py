"""The products, read once from products.json."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Product:
    """One thing on sale; its price is in euro cents."""

    id: str
    name: str
    description: str
    category: str
    cents: int


class Store:
    """Products in the shop's order."""

    def __init__(self, products: list[Product]) -> None:
        self._products = products
        self._by_id = {product.id: product for product in products}
        if len(self._by_id) != len(products):
            raise ValueError("two products have the same id")

    def all(self, category: str = "") -> list[Product]:
        """Every product, or those of the category when it is not empty."""
        return [p for p in self._products if not category or p.category == category]

    def get(self, product_id: str) -> Product | None:
        """The product, or None when there is none of that id."""
        return self._by_id.get(product_id)

    def search(self, query: str) -> list[Product]:
        """Products in whose text every word of the query occurs, whatever the case."""
        words = query.casefold().split()
        return [p for p in self._products if all(word in _text(p) for word in words)]


def load_store(path: Path) -> Store:
    """Reads a data file; raises ValueError or TypeError when it is damaged."""
    return Store([Product(**entry) for entry in json.loads(path.read_text("utf-8"))])


def _text(product: Product) -> str:
    return f"{product.name} {product.description} {product.category}".casefold()
