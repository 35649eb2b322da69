from flask import Flask

from tests.api_client import ApiClient
from tests.factories import Factory

from .steps import add_folder, archive, picture, upload

STORAGE = "/api/files/storage"
NOTHING = dict.fromkeys(("images", "videos", "audio", "documents", "archives", "others"), 0)


class TestStorage:
    def test_of_who_has_nothing(self, user: ApiClient, app: Flask) -> None:
        add_folder(user, "/Projects")

        assert user.get(STORAGE) == {
            "used": 0,
            "total": app.config["STORAGE_QUOTA"],
            "breakdown": NOTHING,
        }

    def test_is_exact_and_by_type(self, user: ApiClient) -> None:
        image, packed = picture(), archive(a="x")
        for number, data in enumerate(
            (image, b"text", b"more text", packed, b"MZ\0\0", b"ID3\3\0")
        ):
            upload(user, data, f"file{number}")

        answer = user.get(STORAGE)

        assert answer["breakdown"] == NOTHING | {
            "images": len(image),
            "documents": 13,
            "archives": len(packed),
            "others": 4,
            "audio": 5,
        }
        assert answer["used"] == sum(answer["breakdown"].values())

    def test_counts_equal_bytes_each_time_and_nobody_elses(
        self, user: ApiClient, admin: ApiClient, make: Factory
    ) -> None:
        upload(user, b"12345", "a")
        upload(user, b"12345", "b")
        upload(make.client(), b"123", "c")

        assert user.get(STORAGE)["used"] == 10
        assert admin.get(STORAGE)["used"] == 0

    def test_asks_for_the_permission(self, anonymous: ApiClient, make: Factory) -> None:
        anonymous.get(STORAGE, status=401)
        make.client("guest").get(STORAGE, status=403)
