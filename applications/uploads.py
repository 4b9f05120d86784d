import uuid


def stored_path(instance: object, filename: str) -> str:
    """Where a file is kept: a random name in one of 256 folders. Nothing of it comes from the uploader."""
    name = uuid.uuid4().hex
    return f"materials/{name[:2]}/{name}"
