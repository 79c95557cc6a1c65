package io.pinion.actors.durability;

import com.typesafe.config.Config;
import io.pinion.actors.settings.ConfigReader;
import java.time.Duration;

/**
 * How commits reach the journal. Immutable.
 *
 * @param readJournalId of the read journal that belongs to the journal
 * @param writerDispatcher of those who write: the journal's own, where it has one for them
 * @param eventBytesMax 4 KiB to 64 MiB
 * @param transactionBytesMax at least {@code eventBytesMax}
 * @param bytesInFlightMax commits and answers that wait for the journal
 * @param writeTimeout after which a write that is not answered has failed, at least 10 ms
 * @param settleTimeout how long a database keeps its memory while it is not known what became of a write
 * @param requests outcomes that are kept for callers that repeat a call
 * @param isJournalShared whether other nodes reach the journal, so that what wrote nothing needs a barrier
 * @param recoveriesMax logs that are read at a time, 1 to 1,000
 * @param lookAheadEvents of one log that are decoded ahead of the one that is applied, 1 to 1,000
 * @param progressInterval between log lines of a recovery, at least 1 ms
 */
public record DurabilitySettings(
        String journalPluginId,
        String readJournalId,
        String writerDispatcher,
        int eventBytesMax,
        int transactionBytesMax,
        int bytesInFlightMax,
        Duration restartBackoffMin,
        Duration restartBackoffMax,
        Duration writeTimeout,
        Duration settleTimeout,
        RequestSettings requests,
        boolean isJournalShared,
        int recoveriesMax,
        int lookAheadEvents,
        Duration progressInterval) {
    private static final int KIB = 1 << 10;
    private static final int MIB = 1 << 20;

    /** @param config of the actor system */
    public static DurabilitySettings of(Config config) {
        ConfigReader section = ConfigReader.at(config, "pinion.durability");
        int eventBytesMax = section.bytes("event-bytes-max", 4 * KIB, 64 * MIB);
        Duration backoffMin = section.duration("restart-backoff-min", Duration.ofMillis(1), Duration.ofHours(1));
        return new DurabilitySettings(
                section.text("journal-plugin-id"),
                section.text("read-journal-id"),
                writerDispatcher(config, section.text("journal-plugin-id")),
                eventBytesMax,
                section.bytes("transaction-bytes-max", eventBytesMax, 1024 * MIB),
                section.bytes("bytes-in-flight-max", 4 * KIB, Integer.MAX_VALUE),
                backoffMin,
                section.duration("restart-backoff-max", backoffMin, Duration.ofDays(1)),
                section.duration("write-timeout", Duration.ofMillis(10), Duration.ofHours(1)),
                section.duration("settle-timeout", Duration.ZERO, Duration.ofHours(1)),
                RequestSettings.of(section.section("requests")),
                JournalRule.isShared(config),
                section.integer("recoveries-max", 1, 1000),
                section.integer("look-ahead-events", 1, 1000),
                section.duration("progress-interval", Duration.ofMillis(1), Duration.ofDays(1)));
    }

    private static String writerDispatcher(Config config, String journalPluginId) {
        String path = journalPluginId + ".writer-dispatcher";
        return config.hasPath(path) ? config.getString(path) : DurabilityActor.DISPATCHER;
    }
}
