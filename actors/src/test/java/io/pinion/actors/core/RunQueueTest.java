package io.pinion.actors.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The run queue with turns that take what they are told to. */
class RunQueueTest {
    private static final long SLICE_NANOS = 5_000_000;
    private static final long MICROS = 1_000;

    private final Inbox inbox = new Inbox(0);
    private final RunQueue queue = new RunQueue(inbox, SLICE_NANOS);
    private final Map<Binding, Long> ranNanos = new HashMap<>();
    private long nowNanos = 1;

    private Binding binding(int weight) {
        return new Binding(inbox, weight);
    }

    private static void saturate(Binding... bindings) {
        for (Binding binding : bindings) {
            for (int turn = 0; turn < 200_000; turn++) {
                binding.execute(() -> {});
            }
        }
    }

    /** Runs the next turn, as a worker does. */
    private Binding runNext(TurnLength length) {
        queue.drain();
        Ticket ticket = queue.next(nowNanos);
        assertNotNull(ticket);
        Binding binding = ticket.binding();
        assertTrue(binding.claim(ticket.number()));
        assertNotNull(binding.poll());
        long nanos = length.nanos(binding);
        nowNanos += nanos;
        ranNanos.merge(binding, nanos, Long::sum);
        queue.charge(ticket, nanos);
        binding.saveAccount(ticket, inbox);
        if (binding.release(ticket, nowNanos)) {
            queue.again(ticket);
        }
        return binding;
    }

    private interface TurnLength {
        long nanos(Binding binding);
    }

    private double share(Binding binding) {
        long all = ranNanos.values().stream().mapToLong(Long::longValue).sum();
        return (double) ranNanos.getOrDefault(binding, 0L) / all;
    }

    private void runFor(long nanos, TurnLength length) {
        long end = nowNanos + nanos;
        while (nowNanos < end) {
            runNext(length);
        }
    }

    @Test
    void whoeverArrivesFirstRunsFirst() {
        Binding first = binding(100);
        Binding second = binding(100);
        first.execute(() -> {});
        second.execute(() -> {});

        assertSame(first, runNext(_ -> MICROS));
        assertSame(second, runNext(_ -> MICROS));
        assertNull(queue.next(nowNanos));
    }

    @Test
    void runTimeFollowsTheWeightsWhateverTheTurnsTake() {
        long seed = System.nanoTime();
        System.err.println("runTimeFollowsTheWeightsWhateverTheTurnsTake seed=" + seed);
        Random random = new Random(seed);
        Binding one = binding(100);
        Binding two = binding(200);
        Binding four = binding(400);
        saturate(one, two, four);

        runFor(
                1_000_000_000,
                binding -> MICROS * (binding == one ? 20 + random.nextInt(4900) : 20 + random.nextInt(500)));

        assertEquals(1 / 7.0, share(one), 0.1 / 7);
        assertEquals(2 / 7.0, share(two), 0.2 / 7);
        assertEquals(4 / 7.0, share(four), 0.4 / 7);
    }

    /** It never waits in the queue with more than one turn; its debts are kept while it is away. */
    @Test
    void whoComesBackAfterEachTurnGetsNoMoreThanItsShare() {
        Binding synchronous = binding(100);
        Binding saturated = binding(100);
        saturate(saturated);

        long end = nowNanos + 1_000_000_000;
        int awayTurns = 0;
        while (nowNanos < end) {
            if (awayTurns == 0) {
                synchronous.execute(() -> {});
            }
            awayTurns = runNext(binding -> MICROS * (binding == synchronous ? 900 : 100)) == synchronous ? 1 : 0;
        }

        assertEquals(0.5, share(synchronous), 0.05);
    }

    @Test
    void whoIsQuietRunsBeforeThoseWhoAreNot() {
        List<Binding> busy = new ArrayList<>();
        for (int count = 0; count < 20; count++) {
            busy.add(binding(100));
        }
        saturate(busy.toArray(Binding[]::new));
        runFor(100_000_000, _ -> MICROS * 500);
        Binding quiet = binding(100);

        for (int time = 0; time < 100; time++) {
            quiet.execute(() -> {});
            assertSame(quiet, runNext(_ -> MICROS * 10));
            runFor(20_000_000, _ -> MICROS * 500);
        }
    }

    @Test
    void nobodyStarvesBesideTheGreatestWeights() {
        Binding smallest = binding(Binding.WEIGHT_MIN);
        Binding[] greatest = new Binding[10];
        for (int index = 0; index < greatest.length; index++) {
            greatest[index] = binding(Binding.WEIGHT_MAX);
        }
        saturate(smallest);
        saturate(greatest);
        long turnNanos = 4_000 * MICROS;
        long roundNanos = greatest.length * (RunQueue.NANOS_PER_WEIGHT * Binding.WEIGHT_MAX + turnNanos);
        long boundNanos = RunQueue.PATIENCE_NANOS + roundNanos;

        long lastNanos = nowNanos;
        long longestNanos = 0;
        int turns = 0;
        while (turns < 20) {
            if (runNext(_ -> turnNanos) == smallest) {
                longestNanos = Math.max(longestNanos, nowNanos - turnNanos - lastNanos);
                lastNanos = nowNanos;
                turns++;
            }
        }

        assertTrue(longestNanos <= boundNanos, longestNanos + " ns are more than " + boundNanos);
    }

    @Test
    void aDebtIsCapped() {
        Binding greedy = binding(100);
        Binding other = binding(100);
        saturate(greedy, other);
        while (runNext(binding -> binding == greedy ? 60_000_000_000L : MICROS) != greedy) {}

        long waitedFrom = nowNanos;
        while (runNext(_ -> 100 * MICROS) != greedy) {}

        long waited = nowNanos - waitedFrom;
        assertTrue(waited <= queue.debtMaxNanos() + SLICE_NANOS, waited + " ns for a debt of 60 s");
        assertTrue(waited >= queue.debtMaxNanos() - SLICE_NANOS, waited + " ns for a debt of 60 s");
    }

    /** Nobody else waits: a debt costs neither time nor many steps. */
    @Test
    void whoIsAloneRunsWhateverItOwes() {
        Binding alone = binding(Binding.WEIGHT_MIN);
        saturate(alone);

        for (int turn = 0; turn < 100_000; turn++) {
            assertSame(alone, runNext(_ -> 1_000_000_000L));
        }
    }

    @Test
    void aTicketThatHasBecomeStaleIsDroppedWhereverItStands() {
        Inbox elsewhere = new Inbox(1);
        Binding moved = binding(100);
        Binding stays = binding(100);
        moved.execute(() -> {});
        stays.execute(() -> {});
        queue.drain();
        moved.rebind(elsewhere);
        Ticket second = elsewhere.takeAll();
        assertNotNull(second);
        assertTrue(moved.claim(second.number()));

        assertSame(stays, runNext(_ -> MICROS));
        assertNull(queue.next(nowNanos));
    }

    @Test
    void aDebtGoesAlongToAnotherCore() {
        Inbox elsewhere = new Inbox(1);
        RunQueue other = new RunQueue(elsewhere, SLICE_NANOS);
        Binding moved = binding(100);
        Binding resident = new Binding(elsewhere, 100);
        moved.execute(() -> {});
        runNext(_ -> 3_000 * MICROS);
        moved.rebind(elsewhere);
        moved.execute(() -> {});
        resident.execute(() -> {});
        other.drain();

        Ticket first = other.next(nowNanos);

        assertNotNull(first);
        assertSame(resident, first.binding());
    }
}
