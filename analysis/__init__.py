"""What runs mean: differences with bands, figures, and the report; imports `sim`, never `app`."""
