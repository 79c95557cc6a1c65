package io.pinion.actors.durability;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class OutboxTest {
    private final List<String> seen = new ArrayList<>();

    private final class Noted extends Pending {
        Noted(long offset, int bytes) {
            super(offset, null, bytes);
        }

        @Override
        protected void release() {
            seen.add("released " + offset());
        }

        @Override
        protected void lose() {
            seen.add("lost " + offset());
        }
    }

    @Test
    void whatWasTakenIsReleasedAndTheRestIsLostInOrder() {
        Outbox outbox = new Outbox(1 << 20, () -> {});
        for (int i = 1; i <= 4; i++) {
            outbox.append(new Noted(i, 0));
        }

        outbox.take();
        outbox.take();
        outbox.releaseTaken();
        outbox.take();
        outbox.loseAll();

        assertEquals(List.of("released 1", "released 2", "lost 3", "lost 4"), seen);
        assertTrue(outbox.isSettled());
        assertNull(outbox.take());
    }

    @Test
    void itIsFullUntilWhatWaitsIsReleased() {
        Outbox outbox = new Outbox(1000, () -> {});

        outbox.append(new Noted(1, 5000));
        assertTrue(outbox.isFull());

        outbox.take();
        outbox.releaseTaken();
        assertFalse(outbox.isFull());
    }

    @Test
    void noWakeUpIsLost() throws InterruptedException {
        int count = 200_000;
        Semaphore wakeUps = new Semaphore(0);
        Outbox outbox = new Outbox(1 << 30, wakeUps::release);
        Thread child = Thread.ofPlatform().start(() -> {
            while (seen.size() < count) {
                wakeUps.acquireUninterruptibly();
                do {
                    while (outbox.take() != null) {}
                    outbox.releaseTaken();
                } while (!outbox.sleep());
            }
        });

        for (int i = 0; i < count; i++) {
            outbox.append(new Noted(i, 0));
        }
        child.join(TimeUnit.SECONDS.toMillis(60));

        assertFalse(child.isAlive());
        assertEquals(count, seen.size());
        assertEquals("released " + (count - 1), seen.getLast());
    }
}
