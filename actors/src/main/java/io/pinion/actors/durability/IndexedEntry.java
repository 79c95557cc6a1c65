package io.pinion.actors.durability;

/** @param sequenceNr under which it stands in the index */
public record IndexedEntry(long sequenceNr, IndexEntry entry) {}
