package io.pinion.modules.host;

import io.pinion.store.tx.RowSink;
import java.util.Arrays;

/**
 * The rows of one scan, copied while it runs, in chunks: a chunk is closed once it is larger than 32 KiB after a whole
 * row. The guest is given whole chunks only. Hot path: no allocation per scan of up to a chunk once warm.
 */
final class RowIterator implements RowSink {
    private static final int CHUNK_BYTES = 32 * 1024;
    /** A chunk array up to this size is kept for the next scan. */
    private static final int KEPT_BYTES_MAX = 2 * CHUNK_BYTES;

    private static final int STOP_CHECK_ROWS = 1024;
    private static final byte[] NO_BYTES = new byte[0];

    private byte[][] chunks = {new byte[256]};
    private int[] lengths = new int[1];
    /** Chunks with rows; the last of them is open until it is full. */
    private int chunkCount;

    private int nextChunk;
    private int rowCount;
    private StopCheck stopCheck = StopCheck.NEVER;

    /** Throws if the call that scans has been asked to stop. */
    @FunctionalInterface
    interface StopCheck {
        StopCheck NEVER = () -> {};

        void check();
    }

    void stopCheck(StopCheck check) {
        stopCheck = check;
    }

    @Override
    public void row(byte[] bytes, int offset, int length) {
        if ((++rowCount & (STOP_CHECK_ROWS - 1)) == 0) {
            stopCheck.check();
        }
        if (chunkCount == 0 || lengths[chunkCount - 1] > CHUNK_BYTES) {
            beginChunk();
        }
        int last = chunkCount - 1;
        int at = lengths[last];
        int end = Math.addExact(at, length);
        byte[] chunk = chunks[last];
        if (end > chunk.length) {
            chunk = Arrays.copyOf(chunk, Math.max(end, Math.min(chunk.length << 1, KEPT_BYTES_MAX)));
            chunks[last] = chunk;
        }
        System.arraycopy(bytes, offset, chunk, at, length);
        lengths[last] = end;
    }

    private void beginChunk() {
        if (chunkCount == chunks.length) {
            chunks = Arrays.copyOf(chunks, chunkCount << 1);
            lengths = Arrays.copyOf(lengths, chunkCount << 1);
            Arrays.fill(chunks, chunkCount, chunks.length, NO_BYTES);
        }
        if (chunks[chunkCount].length == 0) {
            chunks[chunkCount] = new byte[CHUNK_BYTES + (CHUNK_BYTES >> 3)];
        }
        lengths[chunkCount++] = 0;
    }

    boolean isExhausted() {
        return nextChunk == chunkCount;
    }

    int nextChunkLength() {
        return isExhausted() ? 0 : lengths[nextChunk];
    }

    /** Copies as many whole chunks as fit; the number of bytes copied. */
    int copyChunks(byte[] target, int offset, int capacity) {
        int copied = 0;
        while (nextChunk < chunkCount && lengths[nextChunk] <= capacity - copied) {
            System.arraycopy(chunks[nextChunk], 0, target, offset + copied, lengths[nextChunk]);
            copied += lengths[nextChunk++];
        }
        return copied;
    }

    void reset() {
        if (chunks.length > 1) {
            chunks = new byte[][] {chunks[0]};
            lengths = new int[1];
        }
        if (chunks[0].length > KEPT_BYTES_MAX) {
            chunks[0] = new byte[CHUNK_BYTES];
        }
        chunkCount = 0;
        nextChunk = 0;
        rowCount = 0;
    }
}
