# catalogue/
