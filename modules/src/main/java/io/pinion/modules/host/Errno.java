package io.pinion.modules.host;

import io.pinion.store.tx.StoreCode;

/** The error numbers of the module ABI, as host calls return them. Those of the store are in {@link StoreCode}. */
public final class Errno {
    public static final int OK = StoreCode.OK;
    /** Handle of a row iterator that was never given out, is exhausted or closed. */
    public static final int NO_SUCH_ITER = 6;

    public static final int NO_SUCH_CONSOLE_TIMER = 7;
    public static final int NO_SUCH_BYTES = 8;
    public static final int NO_SPACE = 9;
    /** The next chunk of rows does not fit; nothing was copied and the iterator is where it was. */
    public static final int BUFFER_TOO_SMALL = 11;

    /** What may wait, or a second transaction, was asked for while a transaction is open. */
    public static final int WOULD_BLOCK_TRANSACTION = 17;

    /** Commit or abort of a transaction that the guest did not start. */
    public static final int TRANSACTION_NOT_ANONYMOUS = 18;

    public static final int TRANSACTION_IS_READ_ONLY = 19;
    public static final int TRANSACTION_IS_MUT = 20;
    public static final int HTTP_ERROR = 21;

    private Errno() {}

    /** One line that says what a number means. */
    public static String text(int errno) {
        return switch (errno) {
            case OK -> "success";
            case 1 -> "the host call failed";
            case StoreCode.NOT_IN_TRANSACTION -> "this needs an open transaction";
            case StoreCode.BSATN_DECODE_ERROR -> "the bytes are not BSATN of the expected type";
            case StoreCode.NO_SUCH_TABLE -> "there is no such table";
            case StoreCode.NO_SUCH_INDEX -> "there is no such index";
            case NO_SUCH_ITER -> "there is no such row iterator";
            case NO_SUCH_CONSOLE_TIMER -> "there is no such console timer";
            case NO_SUCH_BYTES -> "there is no such byte source or sink";
            case NO_SPACE -> "the byte sink has no room left";
            case StoreCode.WRONG_INDEX_ALGO -> "the index cannot answer range scans";
            case BUFFER_TOO_SMALL -> "the buffer is too small for the next rows";
            case StoreCode.UNIQUE_ALREADY_EXISTS -> "a row with this unique value exists already";
            case StoreCode.SCHEDULE_AT_DELAY_TOO_LONG -> "the scheduled time is too far ahead";
            case StoreCode.INDEX_NOT_UNIQUE -> "the index is not unique";
            case StoreCode.NO_SUCH_ROW -> "there is no row with this key";
            case StoreCode.AUTO_INC_OVERFLOW -> "the sequence has no value left";
            case WOULD_BLOCK_TRANSACTION -> "this is not possible while a transaction is open";
            case TRANSACTION_NOT_ANONYMOUS -> "the open transaction was not started by this procedure";
            case TRANSACTION_IS_READ_ONLY -> "the transaction only reads";
            case TRANSACTION_IS_MUT -> "the transaction writes";
            case HTTP_ERROR -> "the HTTP request failed";
            default -> "error " + errno;
        };
    }
}
