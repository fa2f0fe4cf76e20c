"""The edit views: one SQL file per staging record, the files they stand on, and what certifies them."""
