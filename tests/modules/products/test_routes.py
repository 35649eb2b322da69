"""Products: creating, reading, changing, deleting and listing them."""

from typing import Any

import pytest

from tests.api_client import ApiClient
from tests.each import each
from tests.modules.products.steps import names, offer

MISSING = 2**31 - 1  # an id that no product has

WRONG_FIELDS: list[tuple[dict[str, Any], str]] = [
    ({"name": ""}, "name"),
    ({"name": "x" * 201}, "name"),
    ({"name": "two\nlines"}, "name"),
    ({"category": " "}, "category"),
    ({"category": "x" * 101}, "category"),
    ({"price": -0.01}, "price"),
    ({"price": 0.001}, "price"),
    ({"price": 10_000_000_000}, "price"),
    ({"price": "free"}, "price"),
    ({"price": "NaN"}, "price"),
    ({"price": "Infinity"}, "price"),
    ({"price": "1e400"}, "price"),
    ({"price": None}, "price"),
    ({"price": True}, "price"),
    ({"price": "1.0000000000000000000000000000000000001"}, "price"),
    ({"cost": -1}, "cost"),
    ({"stock": -1}, "stock"),
    ({"stock": 1.5}, "stock"),
    ({"stock": 2**31}, "stock"),
    ({"image": "x" * 501}, "image"),
]


class TestCreateProduct:
    def test_keeps_what_is_sent(self, admin: ApiClient) -> None:
        sent = {
            "name": "Desk lamp",
            "category": "Light",
            "price": 49.9,
            "cost": 20.05,
            "stock": 7,
            "image": "https://example.com/lamp.png",
        }

        product = admin.post("/api/products", json=sent)

        assert {key: product[key] for key in sent} == sent
        assert product["createdAt"] == product["updatedAt"]
        assert admin.get(f"/api/products/{product['id']}") == product

    def test_needs_name_category_and_price(self, admin: ApiClient) -> None:
        error = admin.post("/api/products", json={}, status=400)
        product = offer(admin)

        assert {d["field"] for d in error["details"]} == {"name", "category", "price"}
        assert (product["cost"], product["stock"], product["image"]) == (0, 0, None)

    @pytest.mark.parametrize(
        ("sent", "written"),
        [("0", b"0.00"), ("0.1", b"0.10"), ("19.99", b"19.99"), ("5", b"5.00"), ("1.500", b"1.50"),
         ("9999999999.99", b"9999999999.99"), ('"12.3"', b"12.30"), ("1e2", b"100.00")],
    )  # fmt: skip
    def test_writes_money_with_two_places(
        self, admin: ApiClient, sent: str, written: bytes
    ) -> None:
        body = f'{{"name": "Lamp", "category": "Light", "price": {sent}}}'

        response = admin.open("POST", "/api/products", data=body, content_type="application/json")

        assert b'"price":%b,' % written in response.data

    @pytest.mark.database("sqlite")
    @each(("fields", "field"), WRONG_FIELDS)
    def test_refuses_bad_input(self, admin: ApiClient, fields: dict[str, Any], field: str) -> None:
        body = {"name": "Lamp", "category": "Light", "price": 1, **fields}

        error = admin.post("/api/products", json=body, status=400)

        assert [detail["field"] for detail in error["details"]] == [field]


class TestUpdateProduct:
    @pytest.mark.parametrize("method", ["put", "patch"])
    def test_changes_only_what_is_sent(self, admin: ApiClient, method: str) -> None:
        product = offer(admin, stock=3)

        updated = getattr(admin, method)(f"/api/products/{product['id']}", json={"price": 12.5})

        assert updated == {**product, "price": 12.5, "updatedAt": updated["updatedAt"]}
        assert updated["updatedAt"] > product["updatedAt"]

    @pytest.mark.database("sqlite")
    @pytest.mark.parametrize(("fields", "field"), WRONG_FIELDS)
    def test_refuses_bad_input(self, admin: ApiClient, fields: dict[str, Any], field: str) -> None:
        product = offer(admin)

        error = admin.put(f"/api/products/{product['id']}", json=fields, status=400)

        assert [detail["field"] for detail in error["details"]] == [field]
        assert admin.get(f"/api/products/{product['id']}") == product


class TestDeleteProduct:
    def test_takes_it_away(self, admin: ApiClient) -> None:
        product = offer(admin)

        admin.delete(f"/api/products/{product['id']}")

        admin.get(f"/api/products/{product['id']}", status=404)


class TestAProductThatIsMissing:
    @each("method", ["get", "put", "delete"])
    def test_is_404(self, admin: ApiClient, method: str) -> None:
        body = {"json": {"price": 1}} if method == "put" else {}

        error = getattr(admin, method)(f"/api/products/{MISSING}", status=404, **body)

        assert error["message"] == "Product not found."


class TestListProducts:
    @pytest.fixture(autouse=True)
    def products(self, admin: ApiClient) -> None:
        offer(admin, "Lamp", category="Light", price=30, stock=1)
        offer(admin, "Desk", category="Furniture", price=200, stock=3)
        offer(admin, "100% Öl", category="KÜCHE", price=10, stock=2)

    @each(
        ("query", "found"),
        [
            ("", ["100% Öl", "Desk", "Lamp"]),
            ("sortOrder=asc", ["Lamp", "Desk", "100% Öl"]),
            ("sortBy=price&sortOrder=asc", ["100% Öl", "Lamp", "Desk"]),
            ("sortBy=stock", ["Desk", "100% Öl", "Lamp"]),
            ("sortBy=name", ["Lamp", "Desk", "100% Öl"]),
            ("search=DES", ["Desk"]),
            ("search=0%25 ö", ["100% Öl"]),
            ("category=furniture", ["Desk"]),
            ("category=küche", ["100% Öl"]),
            ("category=all", ["100% Öl", "Desk", "Lamp"]),
            ("category=Furn", []),
        ],
    )
    def test_is_narrowed_and_ordered(self, admin: ApiClient, query: str, found: list[str]) -> None:
        assert names(admin, query) == found

    def test_counts_them(self, admin: ApiClient) -> None:
        page = admin.get("/api/products?pageSize=2&page=2")

        assert (page["total"], page["totalPages"], len(page["items"])) == (3, 2, 1)


def test_who_has_no_permission_for_orders_sees_no_products(
    user: ApiClient, admin: ApiClient
) -> None:
    product = offer(admin)

    user.get("/api/products", status=403)
    user.get(f"/api/products/{product['id']}", status=403)
    user.post("/api/products", json={}, status=403)
    user.put(f"/api/products/{product['id']}", json={}, status=403)
    user.delete(f"/api/products/{product['id']}", status=403)


def test_each_change_is_in_the_audit_trail(admin: ApiClient) -> None:
    product = offer(admin)
    path = f"/api/products/{product['id']}"
    admin.put(path, json={"price": 12.5})
    admin.delete(path)

    entries = admin.get(f"/api/audit?targetType=products&targetId={product['id']}")["items"]

    assert [entry["action"] for entry in entries] == [
        "products.delete",
        "products.update",
        "products.create",
    ]
    assert entries[1]["changes"] == {"price": {"from": 49.9, "to": 12.5}}
    assert {entry["targetName"] for entry in entries} == {"Lamp"}
