package io.pinion.store.value;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TimestampsTest {
    @ParameterizedTest
    @CsvSource({
        "1970-01-01T00:00:00Z, 0",
        "2023-11-14T22:13:20.123456Z, 1700000000123456",
        "2023-11-14 22:13:20.1234569z, 1700000000123456",
        "2023-11-15t00:13:20.1+02:00, 1700000000100000",
        "2023-11-14T19:43:20-02:30, 1700000000000000",
        "1969-12-31T23:59:59.999999Z, -1",
        "0000-01-01T00:00:00Z, -62167219200000000"
    })
    void rfc3339TextIsRead(String text, long micros) {
        assertEquals(micros, Timestamps.parseMicros(text));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "0",
                "2023-11-14",
                "2023-11-14T22:13:20",
                "2023-02-30T00:00:00Z",
                "2023-11-14T24:00:00Z",
                "2023-11-14T22:13:20.Z",
                "2023-11-14T22:13Z",
                "2023-11-14T22:13:20+99:00",
                "12023-11-14T22:13:20Z"
            })
    void anythingElseIsRefused(String text) {
        assertThrows(IllegalArgumentException.class, () -> Timestamps.parseMicros(text));
    }

    @Test
    void textIsInUtcWithMicroseconds() {
        assertEquals("2023-11-14T22:13:20.123456Z", Timestamps.toText(1_700_000_000_123_456L));
        assertEquals("1969-12-31T23:59:59.999999Z", Timestamps.toText(-1));
    }
}
