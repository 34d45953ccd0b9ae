"""What follows from a penalty here: what it was imposed for is seen no more, as long as it stands."""
