"""A model as one HTML file that simulates without a server."""
