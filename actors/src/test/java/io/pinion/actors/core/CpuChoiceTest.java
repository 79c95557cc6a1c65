package io.pinion.actors.core;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CpuChoiceTest {
    private static Config config(String reserve, int minimum) {
        return ConfigFactory.parseString("pinion.cores { reserve = " + reserve + ", minimum = " + minimum + " }")
                .withFallback(ConfigFactory.defaultReference());
    }

    private static CpuSupply supply(String allowed, @Nullable Double quota) {
        return new CpuSupply(CpuMask.parse(allowed), quota == null ? OptionalDouble.empty() : OptionalDouble.of(quota));
    }

    private static CpuChoice choice(String reserve, int minimum, String allowed, @Nullable Double quota) {
        return CpuChoice.of(CoreSettings.of(config(reserve, minimum)), supply(allowed, quota));
    }

    @ParameterizedTest(name = "{0} of {2} with quota {3} and minimum {1} reserves {4}")
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
                    auto      | 4 | 0-3          | -    | 2-3          | 0-1
                    auto      | 4 | 0-4          | -    | 3-4          | 0-2
                    auto      | 1 | 0-1          | -    | 1            | 0
                    auto      | 1 | 0-2          | -    | 2            | 0-1
                    auto      | 4 | 8-15         | -    | 12-15        | 8-11
                    auto      | 4 | 0,2,4,6      | -    | 4,6          | 0,2
                    auto      | 4 | 0-63         | -    | 32-63        | 0-31
                    auto      | 4 | 1020-1027    | -    | 1024-1027    | 1020-1023
                    1         | 4 | 0-7          | -    | 7            | 0-6
                    7         | 4 | 0-7          | -    | 1-7          | 0
                    "3"       | 4 | 0-7          | -    | 5-7          | 0-4
                    "50%"     | 4 | 0-7          | -    | 4-7          | 0-3
                    50%       | 4 | 0-7          | -    | 4-7          | 0-3
                    "30 %"    | 4 | 0-7          | -    | 6-7          | 0-5
                    "1%"      | 4 | 0-7          | -    | 7            | 0-6
                    "99%"     | 4 | 0-7          | -    | 1-7          | 0
                    "12.5%"   | 4 | 0-15         | -    | 14-15        | 0-13
                    [2,3]     | 4 | 0-7          | -    | 2-3          | 0-1,4-7
                    [3,2,2]   | 4 | 0-7          | -    | 2-3          | 0-1,4-7
                    ["2-4",7] | 4 | 0-7          | -    | 2-4,7        | 0-1,5-6
                    [0]       | 1 | 0-1          | -    | 0            | 1
                    auto      | 3 | 0-63         | 3    | 63           | 0-62
                    auto      | 4 | 0-63         | 8    | 60-63        | 0-59
                    auto      | 4 | 0-63         | 9.9  | 60-63        | 0-59
                    2         | 3 | 0-63         | 3    | 62-63        | 0-61
                    "50%"     | 4 | 0-63         | 6.5  | 61-63        | 0-60
                    [5]       | 2 | 0-63         | 2    | 5            | 0-4,6-63
                    auto      | 4 | 0-7          | 100  | 4-7          | 0-3
                    """)
    void cpusAreChosenFromWhatMayBeUsed(
            String reserve, int minimum, String allowed, @Nullable Double quota, String reserved, String rest) {
        CpuChoice choice = choice(reserve, minimum, allowed, quota);

        assertEquals(CpuMask.parse(reserved), choice.reserved());
        assertEquals(CpuMask.parse(rest), choice.rest());
        assertEquals(choice.reserved().size(), choice.cores());
    }

    @ParameterizedTest(name = "{0} of {2} with quota {3} and minimum {1} gives {4} unpinned")
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
                    auto  | 4 | 0-1  | -    | 1 | 2 CPUs (0-1) and pinion.cores.minimum is 4
                    auto  | 4 | 0-2  | -    | 1 | 3 CPUs (0-2) and pinion.cores.minimum is 4
                    auto  | 4 | 0    | -    | 1 | 1 CPU (0) and pinion.cores.minimum is 4
                    auto  | 1 | 5    | -    | 1 | 1 CPU (5), which the rest of the node needs
                    1     | 1 | 0    | -    | 1 | 1 CPU (0), which the rest of the node needs
                    8     | 4 | 0-1  | -    | 8 | minimum is 4
                    "50%" | 4 | 0-2  | -    | 1 | minimum is 4
                    [0,1] | 4 | 0-1  | -    | 2 | minimum is 4
                    auto  | 4 | 0-63 | 3    | 1 | 3 of 64 CPUs (0-63; quota 3.0) and pinion.cores.minimum is 4
                    auto  | 1 | 0-63 | 0.25 | 1 | 1 of 64 CPUs (0-63; quota 0.25), which the rest of the node needs
                    auto  | 2 | 0-63 | 1.9  | 1 | quota 1.9
                    """)
    void withTooLittleToShareCoresAreAsManyButUnpinned(
            String reserve, int minimum, String allowed, @Nullable Double quota, int cores, String reason) {
        CpuChoice choice = choice(reserve, minimum, allowed, quota);

        assertEquals(CpuMask.NONE, choice.reserved());
        assertEquals(CpuMask.parse(allowed), choice.rest());
        assertEquals(cores, choice.cores());
        assertTrue(choice.reason().contains(reason), choice.reason());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0",
                "-1",
                "1025",
                "1.5",
                "half",
                "\"\"",
                "\"0%\"",
                "\"100%\"",
                "\"120%\"",
                "\"-5%\"",
                "\"%\"",
                "[]",
                "[0.5]",
                "[-1]",
                "[a]",
                "[99999]",
                "true",
                "{a=1}",
                "\"2-3\""
            })
    void whatIsNoReservationIsRefusedWithTheKeyAndWhatIsAllowed(String reserve) {
        ConfigException e = assertThrows(ConfigException.class, () -> CoreSettings.of(config(reserve, 4)), reserve);

        assertMentions(e, "pinion.cores.reserve", "auto, a count from 1 to 1024", "\"50%\"", "list of CPUs");
    }

    @Test
    void aReservationThatIsNotSetIsRefusedWithItsKey() {
        ConfigException e = assertThrows(ConfigException.class, () -> CoreSettings.of(config("null", 4)));

        assertMentions(e, "pinion.cores.reserve");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
                    4        | 4 | 0-3  | - | at most 3 can be reserved
                    9        | 4 | 0-3  | - | at most 3 can be reserved
                    [0,1]    | 1 | 0-1  | - | at most 1 can be reserved
                    2        | 1 | 0-1  | - | at most 1 can be reserved
                    3        | 3 | 0-63 | 3 | at most 2 can be reserved
                    [7,8,9]  | 3 | 0-63 | 3 | at most 2 can be reserved
                    [2,8]    | 4 | 0-7  | - | CPUs that this process may not use: 8; it may use 0-7
                    [2]      | 4 | 0-1  | - | CPUs that this process may not use: 2; it may use 0-1
                    """)
    void whatTheMachineDoesNotHaveIsRefusedWithTheKeyAndWhatItHas(
            String reserve, int minimum, String allowed, @Nullable Double quota, String problem) {
        ConfigException e = assertThrows(ConfigException.class, () -> choice(reserve, minimum, allowed, quota));

        assertMentions(e, "pinion.cores.reserve", problem);
    }

    @Test
    void theDefaultsAreThoseOfTheDocumentation() {
        CoreSettings settings = CoreSettings.of(ConfigFactory.defaultReference());

        assertEquals(Reserve.Auto.INSTANCE, settings.reserve());
        assertEquals(4, settings.minimum());
        assertEquals(16 << 20, settings.stackBytes());
        assertEquals(0, settings.spin().toNanos());
        assertEquals(1000, settings.sweepInterval().toMillis());
        assertEquals(100, settings.defaultWeight());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"minimum = 0", "stack-size = 1 KiB", "spin = 1 s", "sweep-interval = 1 ms", "default-weight = 0"
            })
    void aSettingOutOfItsRangeIsRefusedWithItsKey(String setting) {
        Config config =
                ConfigFactory.parseString("pinion.cores." + setting).withFallback(ConfigFactory.defaultReference());

        ConfigException e = assertThrows(ConfigException.class, () -> CoreSettings.of(config));

        assertMentions(e, "pinion.cores." + setting.substring(0, setting.indexOf(' ')), "has to lie between");
    }

    private static void assertMentions(ConfigException e, String... parts) {
        for (String part : parts) {
            assertTrue(String.valueOf(e.getMessage()).contains(part), part + " in: " + e.getMessage());
        }
    }
}
