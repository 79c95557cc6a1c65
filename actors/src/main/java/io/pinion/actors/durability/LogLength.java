package io.pinion.actors.durability;

/**
 * How much of a log has to be read since its newest snapshot, or since its beginning.
 *
 * @param sinceMicros when the snapshot was taken, or when counting began
 */
public record LogLength(long bytes, long entries, long sinceMicros) {}
