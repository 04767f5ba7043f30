"""Flat tables for analysts: one row a thing, stable names, and a description that programs read."""
