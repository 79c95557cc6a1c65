package io.pinion.store.tx;

/**
 * Outcomes of store operations. The numbers are the errno values of the module ABI, so that a host call can return them
 * as they are; operations that return a count or an id return the code negated.
 */
public final class StoreCode {
    public static final int OK = 0;
    public static final int NOT_IN_TRANSACTION = 2;
    /** Argument bytes that are not BSATN of the expected type. */
    public static final int BSATN_DECODE_ERROR = 3;

    public static final int NO_SUCH_TABLE = 4;
    public static final int NO_SUCH_INDEX = 5;
    /** A range scan over an index that has no order. */
    public static final int WRONG_INDEX_ALGO = 10;

    public static final int UNIQUE_ALREADY_EXISTS = 12;
    /** A scheduled time too far ahead; the row is in the transaction all the same. */
    public static final int SCHEDULE_AT_DELAY_TOO_LONG = 13;

    public static final int INDEX_NOT_UNIQUE = 14;
    public static final int NO_SUCH_ROW = 15;
    public static final int AUTO_INC_OVERFLOW = 16;

    private StoreCode() {}
}
