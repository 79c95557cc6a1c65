package io.pinion.store.tx;

/** Is told what is read through an {@link ObservedTransaction}, before it is read. */
public interface ReadObserver {
    /** All of a table: its rows, their number, or a range of them that is no single key. Also of the system. */
    void table(int tableId);

    /**
     * The rows of a table with one key, whether there are any or not.
     *
     * @param bytes BSATN of the index's columns back to back; valid during the call
     */
    void point(int tableId, int indexId, byte[] bytes, int offset, int length);
}
