"""Who acts: tables of people and firms, and what each of them decides."""
