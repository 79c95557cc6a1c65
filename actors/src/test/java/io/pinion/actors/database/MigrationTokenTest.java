package io.pinion.actors.database;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.pinion.store.value.Bytes;
import io.pinion.store.value.Hashes;
import io.pinion.store.value.Identity;
import org.junit.jupiter.api.Test;

class MigrationTokenTest {
    @Test
    void theTokenIsTheHashOfDatabaseAndPrograms() {
        Identity database = Identity.parse("c200" + "ab".repeat(30));

        Bytes token = MigrationToken.of(database, Bytes.ofHex("11".repeat(32)), Bytes.ofHex("22".repeat(32)));

        assertEquals("25763926e61ff12aacf7d1eaeb810b21d4aa07d2d98bf70f1eff5f77acc35482", token.toHex());
        assertEquals("0x8254c3ac775fff1e0ff78bd9d207aad4210b81ebead1f7ac2af11fe626397625", Hashes.toJsonText(token));
    }
}
