package io.pinion.actors.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.pinion.store.value.Identity;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class NameCacheTest {
    private static final Identity BANK = new Identity(1, 2, 3, 4);

    private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5);
    private final NameCache cache = new NameCache(Duration.ofSeconds(60), nanos::get);

    @Test
    void aNameIsKnownForItsTimeAndNoLonger() {
        cache.put("bank", BANK);

        nanos.addAndGet(TimeUnit.SECONDS.toNanos(60) - 1);
        assertEquals(Optional.of(BANK), cache.find("bank"));

        nanos.incrementAndGet();
        assertEquals(Optional.empty(), cache.find("bank"));
        assertEquals(Optional.empty(), cache.find("other"));
    }

    @Test
    void itsSizeIsBounded() {
        for (int i = 0; i < 100_001; i++) {
            cache.put("name-" + i, BANK);
        }

        assertEquals(Optional.of(BANK), cache.find("name-100000"));
        assertEquals(Optional.empty(), cache.find("name-0"));
    }
}
