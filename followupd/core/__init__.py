"""The pure core: nouns and decisions. No clock, no dice, no disk, no network, no log, no database."""
