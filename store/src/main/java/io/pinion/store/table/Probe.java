package io.pinion.store.table;

/**
 * A key, or the leading columns of one, that an index is asked for. Points into bytes of others and is only valid as long
 * as they are; where the summary is the key ({@link KeyShape} says when), it points to none. Mutable and reused; aimed by
 * {@link KeyShape}.
 */
final class Probe {
    private static final byte[] NOTHING = new byte[0];
    private static final int SCRATCH_MIN = 32;

    byte[] bytes = NOTHING;
    int offset;
    int length;
    /** How many of the key's parts are given. */
    int parts;
    /** Number of the place that an ordered index found for it, 0 if none did since it was aimed. */
    long place;
    /** Summary of the given parts; see {@link KeyShape#summary}. */
    long summary;
    /** The leading bits of the summary that the given parts decide. */
    long summaryMask;
    /** Whether those bits decide everything about the given parts. */
    boolean exact;
    /** Whether {@link #hash} is known. */
    boolean isHashed;

    int hash;

    /**
     * Says where the key lies. The array is mostly the one of the last time: where a reference does not change it is not
     * stored, since the collector's barrier then takes longer than all the rest.
     */
    @SuppressWarnings("ReferenceEquality") // whether it is the same array is all that is asked
    void at(byte[] array, int start, int size) {
        if (bytes != array) {
            bytes = array;
        }
        offset = start;
        length = size;
    }

    /** Room for keys that do not lie in one piece, made when there is the first. */
    private byte[] scratch = NOTHING;

    byte[] scratch(int size) {
        if (scratch.length < size) {
            scratch = new byte[Math.max(SCRATCH_MIN, Math.max(size, 2 * scratch.length))];
        }
        return scratch;
    }
}
