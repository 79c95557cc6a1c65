package io.pinion.balancer.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.ConfigFactory;
import io.pinion.balancer.BalancerSettings;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The figures of docs/balancer.md come from {@code ./pinion bench simulate}; here the same with bounds. */
class SimulationTest {
    private static final BalancerSettings SETTINGS = BalancerSettings.of(ConfigFactory.load());
    private static final int ALL = Integer.MAX_VALUE;
    private static final long SEED = 1;

    private static void requireBalance(Scenario scenario) {
        Simulation.Result result = Simulation.run(scenario, SETTINGS);

        String what = scenario + ": " + result;
        double tolerance = SETTINGS.rebind().imbalance() + SETTINGS.relocate().imbalance();
        assertTrue(result.busiest() <= result.lowerBound() + tolerance, what);
        assertTrue(result.coreGap() <= 1.2 * SETTINGS.rebind().imbalance(), what);
        assertTrue(result.nodeGap() <= 1.2 * SETTINGS.relocate().imbalance(), what);
        assertTrue(result.movesPerDatabase() <= 0.5, what);
        if (scenario.trace() != Trace.DIURNAL) {
            assertTrue(result.secondsToBalance() <= 120, what);
        }
    }

    @ParameterizedTest
    @EnumSource(Trace.class)
    void threeNodesComeToRestBalanced(Trace trace) {
        requireBalance(new Scenario(trace, 3, 4, 500, 0.6, ALL, 600, SEED));
    }

    @ParameterizedTest
    @EnumSource(Trace.class)
    void eightNodesComeToRestBalancedThoughReportsNameFew(Trace trace) {
        requireBalance(new Scenario(trace, 8, 16, 3000, 0.6, 256, 600, SEED));
    }

    @ParameterizedTest
    @CsvSource({"UNIFORM, 7", "ZIPF, 7", "GIANT, 7", "FLASH_CROWD, 7"})
    void oneNodeOfTwoCoresComesToRestBalanced(Trace trace, long seed) {
        requireBalance(new Scenario(trace, 1, 2, 40, 0.6, ALL, 300, seed));
    }

    @Test
    void whereMoreIsAskedForThanThereIsNothingGoesToAndFro() {
        for (long seed = 0; seed < 20; seed++) {
            Scenario scenario = new Scenario(Trace.FLASH_CROWD, 1, 2, 40, 1, ALL, 1800, seed);

            Simulation.Result result = Simulation.run(scenario, SETTINGS);

            assertTrue(result.movesPerDatabase() <= 3, scenario + ": " + result);
        }
    }

    @Test
    void theSameSeedGivesTheSameFigures() {
        Scenario scenario = new Scenario(Trace.DIURNAL, 4, 8, 800, 0.7, 128, 300, 42);

        Simulation.Result first = Simulation.run(scenario, SETTINGS);
        Simulation.Result second = Simulation.run(scenario, SETTINGS);

        assertEquals(first.busiest(), second.busiest());
        assertEquals(first.rebinds(), second.rebinds());
        assertEquals(first.relocations(), second.relocations());
    }

    @Test
    void aHundredThousandDatabasesOnAThousandCoresAreBalanced() {
        requireBalance(new Scenario(Trace.ZIPF, 16, 64, 100_000, 0.6, ALL, 180, SEED));
    }

    @Tag("slow")
    @ParameterizedTest
    @EnumSource(Trace.class)
    void aMillionDatabasesOnFourThousandCoresAreBalanced(Trace trace) {
        requireBalance(new Scenario(trace, 64, 64, 1_000_000, 0.6, ALL, 240, SEED));
    }
}
