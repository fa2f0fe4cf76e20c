"""The edit views: one SQL file per staging record, and the files they stand on."""
