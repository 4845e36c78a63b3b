"""The language model that ships as a package, and what is learned on top of it; torch is loaded by those who ask."""
