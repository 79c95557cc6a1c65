package io.pinion.actors.snapshot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.actors.durability.CorruptEventException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BlockTest {
    private static final int EVENT_BYTES_MAX = 1000;

    private final List<byte[]> events = new ArrayList<>();
    private final BlockWriter writer = new BlockWriter(77, EVENT_BYTES_MAX, events::add);

    @Test
    void noChunkIsLargerThanAnEventMayBe() {
        long seed = System.nanoTime();
        System.err.println("seed " + seed);
        Random random = new Random(seed);
        writer.begin(5);
        for (int i = 0; i < 500; i++) {
            byte[] row = new byte[random.nextInt(i % 100 == 0 ? 5000 : 60)];
            writer.row(row, 0, row.length);
        }
        writer.end();

        events.forEach(event -> assertTrue(event.length <= EVENT_BYTES_MAX, event.length + " bytes"));
        assertEquals(500, writer.rowCount());
        long rows = 0;
        for (byte[] event : events) {
            BlockReader.Decoded decoded = BlockReader.Decoded.of(event);
            assertEquals(5, decoded.chunk().tableId());
            rows += decoded.rows() == null ? 0 : decoded.rows().count();
        }
        assertTrue(rows >= 495 && rows < 500, rows + " rows in blocks of one chunk");
    }

    @Test
    void everyDamageOfAChunkIsFound() {
        writer.begin(5);
        writer.row(new byte[100], 0, 100);
        writer.end();
        byte[] event = events.getFirst();

        for (int at = 0; at < event.length; at++) {
            byte[] damaged = event.clone();
            damaged[at] ^= 0x10;
            assertThrows(CorruptEventException.class, () -> ChunkCodec.read(damaged), "byte " + at);
        }
        for (int length = 0; length < event.length; length++) {
            byte[] torn = Arrays.copyOf(event, length);
            assertThrows(CorruptEventException.class, () -> ChunkCodec.read(torn), "length " + length);
        }
    }

    @Test
    void tablesDoNotShareABlock() {
        writer.begin(5);
        writer.row(new byte[8], 0, 8);
        writer.begin(6);
        writer.begin(7);
        writer.row(new byte[8], 0, 8);
        writer.end();

        assertEquals(
                List.of(5, 7),
                events.stream().map(event -> ChunkCodec.read(event).tableId()).toList());
    }
}
