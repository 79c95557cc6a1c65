package io.pinion.store.query;

/** SQL text that cannot be run: the message names what is wrong and where. */
public final class SqlException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int position;

    /** @param position index of the offending character in the text, from 0 */
    public SqlException(String message, int position) {
        super(message + ", at position " + (position + 1));
        this.position = position;
    }

    /** Index of the offending character in the text, from 0; the message counts from 1. */
    public int position() {
        return position;
    }
}
