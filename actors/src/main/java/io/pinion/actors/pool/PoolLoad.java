package io.pinion.actors.pool;

/**
 * How much a pool has to do. The first four are of one moment, the others count since it began.
 *
 * @param lent instances out on loan
 * @param spare instances that are ready for the next borrower
 * @param beingMade instances under way, those of an older program included
 * @param waiting borrowers without an instance
 * @param created instances that were made, an update's own excepted
 * @param discarded instances closed because they could not be used again, or ran an older program
 * @param evicted instances closed because nobody used them
 * @param failed attempts to make one
 */
public record PoolLoad(
        int lent, int spare, int beingMade, int waiting, long created, long discarded, long evicted, long failed) {
    static final PoolLoad NONE = new PoolLoad(0, 0, 0, 0, 0, 0, 0, 0);
}
