"""Files by their bytes: of which type they are, and small pictures of images."""
