"""A store on a PostgreSQL server, for teams; nothing here loads before a URL is used."""
