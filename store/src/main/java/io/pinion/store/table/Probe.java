package io.pinion.store.table;

/**
 * A key, or the leading columns of one, that an index is asked for. Points into bytes of others and is only valid as long
 * as they are. Mutable and reused; made by {@link KeyShape}.
 */
final class Probe {
    private static final byte[] NOTHING = new byte[0];
    private static final int SCRATCH_MIN = 32;

    byte[] bytes = NOTHING;
    int offset;
    int length;
    /** How many of the key's parts are given. */
    int parts;
    /** Summary of the given parts; see {@link KeyShape#summary}. */
    long summary;
    /** The leading bits of the summary that the given parts decide. */
    long summaryMask;
    /** Whether those bits decide everything about the given parts. */
    boolean exact;
    /** Whether {@link #hash} is known. */
    boolean isHashed;

    int hash;

    /** Room for keys that do not lie in one piece, made when there is the first. */
    private byte[] scratch = NOTHING;

    byte[] scratch(int size) {
        if (scratch.length < size) {
            scratch = new byte[Math.max(SCRATCH_MIN, Math.max(size, 2 * scratch.length))];
        }
        return scratch;
    }
}
