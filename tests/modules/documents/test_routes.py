from tests.api_client import ApiClient


class TestCreateDocument:
    def test_creates_the_document(self, user: ApiClient) -> None:
        document = user.post(
            "/api/documents", json={"title": "Plan", "content": "text", "extra": 1}
        )

        assert document["title"] == "Plan"
        assert document["author"]["id"] == user.user_id
        assert document["createdAt"].endswith("Z")
        assert user.get(f"/api/documents/{document['id']}") == document
