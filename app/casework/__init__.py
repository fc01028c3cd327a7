"""What people do with what was found: outcomes of findings, and the life of rules that follows from them."""
