# incident/
