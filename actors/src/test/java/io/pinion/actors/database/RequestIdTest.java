package io.pinion.actors.database;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.actors.database.Database.RequestId;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestIdTest {
    @Test
    void anIdIsTextAndBack() {
        RequestId id = RequestId.next();

        assertEquals(id, RequestId.parse(id.toString()));
        assertEquals(id, RequestId.parse(id.toString().toUpperCase(Locale.ROOT)));
        assertNotEquals(id, RequestId.next());
    }

    @Test
    void anIdTellsWhenItWasMade() {
        long before = System.currentTimeMillis();
        RequestId id = RequestId.next();

        assertTrue(id.epochMillis() >= before && id.epochMillis() <= System.currentTimeMillis(), id.toString());
        assertEquals(
                0x017F22E279B0L,
                RequestId.parse("017f22e2-79b0-7cc3-98c4-dc0c0c07398f").epochMillis());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "1-7-7-8-1",
                "00000000-0000-0000-0000-000000000000",
                "f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
                "9b2c5a44-0d0a-4d6e-9d5b-2f4f4c0c3c11",
                "017f22e2-79b0-7cc3-08c4-dc0c0c07398f",
                "017f22e2-79b0-7cc3-98c4-dc0c0c07398f0"
            })
    void onlyUuidsOfVersionSevenAreIds(String text) {
        IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, () -> RequestId.parse(text));

        assertTrue(String.valueOf(refused.getMessage()).contains(text), refused.getMessage());
    }
}
