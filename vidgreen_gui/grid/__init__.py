"""How much CO2e a kilowatt-hour carries, where and when."""
