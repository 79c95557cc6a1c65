package io.pinion.store.tx;

/** Receives the rows of a scan, one call each, while the scan runs. The bytes are only valid during the call. */
@FunctionalInterface
public interface RowSink {
    void row(byte[] bytes, int offset, int length);
}
