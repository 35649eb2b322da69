"""What is read to see whether the database answers."""

import sqlalchemy as sa

ONE = sa.select(sa.literal(1).label("one"))
