"""What the benchmarks measure of files and blobs."""

from benchmarks.declarations import LIST, ORDINARY, GrowingList, Read

AFTER = ("users",)

ROWS = {
    "blobs": """
        INSERT INTO blobs (checksum, storage_key, size, mime_type, has_thumbnail, created_at)
        SELECT md5(n::text) || md5(n::text), md5(n::text) || md5(n::text), 30, 'text/plain',
               n % 4 = 0, now()
        FROM generate_series(:first, :last) AS n""",
    "files": """
        INSERT INTO files (name, name_key, path, path_key, type, size, checksum, owner_id,
                           created_at, updated_at)
        SELECT 'File ' || n || '.txt', 'file ' || n || '.txt', '/File ' || n || '.txt',
               '/file ' || n || '.txt', 'document', 30,
               md5(n::text) || md5(n::text), (SELECT min(id) FROM users) + 2 + n % 998,
               now() - n * interval '1 minute', now() - n * interval '1 minute'
        FROM generate_series(:first, :last) AS n""",
}

OWNED = (("files", "owner_id", ORDINARY),)

READS = (
    Read("files list", "/api/files", LIST),
    Read("files list, ordinary user", "/api/files", LIST, who=ORDINARY),
)

LISTS = (
    GrowingList("files", "files", "/api/files"),
    GrowingList("files of an ordinary user", "files", "/api/files", ORDINARY),
)
