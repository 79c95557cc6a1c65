package io.pinion.actors.durability;

import io.pinion.actors.settings.ConfigReader;
import java.time.Duration;

/**
 * How commits reach the journal. Immutable.
 *
 * @param eventBytesMax 4 KiB to 64 MiB
 * @param transactionBytesMax at least {@code eventBytesMax}
 * @param bytesInFlightMax commits and answers that wait for the journal
 */
public record DurabilitySettings(
        String journalPluginId,
        int eventBytesMax,
        int transactionBytesMax,
        int bytesInFlightMax,
        Duration restartBackoffMin,
        Duration restartBackoffMax) {
    private static final int KIB = 1 << 10;
    private static final int MIB = 1 << 20;

    public static DurabilitySettings of(ConfigReader section) {
        int eventBytesMax = section.bytes("event-bytes-max", 4 * KIB, 64 * MIB);
        Duration backoffMin = section.duration("restart-backoff-min", Duration.ofMillis(1), Duration.ofHours(1));
        return new DurabilitySettings(
                section.text("journal-plugin-id"),
                eventBytesMax,
                section.bytes("transaction-bytes-max", eventBytesMax, 1024 * MIB),
                section.bytes("bytes-in-flight-max", 4 * KIB, Integer.MAX_VALUE),
                backoffMin,
                section.duration("restart-backoff-max", backoffMin, Duration.ofDays(1)));
    }
}
