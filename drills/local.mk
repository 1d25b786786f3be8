# drills/
