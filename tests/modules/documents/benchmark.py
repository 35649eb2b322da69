"""What the benchmarks measure of documents."""

from benchmarks.declarations import LIST, ORDINARY, GrowingList, Read

AFTER = ("users",)

ROWS = {
    "documents": """
        INSERT INTO documents (title, title_key, content, type, type_key, size, folder,
                               folder_key, views, version, author_id, created_at, updated_at)
        SELECT 'Document ' || n, 'document ' || n, 'The text of document ' || n || '.', 'report',
               'report', 30, 'Projects', 'projects', 0, 1,
               (SELECT min(id) FROM users) + 2 + n % 998,
               now() - n * interval '1 minute', now() - n * interval '1 minute'
        FROM generate_series(:first, :last) AS n""",
}

OWNED = (("documents", "author_id", ORDINARY),)

READS = (
    Read("documents list", "/api/documents", LIST),
    Read("documents list, ordinary user", "/api/documents", LIST, who=ORDINARY),
)

LISTS = (
    GrowingList("documents", "documents", "/api/documents"),
    GrowingList("documents of an ordinary user", "documents", "/api/documents", ORDINARY),
)
