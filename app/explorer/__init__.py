"""The explorer at `/`: GraphiQL with our examples and demo people. `site/` is built by Vite; the rest serves it."""
