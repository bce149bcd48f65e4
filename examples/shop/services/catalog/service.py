"""The catalog's methods."""

from __future__ import annotations

import sys
from pathlib import Path

import grpc
from store import Product, Store

# The generated contracts are laid beside the services, in the repository as in the image.
sys.path.append(str(Path(__file__).resolve().parents[2] / "proto" / "gen" / "python"))

from shop.v1 import catalog_pb2 as messages  # noqa: E402
from shop.v1 import catalog_pb2_grpc as stubs  # noqa: E402
from shop.v1.money_pb2 import Money  # noqa: E402

__all__ = ["CatalogService", "messages", "stubs"]


class CatalogService(stubs.CatalogServiceServicer):
    """Answers from a store that never changes."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def ListProducts(self, request, context):  # noqa: N802
        """Every product, or those of one category."""
        return messages.ListProductsResponse(products=map(_message, self._store.all(request.category)))

    def GetProduct(self, request, context):  # noqa: N802
        """One product; NOT_FOUND when there is none of that id."""
        product = self._store.get(request.id)
        if product is None:
            context.abort(grpc.StatusCode.NOT_FOUND, f"no product {request.id!r}")
        return messages.GetProductResponse(product=_message(product))

    def SearchProducts(self, request, context):  # noqa: N802
        """Products in which every word of the query occurs."""
        if len(request.query) > 200:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "query: longer than 200 characters")
        return messages.SearchProductsResponse(products=map(_message, self._store.search(request.query)))


def _message(product: Product) -> messages.Product:
    return messages.Product(
        id=product.id,
        name=product.name,
        description=product.description,
        category=product.category,
        price=Money(currency_code="EUR", minor_units=product.cents),
    )
