package io.pinion.modules.wasm;

import io.pinion.modules.host.HostTrap;
import io.pinion.store.value.BsatnWriter;
import io.pinion.store.value.Bytes;
import java.util.Arrays;

/** What the guest writes through handles during one call: its result or error. Handles count up from 1. */
final class BytesSinks {
    /** The ABI knows no limit; a guest that writes this much is after the host's memory. */
    private static final int SINK_BYTES_MAX = 256 << 20;

    private static final int KEPT_BYTES_MAX = 64 * 1024;

    private BsatnWriter[] writers = {new BsatnWriter(64)};
    private int count;

    int open() {
        if (count == writers.length) {
            writers = Arrays.copyOf(writers, count << 1);
            Arrays.setAll(writers, i -> i < count ? writers[i] : new BsatnWriter(64));
        }
        writers[count].reset();
        return ++count;
    }

    boolean isOpen(int handle) {
        return handle > 0 && handle <= count;
    }

    void write(int handle, byte[] source, int offset, int length) {
        BsatnWriter writer = writers[handle - 1];
        if (length > SINK_BYTES_MAX - writer.length()) {
            throw new HostTrap("more than " + SINK_BYTES_MAX + " bytes were written to one byte sink");
        }
        writer.writeRaw(source, offset, length);
    }

    boolean isEmpty(int handle) {
        return writers[handle - 1].length() == 0;
    }

    Bytes bytes(int handle) {
        return writers[handle - 1].toBytes();
    }

    void reset() {
        for (int i = 0; i < count; i++) {
            if (writers[i].buffer().length > KEPT_BYTES_MAX) {
                writers[i] = new BsatnWriter(64);
            }
        }
        count = 0;
    }
}
