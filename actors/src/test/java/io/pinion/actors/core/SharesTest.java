package io.pinion.actors.core;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Shares as measured, on a real core. Hand-off is off: what the machine takes away from a turn is charged to it. */
class SharesTest {
    private static final FairnessSettings NO_HAND_OFF = new FairnessSettings(false, TestCores.SLICE, 64);
    private static final long MICROS = 1_000;

    private final AtomicBoolean isOver = new AtomicBoolean();

    /** Always runnable, in turns of so long. */
    private void saturate(Binding binding, long turnNanos) {
        binding.execute(new Runnable() {
            @Override
            public void run() {
                TestCores.spin(turnNanos);
                if (!isOver.get()) {
                    binding.execute(this);
                }
            }
        });
    }

    private static long busyNanos(Binding binding) {
        return binding.load("", RunningTurns.NONE).busyNanos();
    }

    /**
     * Waits until run time since now, a second of it at least, is within 10 % of the weights. A turn that the machine
     * suspends upsets it until the others have caught up.
     */
    private void awaitShares(List<Binding> bindings, int... weights) {
        long[] before = bindings.stream().mapToLong(SharesTest::busyNanos).toArray();
        TestCores.awaitUntil("run time follows the weights", () -> {
            double[] nanos = new double[weights.length];
            for (int index = 0; index < weights.length; index++) {
                nanos[index] = busyNanos(bindings.get(index)) - before[index];
            }
            double total = Arrays.stream(nanos).sum();
            double unit = total / Arrays.stream(weights).sum();
            return total > 1e9
                    && IntStream.range(0, weights.length)
                            .allMatch(index -> Math.abs(nanos[index] / unit / weights[index] - 1) <= 0.1);
        });
        isOver.set(true);
    }

    @Test
    void runTimeFollowsTheWeightsOverASecond() {
        try (TestCores cores = TestCores.start(1, NO_HAND_OFF)) {
            Binding one = cores.bind(0, 100);
            Binding two = cores.bind(0, 200);
            Binding four = cores.bind(0, 400);
            saturate(one, 300 * MICROS);
            saturate(two, 100 * MICROS);
            saturate(four, 50 * MICROS);

            awaitShares(List.of(one, two, four), 1, 2, 4);
        }
    }

    @Test
    void aWeightThatIsChangedCountsFromThenOn() {
        try (TestCores cores = TestCores.start(1, NO_HAND_OFF)) {
            Binding first = cores.bind(0);
            Binding second = cores.bind(0);
            saturate(first, 100 * MICROS);
            saturate(second, 100 * MICROS);
            TestCores.awaitUntil("both run", () -> busyNanos(first) > 0 && busyNanos(second) > 0);

            first.weight(900);
            awaitShares(List.of(first, second), 9, 1);
        }
    }

    @Test
    void nobodyStarvesBesideTheGreatestWeight() {
        try (TestCores cores = TestCores.start(1, NO_HAND_OFF)) {
            Binding greatest = cores.bind(0, Binding.WEIGHT_MAX);
            Binding smallest = cores.bind(0, Binding.WEIGHT_MIN);
            saturate(greatest, 100 * MICROS);
            saturate(smallest, 1_000 * MICROS);

            TestCores.awaitUntil(
                    "five turns of the smallest",
                    () -> smallest.load("", RunningTurns.NONE).turns() >= 5);
            isOver.set(true);

            assertTrue(busyNanos(greatest) > busyNanos(smallest));
        }
    }
}
