"""Charts as SVG: drawn when the site is built, coloured by its style sheet, read without a script."""
