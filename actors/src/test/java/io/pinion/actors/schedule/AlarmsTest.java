package io.pinion.actors.schedule;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AlarmsTest {
    private static final Duration NEVER = Duration.ofDays(1);
    private static final long DEADLINE_SECONDS = 60;

    private final Alarms alarms = Alarms.start();
    private final BlockingQueue<String> rung = new LinkedBlockingQueue<>();

    @AfterEach
    void close() {
        alarms.close();
    }

    private Alarm alarm(String name) {
        return alarms.alarm(() -> rung.add(name));
    }

    private String awaitRing() throws InterruptedException {
        return String.valueOf(rung.poll(DEADLINE_SECONDS, TimeUnit.SECONDS));
    }

    @Test
    void anAlarmRingsNotBeforeItsTimeAndAtBestWithinTwoMilliseconds() throws InterruptedException {
        BlockingQueue<Long> times = new LinkedBlockingQueue<>();
        Alarm alarm = alarms.alarm(() -> times.add(System.nanoTime()));
        long best = Long.MAX_VALUE;
        for (int i = 0; i < 50; i++) {
            long due = System.nanoTime() + TimeUnit.MICROSECONDS.toNanos(3_300);
            alarm.set(Duration.ofNanos(due - System.nanoTime()));

            Long rang = times.poll(DEADLINE_SECONDS, TimeUnit.SECONDS);

            assertTrue(rang != null && rang - due >= 0, "rang early or not at all");
            best = Math.min(best, rang - due);
        }
        assertTrue(best < TimeUnit.MILLISECONDS.toNanos(2), best + " ns late at best");
    }

    @Test
    void anAlarmThatIsSetAnewRingsOnceAndAtItsNewTime() throws InterruptedException {
        Alarm alarm = alarm("again");
        alarm.set(NEVER);
        alarm.set(Duration.ofMillis(1));

        assertEquals("again", awaitRing());
        assertTrue(rung.isEmpty());
        alarm.set(Duration.ofMillis(1));
        assertEquals("again", awaitRing());
    }

    @Test
    void alarmsRingInTheOrderOfTheirTimesAndThoseThatAreCancelledDoNot() throws InterruptedException {
        CountDownLatch isSet = new CountDownLatch(1);
        alarms.alarm(() -> awaitUninterruptibly(isSet)).set(Duration.ZERO);
        Alarm cancelled = alarm("cancelled");
        alarm("first").set(Duration.ofMillis(1));
        cancelled.set(Duration.ofMillis(2));
        alarm("last").set(Duration.ofMillis(3));
        cancelled.cancel();
        cancelled.cancel();
        isSet.countDown();

        assertEquals("first", awaitRing());
        assertEquals("last", awaitRing());
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            assertTrue(latch.await(DEADLINE_SECONDS, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void nothingIsWokenWhenTheyAreClosed() {
        Alarm alarm = alarm("late");
        alarm.set(Duration.ofMillis(1));
        alarms.close();
        rung.clear();

        alarm.set(Duration.ZERO);
        alarm.cancel();

        assertTrue(rung.isEmpty());
    }
}
