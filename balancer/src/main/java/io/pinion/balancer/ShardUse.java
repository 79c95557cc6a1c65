package io.pinion.balancer;

/**
 * What all databases of one bucket did on one node of late.
 *
 * @param shard 0 to 1023
 * @param busyNanos per second
 * @param databases how many are in memory
 */
public record ShardUse(int shard, long busyNanos, int databases) {}
