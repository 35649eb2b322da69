"""An order and the deletion of its product at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from halolight.extensions import db
from halolight.modules.products.models import Product
from tests.api_client import ApiClient
from tests.contract.statements import engine
from tests.modules.products.steps import offer
from tests.server.running_server import eventually

WAITING = sa.text(
    "SELECT count(*) FROM pg_stat_activity"
    " WHERE datname = current_database() AND wait_event_type = 'Lock'"
)


@pytest.mark.database("postgresql")
def test_an_order_waits_for_a_product_that_goes(app: Flask, admin: ApiClient) -> None:
    """And then names it, as if it had never been there: no conflict, no failure of the database."""
    product_id = offer(admin)["id"]
    body = {"customer": "Ada", "items": [{"productId": product_id, "quantity": 1}]}

    def waits() -> Any:
        with engine(app).connect() as connection:
            return connection.scalar(WAITING)

    with app.app_context(), ThreadPoolExecutor(1) as other_request:
        db.session.execute(sa.delete(Product).filter_by(id=product_id))
        answer = other_request.submit(admin.post, "/api/orders", json=body, status=400)
        assert eventually(waits)
        db.session.commit()

        assert [detail["field"] for detail in answer.result()["details"]] == ["items"]
