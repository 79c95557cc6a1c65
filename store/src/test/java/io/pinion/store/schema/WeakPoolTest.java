package io.pinion.store.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.ref.Reference;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class WeakPoolTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final WeakPool<String, Object> pool = new WeakPool<>();

    @Test
    void theFirstValueOfAKeyIsEverybodys() {
        Object first = new Object();

        try {
            assertNull(pool.find("a"));
            assertSame(first, pool.share("a", first));
            assertSame(first, pool.share("a", new Object()));
            assertSame(first, pool.find("a"));
            assertNull(pool.find("b"));
        } finally {
            Reference.reachabilityFence(first);
        }
    }

    @Test
    void aValueThatNobodyHoldsMakesRoomForTheNext() {
        Object kept = new Object();
        pool.share("kept", kept);
        pool.share("gone", new Object());

        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (pool.find("gone") != null) {
            assertTrue(System.nanoTime() < deadline, "not within " + PATIENCE);
            System.gc();
            Thread.onSpinWait();
        }

        Object next = new Object();
        try {
            assertSame(next, pool.share("gone", next));
            assertNotNull(pool.find("kept"));
            assertEquals(kept, pool.find("kept"));
        } finally {
            Reference.reachabilityFence(next);
        }
    }
}
