"""Landing: what was delivered, copied unchanged and known by its hash; what is carried forward where nothing good came."""
