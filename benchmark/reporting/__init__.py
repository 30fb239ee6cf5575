"""Frames -> report: tables, sections, published numbers, and the page."""
