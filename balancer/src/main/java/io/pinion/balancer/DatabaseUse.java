package io.pinion.balancer;

import io.pinion.store.value.Identity;

/**
 * What one database did of late.
 *
 * @param shard its bucket, 0 to 1023
 * @param core the core of its node that it is bound to
 * @param busyNanos in its turns, per second
 * @param turns per second
 * @param queue the most commands that waited in its mailbox when somebody looked
 * @param weight its share beside others on its core
 * @param instances of its module
 * @param bytes about what its instance has allocated of late
 */
public record DatabaseUse(
        Identity database,
        int shard,
        int core,
        long busyNanos,
        long turns,
        int queue,
        int weight,
        int instances,
        long bytes) {}
