"""What people look at: figures, pages, tables, lines on a terminal."""
