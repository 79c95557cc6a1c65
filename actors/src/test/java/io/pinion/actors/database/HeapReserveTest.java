package io.pinion.actors.database;

import static io.pinion.actors.database.ChildJvm.say;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** In a JVM of its own, as its heap is filled. */
class HeapReserveTest {
    @TempDir
    private Path directory;

    @Test
    void itIsLetGoBeforeAnybodyRunsOutOfMemoryAndNotWhileCollectionsHelp() throws Exception {
        try (ChildJvm child = ChildJvm.start(directory, 128, Filler.class)) {
            Map<String, String> said = child.finish();

            assertEquals("0", said.get("lost-to-garbage"));
            assertEquals("1", said.get("lost-to-need"));
            assertEquals("0", said.get("bytes-when-lost"));
            assertEquals("true", said.get("refilled"));
            assertEquals(Integer.toString(8 << 20), said.get("bytes-when-refilled"));
        }
    }

    /** Fills the heap with garbage, then with what it keeps; an OutOfMemoryError ends it badly. */
    static final class Filler {
        private static final int PIECE_BYTES = 50_000;
        private static final int GARBAGE_PIECES = 20_000;

        private Filler() {}

        public static void main(String[] arguments) {
            HeapReserve reserve = new HeapReserve(Runtime.getRuntime().maxMemory());
            long garbage = 0;
            for (int i = 0; i < GARBAGE_PIECES; i++) {
                garbage += new byte[PIECE_BYTES].length;
                reserve.look();
            }
            say("garbage", garbage);
            say("lost-to-garbage", reserve.look());

            List<byte[]> kept = new ArrayList<>();
            while (reserve.look() == 0) {
                kept.add(new byte[PIECE_BYTES]);
            }
            long lost = reserve.look();
            long bytes = reserve.bytes();
            say("kept", kept.size());
            kept.clear();

            say("lost-to-need", lost);
            say("bytes-when-lost", bytes);
            say("refilled", reserve.refill());
            say("bytes-when-refilled", reserve.bytes());
        }
    }
}
