"""What runs mean: differences with bands, sensitivity, discovery, decisions, figures and pages; imports `sim` alone."""
