"""LaTeX to a neutral tree: knows no symbol."""
