package io.pinion.actors.database;

import io.pinion.store.value.Identity;

/**
 * How much waits for one database of this node, and what it has in memory to deal with it.
 *
 * @param waiting messages in its mailbox
 * @param instances of its module, ready or in use
 * @param instanceAllocatedBytes see {@link DatabaseStatus}
 */
public record DatabaseLoad(Identity database, int waiting, int instances, long instanceAllocatedBytes) {}
