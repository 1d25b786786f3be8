# world/
