"""The statements that read products. `orders:view` shows all."""

import sqlalchemy as sa

from halolight.core.db.listing import Listing, contains
from halolight.core.db.resource import Resource
from halolight.core.i18n import _
from halolight.extensions import db

from .models import Product

PRODUCT = sa.select(
    Product.id,
    Product.name,
    Product.category,
    Product.price,
    Product.cost,
    Product.stock,
    Product.image,
    Product.created_at,
    Product.updated_at,
)
PRODUCTS = Resource(db, Product, _("Product"), _("products"))
PRODUCT_LISTING = Listing(
    db,
    Product,
    PRODUCT,
    {
        "search": contains("search", Product.name),
        "category": Product.category_key == sa.bindparam("category"),
    },
)
