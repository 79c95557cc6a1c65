package io.pinion.store.tx;

/**
 * A range over an ordered index, as the module ABI describes it, over one array.
 *
 * <p>The first {@code prefixElements} index columns equal the values in {@code prefix} (plain BSATN back to back); the
 * next column lies between {@code start} and {@code end}, one BSATN bound each: tag 0 included, 1 excluded, 2 unbounded,
 * followed by the value for 0 and 1. Further columns are unconstrained. {@code start} and {@code end} may be the same
 * bytes. Mutable so that a host call can reuse one.
 */
public final class IndexRange {
    private byte[] bytes = new byte[0];
    private int prefixOffset;
    private int prefixLength;
    private int prefixElements;
    private int startOffset;
    private int startLength;
    private int endOffset;
    private int endLength;

    public IndexRange prefix(byte[] source, int elements, int offset, int length) {
        bytes = source;
        prefixElements = elements;
        prefixOffset = offset;
        prefixLength = length;
        return this;
    }

    public IndexRange start(int offset, int length) {
        startOffset = offset;
        startLength = length;
        return this;
    }

    public IndexRange end(int offset, int length) {
        endOffset = offset;
        endLength = length;
        return this;
    }

    public byte[] bytes() {
        return bytes;
    }

    public int prefixOffset() {
        return prefixOffset;
    }

    public int prefixLength() {
        return prefixLength;
    }

    public int prefixElements() {
        return prefixElements;
    }

    public int startOffset() {
        return startOffset;
    }

    public int startLength() {
        return startLength;
    }

    public int endOffset() {
        return endOffset;
    }

    public int endLength() {
        return endLength;
    }
}
